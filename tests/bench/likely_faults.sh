#!/usr/bin/env bash
# Writes harness/explore/src/likely_faults.cpp anew: the faults by which the mutants show soonest.
#   tests/bench/likely_faults.sh [BUILD-FOLDER]
# Build afterwards, and see what it comes to: BUILD-FOLDER/tests/bench_first_violation
set -euo pipefail
cd "$(dirname "$0")/../.."
build=${1:-build/release}
table=harness/explore/src/likely_faults.cpp

cmake --build "$build" --target bench_first_violation
"$build/tests/bench_first_violation" --likely-faults >"$table.new"
clang-format-14 -i "$table.new" --assume-filename="$table" 2>/dev/null || true
mv "$table.new" "$table"
