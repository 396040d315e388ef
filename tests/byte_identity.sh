#!/usr/bin/env bash
# Two builds of the command must write the same bytes and end with the same code: byte_identity.sh COMMAND OTHER
set -uo pipefail
command=$1
other=$2
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." || exit 70
if [ ! -x "$other" ]; then
  echo "error: there is no command to compare with; build the preset release first" >&2
  exit 1
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0
compared=0

# compare ARGUMENT...: runs both with these arguments.
compare() {
  local status other_status
  "$command" "$@" >"$scratch/out" 2>"$scratch/err"
  status=$?
  "$other" "$@" >"$scratch/other_out" 2>"$scratch/other_err"
  other_status=$?
  compared=$((compared + 1))
  if [ "$status" -ge 64 ]; then
    echo "FAILED ($status): $*"
    cat "$scratch/err"
    failures=$((failures + 1))
  elif [ "$status" -ne "$other_status" ] || ! cmp "$scratch/out" "$scratch/other_out"; then
    echo "DIFFERENT (exit $status and $other_status): $*"
    diff "$scratch/out" "$scratch/other_out" | head -n 10
    failures=$((failures + 1))
  fi
}

for scenario in scenarios/*.json; do
  [ -e "$scenario" ] || continue
  compare explore "$scenario" --max-faults 1
  compare explore "$scenario" --max-faults 2 --json
  mutant=ambiguous_not_compensated
  if grep -q '"choreography"' "$scenario"; then mutant=duplicate_applied_twice; fi
  compare explore "$scenario" --max-faults 2 --json --coordinator "$mutant"
  # Sagas of a choreography that are together meet on a bus, in explore.
  if grep -q '"together"' "$scenario" && ! grep -q '"choreography"' "$scenario"; then
    compare interleave "$scenario"
    compare interleave "$scenario" --json --coordinator "$mutant"
  fi
done
echo "$compared comparisons, $failures failures"
[ "$failures" -eq 0 ] && [ "$compared" -gt 0 ]
