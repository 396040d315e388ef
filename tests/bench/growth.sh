#!/usr/bin/env bash
# What different markers cost grows as they do, and not as their square: searches over 2,000 and over 16,000 of them, counted in
# instructions under callgrind.
#   bash tests/bench/growth.sh PROGRAM    PROGRAM is bench_engine
set -euo pipefail
program=$1
scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT

# instructions_of COUNT
instructions_of() {
  valgrind --tool=callgrind --callgrind-out-file="$scratch/profile" "$program" --marks "$1" >"$scratch/out" 2>"$scratch/err" || {
    cat "$scratch/out" "$scratch/err" >&2
    return 1
  }
  sed -n 's/^==[0-9]*== Collected : \([0-9]*\)$/\1/p' "$scratch/err"
}

few=$(instructions_of 2000)
many=$(instructions_of 16000)
echo "2,000 markers: $few instructions; 16,000: $many"
if [ "$many" -gt $((12 * few)) ]; then
  echo "more than twelve times as many for eight times the markers: 64 times would be their square"
  exit 1
fi
