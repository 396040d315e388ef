#!/usr/bin/env bash
# Everything of ours parsed by compilers, a standard library and an fmt that no other check uses. Takes an hour of processor
# time. Debian 12 has the compilers; a newer fmt stands in a package of npm.
#   run.sh [FMT-HEADERS]   FMT-HEADERS: a folder that holds fmt/format.h, instead of the one from npm
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
# shellcheck source=harness/scripts/prerequisites.sh
. harness/scripts/prerequisites.sh

install_missing "${ALL_PACKAGES[@]}" "${PORTABILITY_PACKAGES[@]}"

# newer_fmt FOLDER: fmt 11.0.2 into FOLDER/fmt, as a database client brings it along.
newer_fmt() {
  [ ! -e "$1/fmt/format.h" ] || return 0
  local scratch
  scratch=$(mktemp -d)
  (cd "$scratch" && npm pack --silent couchbase@4.7.1 >/dev/null && tar xzf ./*.tgz --wildcards '*/fmt/bundled/*')
  mkdir -p "$1"
  cp -r "$(find "$scratch" -type d -path '*/fmt/bundled')" "$1/fmt"
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
