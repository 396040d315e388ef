#!/usr/bin/env bash
# Everything that must hold before a change goes in. On a fresh Debian 12 a shell and apt are enough:
#   bash tests/run.sh
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
# shellcheck source=harness/scripts/prerequisites.sh
. harness/scripts/prerequisites.sh

jobs=$(nproc)
# One test more than processors: half of the time of the tests goes by in waiting for processes and sockets.
export CMAKE_BUILD_PARALLEL_LEVEL=$jobs CTEST_PARALLEL_LEVEL=$((jobs + 1)) CTEST_OUTPUT_ON_FAILURE=1
export NINJA_STATUS='[%f/%t] '

logs=build/logs
mkdir -p "$logs"
summary=()
current="starting"
trap 'status=$?; [ "$status" -eq 0 ] || { echo; echo "FAILED in: ${current} (after ${SECONDS} s)"; }; exit "$status"' EXIT

# step TITLE NAME COMMAND...: announces, runs and times one step; its output is kept in build/logs/NAME.log.
step() {
  local title=$1 name=$2 begin=$SECONDS verdict
  shift 2
  current=$title
  echo
  echo "== ${title}"
  "$@" 2>&1 | tee "${logs}/${name}.log"
  verdict=$(grep -E '^[0-9]+% tests passed' "${logs}/${name}.log" | tail -n 1 || true)
  summary+=("$(printf '%5d s  %-52s %s' "$((SECONDS - begin))" "$title" "${verdict:-ok}")")
}

prepare() {
  local others
  mapfile -t others < <(browser_packages)
  install_missing "${ALL_PACKAGES[@]}" "${others[@]}"
  ensure_locale de_DE
}

step 'prerequisites' prerequisites prepare
step 'style' style bash tests/style/check.sh .
step 'release: build, all tests' release cmake --workflow --preset release
step 'headers: each public header compiles on its own' headers cmake --build --preset headers
step 'asan: address and undefined behaviour, light tests' asan cmake --workflow --preset asan
step 'tsan: what has threads, twice' tsan cmake --workflow --preset tsan
step 'clang: the command and what is alike to the byte' clang cmake --workflow --preset clang

current="summary"
echo
echo "== summary"
printf '%s\n' "${summary[@]}"
printf '%5d s  total\n' "$SECONDS"
grep -E '^[0-9]+% tests passed' "${logs}/release.log" | tail -n 1
