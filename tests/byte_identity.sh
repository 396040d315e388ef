#!/usr/bin/env bash
# Two builds of the command must write the same bytes and end with the same code: byte_identity.sh COMMAND OTHER [FAULTS]
# FAULTS: so many a schedule, 2 unless said; an instrumented command takes minutes for two.
set -uo pipefail
command=$1
other=$2
faults=${3:-2}
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
  compare explore "$scenario" --max-faults "$faults" --json
  mutant=ambiguous_not_compensated
  if grep -q '"choreography"' "$scenario"; then mutant=duplicate_applied_twice; fi
  compare explore "$scenario" --max-faults "$faults" --json --coordinator "$mutant"
  # Sagas of a choreography that are together meet on a bus, in explore.
  if grep -q '"together"' "$scenario" && ! grep -q '"choreography"' "$scenario"; then
    compare interleave "$scenario"
    compare interleave "$scenario" --json --coordinator "$mutant"
  fi
done

# go_on SCENARIO: each build takes up the search that the other was stopped in, and merges a shard of the other's with its own. The
# fingerprint of a subject must be the same number in both.
go_on() {
  local scenario=$1 whole first second by=("$command" "$other") begun=$scratch/begun shards=("$scratch/1" "$scratch/2")
  whole=$("$command" explore "$scenario" --max-faults 2 --json)
  for first in 0 1; do
    second=$((1 - first))
    rm -f "$begun"
    "${by[first]}" explore "$scenario" --max-faults 2 --max-schedules 500 --resume "$begun" >"$scratch/out" 2>&1
    same "$whole" "${by[second]}" explore "$scenario" --max-faults 2 --json --resume "$begun"
    "${by[first]}" explore "$scenario" --max-faults 2 --shard 1/2 --tally "${shards[0]}" >"$scratch/out" 2>&1
    "${by[second]}" explore "$scenario" --max-faults 2 --shard 2/2 --tally "${shards[1]}" >"$scratch/out" 2>&1
    same "$whole" "${by[second]}" merge "$scenario" --json "${shards[@]}"
  done
}

# same EXPECTED COMMAND...: what the command writes is that.
same() {
  local expected=$1
  shift
  compared=$((compared + 1))
  if [ "$("$@" 2>"$scratch/err")" != "$expected" ]; then
    echo "FAILED: $*"
    cat "$scratch/err"
    failures=$((failures + 1))
  fi
}

go_on scenarios/order_processing.json
[ "$faults" -lt 2 ] || go_on scenarios/travel_booking.json

echo "$compared comparisons, $failures failures"
[ "$failures" -eq 0 ] && [ "$compared" -gt 0 ]
