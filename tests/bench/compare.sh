#!/usr/bin/env bash
# saga-harness beside other ways to test the same saga, all measured now, in one table:
#   bash tests/bench/compare.sh     installs and builds what is missing
#   bash tests/bench/compare.sh --smoke [--program BENCH_COMPARE]
#                                   takes seconds, installs nothing, and leaves out what is not there
# What is compared, and what is not comparable: tests/bench/README.md
set -euo pipefail
caller=$PWD
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
# shellcheck source=harness/scripts/prerequisites.sh
. harness/scripts/prerequisites.sh

smoke=() program=build/release/tests/bench_compare work=build/comparison
while [ "$#" -gt 0 ]; do
  case $1 in
    --smoke) smoke=(--smoke); shift ;;
    --program) program=$(cd -- "$caller" && realpath -- "$2"); shift 2 ;;
    *) echo "error: there is no option $1; see the head of $0" >&2; exit 64 ;;
  esac
done

if [ "${#smoke[@]}" -eq 0 ]; then
  mapfile -t packages < <(comparison_packages)
  install_missing "${COMMAND_PACKAGES[@]}" "${packages[@]}"
  install_locked tests/bench/javascript "$work/javascript"
  cmake --preset release >/dev/null
  cmake --build --preset release --target bench_compare >/dev/null
fi
export NODE_PATH=$PWD/$work/javascript/node_modules

records=$(mktemp)
trap 'rm -f "$records"' EXIT

# measure COMMAND...: one side, alone on its processor; its records go into the table.
measure() {
  "$@" "${smoke[@]}" >>"$records"
}

measure "$program"
if command -v node >/dev/null; then
  [ ! -d "$NODE_PATH/fast-check" ] || measure node tests/bench/javascript/fast_check.js
  measure node tests/bench/javascript/full_simulator.js
  measure node tests/bench/javascript/simulator.js
fi
if [ -z "$(comparison_packages | grep hypothesis)" ]; then
  measure /usr/bin/python3 tests/bench/python/hypothesis_saga.py
fi
python3 tests/bench/python/table.py "$records" "${smoke[@]}"
echo
echo "again: bash tests/bench/compare.sh"
