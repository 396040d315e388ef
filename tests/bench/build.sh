#!/usr/bin/env bash
# What building costs, in processor seconds, children included, without a cache:
#   bash tests/bench/build.sh [PRESET…]       demo, release, asan and tsan unless some are named
# Builds each preset afresh in build/PRESET, prints seconds per preset, the twenty dearest units and programs, and what a public
# header costs who includes it; keeps it all in build/costs.txt.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
# shellcheck source=harness/scripts/costs.sh
. harness/scripts/costs.sh

presets=("$@")
[ "${#presets[@]}" -gt 0 ] || presets=(demo release asan tsan)
CMAKE_BUILD_PARALLEL_LEVEL=$(nproc)
export CCACHE_DISABLE=1 CMAKE_BUILD_PARALLEL_LEVEL

folders=()
for preset in "${presets[@]}"; do
  folders+=("build/$preset")
  rm -f "build/$preset/costs.log"
  cmake --preset "$preset" >/dev/null
  cmake --build --preset "$preset" --clean-first | tail -n 1
done

{
  echo "processor seconds, $(c++ --version | head -n 1), $(nproc) processors"
  print_costs "${folders[@]}"
  printf '%-10s %7d s in all\n' '' "$(processor_seconds "${folders[@]/%//costs.log}")"
  echo
  echo "the dearest"
  print_dearest 20 "${folders[@]}"
  echo
  bash tests/bench/header_cost.sh
} | tee build/costs.txt
