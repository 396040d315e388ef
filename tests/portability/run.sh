#!/usr/bin/env bash
# Everything of ours parsed by compilers, a standard library and an fmt that no other check uses. Takes an hour of processor
# time. Debian 12 has the compilers; a newer fmt is in Debian's experimental.
#   run.sh [FMT-HEADERS]   FMT-HEADERS: a folder that holds fmt/format.h, instead of that one
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
# shellcheck source=harness/scripts/prerequisites.sh
. harness/scripts/prerequisites.sh

install_missing "${ALL_PACKAGES[@]}" "${PORTABILITY_PACKAGES[@]}"

# newer_fmt FOLDER: the newest fmt that Debian has, which is in experimental, into FOLDER/fmt. Nothing is installed, and the
# machine's own list of sources stays as it is.
newer_fmt() {
  [ ! -e "$1/fmt/format.h" ] || return 0
  local scratch mirror options
  scratch=$(mktemp -d)
  mirror=$(apt-cache policy | grep -oE 'https?://[^ ]+/debian ' | head -n 1)
  mkdir -p "$scratch/lists/partial" "$scratch/cache/archives/partial" "$1"
  echo "deb ${mirror% } experimental main" >"$scratch/sources.list"
  options=(-o "Dir::Etc::SourceList=$scratch/sources.list" -o Dir::Etc::SourceParts=- -o "Dir::State::Lists=$scratch/lists"
    -o "Dir::Cache=$scratch/cache" -o APT::Sandbox::User=root)
  apt-get "${options[@]}" -qq update
  (cd "$scratch" && apt-get "${options[@]}" -qq download libfmt-dev/experimental && dpkg-deb -x libfmt-dev_*.deb unpacked)
  cp -r "$(find "$scratch/unpacked" -type d -name fmt -path "*/include/fmt")" "$1/fmt"
  rm -rf "$scratch"
}

fmt_headers=${1:-build/portability}
[ -n "${1:-}" ] || newer_fmt "$fmt_headers"
fmt_headers=$(realpath "$fmt_headers")
[ -e "$fmt_headers/fmt/format.h" ] || { echo "error: there is no fmt/format.h in $fmt_headers" >&2; exit 64; }

failed=0
# pass TITLE CMAKE-ARGUMENT...
pass() {
  echo "== $1"
  bash tests/portability/syntax.sh "${@:2}" || failed=1
}
pass 'clang 14' -DCMAKE_CXX_COMPILER=clang++-14
pass 'clang 19' -DCMAKE_CXX_COMPILER=clang++-19
pass 'clang 19, libc++' -DCMAKE_CXX_COMPILER=clang++-19 -DCMAKE_CXX_FLAGS=-stdlib=libc++
pass "GCC, fmt $(grep -hoE 'define FMT_VERSION [0-9]+' "$fmt_headers"/fmt/*.h | grep -oE '[0-9]+$')" \
  -DCMAKE_CXX_COMPILER=g++ "-DCMAKE_CXX_FLAGS=-I$fmt_headers"
exit "$failed"
