#!/usr/bin/env bash
# What a schedule costs in instructions, which no neighbour disturbs: runs `bench_engine --smoke` under callgrind and fails if a
# schedule costs more than instructions.txt allows.
#   bash tests/bench/instructions.sh PROGRAM            the gate
#   bash tests/bench/instructions.sh PROGRAM --update   writes what was counted, and a hundredth more, as the new bound
set -euo pipefail
program=$1
bound_file=$(dirname -- "${BASH_SOURCE[0]}")/instructions.txt
scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT

valgrind --tool=callgrind --callgrind-out-file="$scratch/profile" "$program" --smoke >"$scratch/out" 2>"$scratch/err" || {
  cat "$scratch/out" "$scratch/err"
  exit 1
}
total=$(sed -n 's/^==[0-9]*== Collected : \([0-9]*\)$/\1/p' "$scratch/err")
schedules=$(awk '$1 == "schedules" && $2 ~ /^[0-9]+$/ { sum += $2 } END { print sum + 0 }' "$scratch/out")
if [ -z "$total" ] || [ "$schedules" -eq 0 ]; then
  echo "cannot read what callgrind counted, or how many schedules there were:"
  cat "$scratch/out" "$scratch/err"
  exit 1
fi
each=$((total / schedules))

if [ "${2:-}" = --update ]; then
  echo "$((each + each / 100)) instructions a schedule at most: bench_engine --smoke, GCC 12, Release" >"$bound_file"
fi
bound=$(awk 'NR == 1 { print $1 }' "$bound_file")
echo "$total instructions, $schedules schedules: $each each, $bound allowed"
if [ "$each" -gt "$bound" ]; then
  echo "too many: see what callgrind_annotate says of both commits; if the cost has a reason, say it and call with --update"
  exit 1
fi
