#!/usr/bin/env bash
# What a report of many runs costs: to write it, how large it is, and how soon a browser has opened it.
#   bash tests/bench/report.sh [--runs N] [--command SAGA_HARNESS]
set -euo pipefail
caller=$PWD
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
# shellcheck source=../../harness/scripts/prerequisites.sh
. harness/scripts/prerequisites.sh

runs=100000 command=
while [ "$#" -gt 0 ]; do
  case $1 in
    --runs) runs=$2; shift 2 ;;
    --command) command=$(cd -- "$caller" && realpath -- "$2"); shift 2 ;;
    *) echo "error: there is no option $1; see the head of $0" >&2; exit 64 ;;
  esac
done
if [ -z "$command" ]; then
  cmake --preset release >/dev/null
  cmake --build --preset release --target saga_harness_command >/dev/null
  command=build/release/saga-harness
fi
scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
mapfile -t packages < <(browser_packages)
[ "${#packages[@]}" -eq 0 ] || install_missing "${packages[@]}"
install_locked tests/browser build/bench_browser
"$command" explore scenarios/order_processing.json -k 6 --swarm bench --schedules "$runs" \
  --coordinator ambiguous_not_compensated --out "$scratch/records" >/dev/null || [ "$?" -eq 1 ]
begin=$(date +%s%N)
"$command" report "$scratch/records" --format html -o "$scratch/report.html" || [ "$?" -le 3 ]
end=$(date +%s%N)
PACKAGES=$PWD/build/bench_browser/ CHROMIUM=${CHROMIUM:-$(command -v chromium)} \
  node tests/bench/javascript/open_report.js "$scratch/report.html" "$scratch/records/runs.jsonl" "$(((end - begin) / 1000000))"
echo "again: bash tests/bench/report.sh --runs $runs"
