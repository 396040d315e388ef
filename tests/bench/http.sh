#!/usr/bin/env bash
# A stubbed POST /payments/charge with the journal on: saga-harness serve beside mountebank, WireMock and a bare epoll
# loop, all measured now, one after the other, in one table. Rows that we lose stay in.
#   bash tests/bench/http.sh       installs and builds what is missing; about a minute and a half
#   bash tests/bench/http.sh --smoke [--command SAGA_HARNESS] [--floor BENCH_EPOLL_FLOOR]
#                                  takes seconds, installs nothing, and measures the floor and ours only
set -euo pipefail
caller=$PWD
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
# shellcheck source=harness/scripts/prerequisites.sh
. harness/scripts/prerequisites.sh

smoke=() command='' floor='' work=build/http_comparison
while [ "$#" -gt 0 ]; do
  case $1 in
    --smoke) smoke=(--smoke); shift ;;
    --command) command=$(cd -- "$caller" && realpath -- "$2"); shift 2 ;;
    --floor) floor=$(cd -- "$caller" && realpath -- "$2"); shift 2 ;;
    *) echo "error: there is no option $1; see the head of $0" >&2; exit 64 ;;
  esac
done

if [ "${#smoke[@]}" -eq 0 ]; then
  mapfile -t packages < <(http_comparison_packages)
  install_missing "${COMMAND_PACKAGES[@]}" "${packages[@]}"
  install_locked tests/bench/http "$work/packages"
elif ! command -v wrk >/dev/null; then
  echo "skipped: there is no wrk"
  exit 0
fi
if [ -z "$command" ] || [ -z "$floor" ]; then
  cmake --preset release >/dev/null
  cmake --build --preset release --target saga_harness_command bench_epoll_floor >/dev/null
  command=${command:-build/release/saga-harness} floor=${floor:-build/release/tests/bench_epoll_floor}
fi

mkdir -p "$work"
python3 tests/bench/http/measure.py --work "$(realpath "$work")" \
  --packages "$(realpath -m "$work/packages/node_modules")" --command "$(realpath "$command")" --floor "$(realpath "$floor")" "${smoke[@]}"
echo "load: wrk -t1 -c16 -d5s --latency -s tests/bench/http/charge.lua http://127.0.0.1:PORT/payments/charge"
echo "again: bash tests/bench/http.sh"
