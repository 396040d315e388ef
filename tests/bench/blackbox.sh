#!/usr/bin/env bash
# What black-box exploration costs, beside what the target itself needs for the same runs; and what many runs at a time are
# worth with a target that waits.
#   bash tests/bench/blackbox.sh [--smoke] [--command SAGA_HARNESS] [--floor BENCH_BLACKBOX_FLOOR]
set -euo pipefail
caller=$PWD
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."

smoke='' command='' floor=''
while [ "$#" -gt 0 ]; do
  case $1 in
    --smoke) smoke=--smoke; shift ;;
    --command) command=$(cd -- "$caller" && realpath -- "$2"); shift 2 ;;
    --floor) floor=$(cd -- "$caller" && realpath -- "$2"); shift 2 ;;
    *) echo "error: there is no option $1; see the head of $0" >&2; exit 64 ;;
  esac
done
if [ -z "$command" ] || [ -z "$floor" ]; then
  cmake --preset release >/dev/null
  cmake --build --preset release --target saga_harness_command bench_blackbox_floor >/dev/null
  command=${command:-build/release/saga-harness} floor=${floor:-build/release/tests/bench_blackbox_floor}
fi
python3 tests/blackbox/measure.py --command "$command" --floor "$floor" $smoke
