#!/usr/bin/env bash
# What testing.hpp costs a test file: header_cost.sh [--rounds N] [--bound RATIO] [-- EXTRA-FLAG...].
# Compiles the README's example and a file that includes gtest and gmock alone, in turns, with the flags of a
# consumer without a build type, Debug and Release, and prints the processor seconds of each (the least of the rounds) and their ratio.
# With --bound it fails where a ratio is above it. CXX: the compiler, g++ otherwise. PREFIX: an installed copy to use
# instead of the headers of this tree.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."

rounds=5
bound=
while [ "$#" -gt 0 ]; do
  case $1 in
    --rounds) rounds=$2; shift 2 ;;
    --bound) bound=$2; shift 2 ;;
    --) shift; break ;;
    *) echo "usage: header_cost.sh [--rounds N] [--bound RATIO] [-- EXTRA-FLAG...]" >&2; exit 64 ;;
  esac
done

compiler=${CXX:-g++}
if [ -n "${PREFIX:-}" ]; then
  include_paths=("-I$PREFIX/include")
else
  mapfile -t include_paths < <(find harness fakes reports scenarios -type d -path '*/include/saga_harness' |
    sed 's|^\(.*\)/saga_harness$|-I\1|' | LC_ALL=C sort)
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
plain=$scratch/gtest_and_gmock.cpp
printf '#include <gmock/gmock.h>\n#include <gtest/gtest.h>\n' >"$plain"
example=$scratch/readme_test.cpp
sed -n '/^```cpp$/,/^```$/{/^```/d;p}' README.md >"$example"  # the one block of C++

# seconds FILE FLAG...: processor seconds, user and system, of compiling FILE.
seconds() {
  local file=$1
  shift
  { TIMEFORMAT='%U %S'; time "$compiler" -std=c++20 "$@" "${include_paths[@]}" -c -o "$scratch/out.o" "$file" 2>"$scratch/errors"; } 2>&1 |
    awk '{ print $1 + $2 }'
}

# least NUMBER NUMBER: the smaller one; either may be empty.
least() { printf '%s\n' "$@" | grep . | sort -n | head -n 1; }

missed=0
printf '%-28s %10s %10s %7s\n' flags gtest+gmock readme_test ratio
for flags in '' '-g' '-O2 -DNDEBUG' '-O3 -DNDEBUG'; do
  read -ra flag_list <<<"$flags"
  plain_least='' example_least=''
  for ((round = 0; round < rounds; round++)); do
    plain_least=$(least "$plain_least" "$(seconds "$plain" "${flag_list[@]}" "$@")")
    example_least=$(least "$example_least" "$(seconds "$example" "${flag_list[@]}" "$@")")
  done
  ratio=$(awk -v example="$example_least" -v plain="$plain_least" 'BEGIN { printf "%.2f", example / plain }')
  printf '%-28s %10.2f %10.2f %7s\n' "$flags" "$plain_least" "$example_least" "$ratio"
  if [ -n "$bound" ] && awk -v ratio="$ratio" -v bound="$bound" 'BEGIN { exit !(ratio > bound) }'; then
    echo "above the bound of $bound"
    missed=1
  fi
done
exit "$missed"
