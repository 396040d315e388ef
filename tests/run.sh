#!/usr/bin/env bash
# Everything that must hold before a change goes in. On a fresh Debian 12 a shell and apt are enough:
#   bash tests/run.sh           what CI runs: style, Release with GCC and all tests, headers, sanitizers with clang
#   bash tests/run.sh --quick   style, Release by clang, the light tests but for servers and most of the command: while working
#   bash tests/run.sh --long    what CI runs and what takes hours: fuzzing, foreign saga engines, a bare machine, other compilers
# What each step printed is in build/logs. A long run that passes writes date and commit into tests/long_runs.md.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
# shellcheck source=harness/scripts/prerequisites.sh
. harness/scripts/prerequisites.sh
# shellcheck source=harness/scripts/costs.sh
. harness/scripts/costs.sh

tier=default
case ${1-} in
  '') ;;
  --quick) tier=quick ;;
  --long) tier=long ;;
  *) echo "error: there is no option $1; --quick and --long are" >&2; exit 64 ;;
esac

jobs=$(nproc)
# One test more than processors: half of the time of the tests goes by in waiting for processes and sockets.
export CMAKE_BUILD_PARALLEL_LEVEL=$jobs CTEST_PARALLEL_LEVEL=$((jobs + 1)) CTEST_OUTPUT_ON_FAILURE=1
export NINJA_STATUS='[%f/%t] '

logs=build/logs
mkdir -p "$logs"
summary=()
built=()
current="starting"
current_log=
trap 'finish $?' EXIT

# finish STATUS: who sees only the end of the output sees the first failed assertions, too.
finish() {
  if [ "$1" -ne 0 ]; then
    echo
    if [ -f "$current_log" ]; then
      { grep -aE -A 6 '(:[0-9]+|unknown file): Failure$|ERROR: [A-Za-z]*Sanitizer|runtime error:' "$current_log" || true; } |
        cut -c 1-200 | head -n 15
    fi
    echo "FAILED in: ${current} (after ${SECONDS} s)"
  fi
  exit "$1"
}

# step TITLE NAME COMMAND...: announces, runs and times one step; its output is kept in build/logs/NAME.log.
step() {
  local title=$1 name=$2 begin=$SECONDS verdict
  shift 2
  current=$title
  current_log=$logs/$name.log
  echo
  echo "== ${title}"
  "$@" 2>&1 | tee "${logs}/${name}.log"
  verdict=$(grep -E '^[0-9]+% tests passed' "${logs}/${name}.log" | tail -n 1 || true)
  summary+=("$(printf '%5d s  %-52s %s' "$((SECONDS - begin))" "$title" "${verdict:-ok}")")
}

# workflow TITLE WORKFLOW [PRESET]: configures, builds, tests; counts what the build took and the single tests, of which a process of
# ctest may run many.
workflow() {
  local title=$1 name=$2 preset=${3:-$2} cases
  rm -f "build/$preset/costs.log"
  step "$title" "$name" cmake --workflow --preset "$name"
  built+=("build/$preset")
  cases=$({ grep -hoE '^\[  PASSED  \] [0-9]+ tests?' "build/$preset/Testing/Temporary/LastTest.log" 2>/dev/null || true; } |
    awk '{ sum += $4 } END { print sum + 0 }')
  summary+=("$(printf '%9s%s' '' "GoogleTest cases passed: $cases")")
}

prepare() {
  local others
  mapfile -t others < <(browser_packages)
  install_missing "${ALL_PACKAGES[@]}" "${others[@]}"
  ensure_locale de_DE
}

step 'prerequisites' prerequisites prepare
prefer_python_itself
step 'style' style bash tests/style/check.sh .
if [ "$tier" = quick ]; then
  workflow 'quick: Release by clang, light tests' quick
  tests_passed=$(grep -E '^[0-9]+% tests passed' "$logs/quick.log" | tail -n 1)
else
  workflow 'release: build, all tests' release
  tests_passed=$(grep -E '^[0-9]+% tests passed' "$logs/release.log" | tail -n 1)
  step 'headers: each public header compiles on its own' headers cmake --build --preset headers
  # By clang, while Release is by GCC: what must be alike to the byte is compared here.
  workflow 'asan: address and undefined behaviour, clang, light tests' asan
  workflow 'tsan: what has threads, twice' tsan
fi
if [ "$tier" = long ]; then
  # shellcheck source=tests/long.sh
  . tests/long.sh
fi

current="summary"
echo
echo "== summary"
printf '%s\n' "${summary[@]}"
echo
echo "processor seconds of compiling and linking:"
print_costs "${built[@]}"
printf '%-10s %7d s in all\n' '' "$(processor_seconds "${built[@]/%//costs.log}")"
printf '%5d s  total\n' "$SECONDS"
printf '%s\n' "$tests_passed"
