#!/usr/bin/env bash
# What exploring a target over HTTP costs beside what the target itself needs for the same runs, and what running many
# sagas at a time gains for a target that mostly waits. Both against tests/http/targets/javascript/plain.js.
#   bash tests/bench/blackbox.sh [--command SAGA_HARNESS --floor BENCH_BLACKBOX_FLOOR]
set -euo pipefail
caller=$PWD
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."

command='' floor='' work=build/blackbox_bench
while [ "$#" -gt 0 ]; do
  case $1 in
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

scenario=scenarios/order_processing.json target=$PWD/tests/http/targets
rm -rf "$work" && mkdir -p "$work"
export CALL_TIMEOUT_MS=2000 SERVICE_TOKEN=a-token

# seconds COMMAND...: how long it took; what it prints is kept.
seconds() {
  local begin=$EPOCHREALTIME
  "$@" >"$work/out" 2>"$work/err" || { [ "$?" -le 1 ] || { cat "$work/err" >&2; return 1; }; }
  awk "BEGIN { printf \"%.3f\", $EPOCHREALTIME - $begin }"
}

# with_target COMMAND...: starts the target, hands its URL to COMMAND as the last argument but one, ends it.
with_target() {
  local url last=${*: -1}
  coproc node "$target/javascript/plain.js"
  local process=$COPROC_PID
  read -r url <&"${COPROC[0]}"
  url=${url#*\"url\":\"}
  local code=0
  "${@:1:$#-1}" "${url%%\"*}" "$last" || code=$?
  kill "$process" && wait "$process" 2>/dev/null || true
  return "$code"
}

# explore TARGET WORKERS FAULTS [OPTION...]
explore() {
  "$command" explore "$scenario" --target "$1" --workers "$2" --max-faults "$3" --no-windows --json \
    --kinds rejected,unavailable,error_after_effect "${@:4}"
}

plain=$target/node_plain.json
echo "plain Node, k <= 2, three kinds: seconds, the target's start included"
for workers in 1 16; do
  rm -rf "$work/runs"
  ours=$(seconds explore "$plain" "$workers" 2 --out "$work/runs")
  alone=$(seconds with_target "$floor" "$scenario" "$work/runs/runs.jsonl" "$workers")
  count=$(sed -n 's/.*"schedules": \([0-9]*\).*/\1/p' "$work/out")
  awk -v w="$workers" -v n="$count" -v a="$ours" -v b="$alone" 'BEGIN {
    printf "  %2d at a time: %d schedules, explored in %.2f s, the target alone %.2f s: %.2fx\n", w, n, a, b, a / b }'
done

waiting=$work/waiting.json
sed -e 's|"SERVICE_TOKEN"|"THINKING_MS": "20", "SERVICE_TOKEN"|' -e "s|javascript/|$target/javascript/|" \
  "$plain" >"$waiting"
one=$(seconds explore "$waiting" 1 2)
many=$(seconds explore "$waiting" 16 2)
awk -v a="$one" -v b="$many" 'BEGIN {
  printf "a target that waits 20 ms before each call, k <= 2: one at a time %.2f s, 16 at a time %.2f s: %.1fx\n", a, b, a / b }'
echo "again: bash tests/bench/blackbox.sh"
