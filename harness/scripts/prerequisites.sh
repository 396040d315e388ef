# What a Debian 12 machine needs, and how to get it. Sourced by tests/run.sh, tests/fresh_machine.sh and
# scenarios/demo.sh; it does nothing by itself.
# shellcheck shell=bash

# Enough to build the command.
COMMAND_PACKAGES=(g++ cmake ninja-build libfmt-dev nlohmann-json3-dev libutf8proc-dev libcli11-dev pkg-config)

# Everything the checks in tests/run.sh use.
ALL_PACKAGES=(
  "${COMMAND_PACKAGES[@]}"
  ccache clang libclang-rt-dev clang-format-14 clang-tidy-14 curl locales valgrind
  libgtest-dev libgmock-dev librapidcheck-dev
  python3 python3-jsonschema python3-prometheus-client libxml2-utils
  libsqlite3-dev libpq-dev libhiredis-dev postgresql redis-server nats-server
)

# What tests/portability/run.sh needs besides: the newest clang of Debian 12, with its own standard library.
# shellcheck disable=SC2034
PORTABILITY_PACKAGES=(clang-14 clang-19 libc++-19-dev libc++abi-19-dev)

# Whom tests/bench/compare.sh compares us with; node and npm may come from elsewhere.
comparison_packages() {
  [ -x /usr/bin/python3 ] && /usr/bin/python3 -c 'import hypothesis' 2>/dev/null || echo python3-hypothesis
  command -v node >/dev/null || echo nodejs
  command -v npm >/dev/null || echo npm
}

# What tests/bench/http.sh and tests/http/targets/run.sh need besides; node, npm, java and wrk may come from elsewhere.
http_comparison_packages() {
  command -v python3 >/dev/null || echo python3
  command -v node >/dev/null || echo nodejs
  command -v npm >/dev/null || echo npm
  command -v java >/dev/null || echo openjdk-17-jdk-headless
  command -v wrk >/dev/null || echo wrk
}

# What tests in other languages and in a browser need besides; node, npm and a browser may come from elsewhere.
browser_packages() {
  command -v node >/dev/null || echo nodejs
  command -v npm >/dev/null || echo npm
  command -v "${CHROMIUM:-chromium}" >/dev/null || echo chromium
}

# install_locked FOLDER INTO: the Node packages that FOLDER's package-lock.json names, into INTO/node_modules; nothing if
# they are there. The sources stay clean, and no package runs a script of its own.
install_locked() {
  mkdir -p "$2"
  if cmp -s "$1/package-lock.json" "$2/node_modules/.of-lock"; then
    return 0
  fi
  cp "$1/package.json" "$1/package-lock.json" "$2/"
  npm ci --prefix "$2" --ignore-scripts --no-audit --no-fund --silent
  cp "$1/package-lock.json" "$2/node_modules/.of-lock"
}

# as_root COMMAND...: runs it as root, whoever we are.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null 2>&1; then
    sudo "$@"
  else
    echo "error: this needs root (or sudo): $*" >&2
    return 1
  fi
}

# missing_packages PACKAGE...: prints those that are not installed.
missing_packages() {
  local package
  for package in "$@"; do
    if [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" != installed ]; then
      echo "$package"
    fi
  done
}

# install_missing PACKAGE...: installs what is not there yet; touches neither apt nor the network if nothing is missing.
install_missing() {
  local missing attempt
  mapfile -t missing < <(missing_packages "$@")
  if [ "${#missing[@]}" -eq 0 ]; then
    return 0
  fi
  echo "   installing: ${missing[*]}"
  for attempt in 1 2 3; do
    if as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update &&
      as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
        -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 install "${missing[@]}" >/dev/null; then
      return 0
    fi
    echo "   apt did not succeed (attempt ${attempt} of 3)" >&2
    sleep $((attempt * 5))
  done
  echo "error: could not install: ${missing[*]}" >&2
  return 1
}

# ensure_locale LANGUAGE: generates LANGUAGE.UTF-8 if it is not there.
ensure_locale() {
  local language=$1
  if locale -a 2>/dev/null | grep -qix "${language}\.utf-\?8"; then
    return 0
  fi
  echo "   generating locale ${language}.UTF-8"
  as_root localedef -i "$language" -f UTF-8 "${language}.UTF-8"
}

# prefer_python_itself: puts the folder of the interpreter that `python3` runs first in PATH. A version manager's shim takes half
# a second to find it, at each of a thousand starts.
prefer_python_itself() {
  local interpreter
  interpreter=$(python3 -c 'import sys; print(sys.executable)') || return 0
  case $interpreter in /*) export PATH=${interpreter%/*}:$PATH ;; esac
}
