#!/usr/bin/env bash
# A look at the command: builds it and shows a correct coordinator, a faulty one, the replay of what was found, and a
# report of it all.
# On a fresh Debian 12 a shell and apt are enough:  bash scenarios/demo.sh
set -uo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." || exit 1
# shellcheck source=harness/scripts/prerequisites.sh
. harness/scripts/prerequisites.sh
# shellcheck source=harness/scripts/costs.sh
. harness/scripts/costs.sh

scenario=scenarios/order_processing.json
mutant=ambiguous_not_compensated
command=build/demo/saga-harness
records=build/demo/records
report=build/demo/report.html
unexpected=0

# build: builds the command; a line per unit that is done, and everything that was said if it fails.
build() {
  local log=build/demo.log
  mkdir -p build
  rm -f build/demo/costs.log
  export NINJA_STATUS='   [%f of %t, %e s] '
  if cmake --preset demo >"$log" 2>&1 &&
    cmake --build --preset demo 2>&1 | tee -a "$log" | grep --line-buffered -E '^   \[[0-9]' | sed -u 's| CMakeFiles/| |; s|\.dir/Unity/.*||'; then
    echo "   took $(processor_seconds build/demo/costs.log) processor seconds"
    return 0
  fi
  cat "$log"
  echo "error: the command was not built" >&2
  exit 1
}

# show SENTENCE EXPECTED-EXIT-CODE COMMAND...
show() {
  local sentence=$1 expected=$2 status
  shift 2
  echo
  echo "== $sentence"
  echo "\$ saga-harness ${*:2}"
  "$@"
  status=$?
  if [ "$status" -eq "$expected" ]; then
    echo "-- exit code $status, as expected"
  else
    echo "-- exit code $status, but $expected was expected"
    unexpected=1
  fi
}

echo "== Preparing: what is missing is installed, then the command is built: some three processor minutes, so one and a half to"
echo "   three minutes by the clock; nothing to do if it is there already."
install_missing "${COMMAND_PACKAGES[@]}" || exit 1
CMAKE_BUILD_PARALLEL_LEVEL=$(nproc)
export CMAKE_BUILD_PARALLEL_LEVEL
build

show "The reference coordinator: every combination of up to two faults is tried, and the claim is upheld." \
  0 "$command" explore "$scenario" --max-faults 2 --out "$records/reference"

show "A coordinator that takes 'no answer' for 'not done': a violation is found and shrunk to the smallest plan." \
  1 "$command" explore "$scenario" --max-faults 2 --coordinator "$mutant" --out "$records/$mutant"

token=$("$command" explore "$scenario" --max-faults 2 --coordinator "$mutant" --json |
  grep -o '"token"[[:space:]]*:[[:space:]]*"sh2-[^"]*"' | head -n 1 | sed 's/.*"\(sh2-[^"]*\)"$/\1/')
if [ -z "$token" ]; then
  echo "error: no token in the JSON output" >&2
  exit 1
fi

show "The token alone brings the same run back, here from the JSON output: $token" \
  1 "$command" replay "$scenario" "$token"

show "Both searches in one report, to be opened in a browser; a gate for CI would go on --gate." \
  1 "$command" report "$records/reference" "$records/$mutant" --format html -o "$report"

echo
if [ "$unexpected" -ne 0 ]; then
  echo "== Something was not as expected; see above."
  exit 1
fi
echo "== All as expected. The report: $PWD/$report"
