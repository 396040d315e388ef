#!/usr/bin/env bash
# Metrics, spans and log lines as others read them, and against the trace: check.sh SAGA-HARNESS SCRATCH. Metrics are
# parsed by Prometheus' own client library. Prints what is wrong and fails.
set -uo pipefail
command=$1
scratch=$2
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
root=$(cd -- "$here/../.." && pwd)
export PYTHONDONTWRITEBYTECODE=1
failures=0
mkdir -p -- "$scratch"

python=
for candidate in python3 /usr/bin/python3; do
  if "$candidate" -c 'import prometheus_client.parser' 2>/dev/null; then
    python=$candidate
    break
  fi
done
if [ -z "$python" ]; then
  echo "error: prometheus_client is missing; install python3-prometheus-client" >&2
  exit 1
fi

check() {
  if ! "${@:2}"; then
    echo "FAILED: $1"
    failures=$((failures + 1))
  fi
}

# replay NAME SCENARIO PLAN [OPTION…]: one run in all formats, each looked at.
replay() {
  local name=$scratch/$1 format
  for format in json log otlp prometheus; do
    "$command" replay "$root/scenarios/$2.json" --plan "$3" "${@:4}" --format "$format" >"$name.$format"
    [ "$?" -le 3 ] || check "replay --format $format of $1" false
  done
  check "metrics of $1" "$python" "$here/check_prometheus.py" "$name.prometheus" --replay "$name.json"
  check "spans of $1" "$python" "$here/check_otlp.py" "$name.otlp" --replay "$name.json"
  check "log of $1" "$python" "$here/check_log.py" "$name.log" --replay "$name.json"
}

replay completed order_processing none
replay compensated order_processing 'process_payment#1:rejected, release_inventory#1:reply_lost'
replay flagged order_processing 'process_payment#1:rejected, release_inventory#*:unavailable'
replay retried order_processing 'process_payment#1:request_late, create_shipment#1:request_duplicated_later'
replay crashed order_processing \
  'process_payment.action#1@after_call:coordinator_crash, process_payment.action#1@before_result:coordinator_crash'
replay taken_over order_processing 'process_payment.action#1@during_call:takeover'
replay fallback order_processing_fallback 'process_payment#1:rejected'
replay parallel travel_booking 'reserve_hotel#1:rejected, reserve_flight#1:request_lost'
replay choreographed order_choreography 'create_shipment#1:rejected, process_payment#1:request_duplicated'
replay dead_letter order_choreography 'process_payment#1:rejected, cancel_order#*:unavailable'
replay broken order_processing 'process_payment#*:reply_lost' --coordinator ambiguous_not_compensated

# Every plan of one fault that the search tries, of some mutants too.
for subject in 'order_processing reference' 'order_choreography reference' 'order_processing skips_last'; do
  read -r scenario coordinator <<<"$subject"
  name=$scratch/$scenario.$coordinator
  rm -rf "$name"  # perhaps of another version, whose records are not overwritten
  "$command" explore "$root/scenarios/$scenario.json" -k 1 --coordinator "$coordinator" --metrics "$name.prometheus" \
    --out "$name" --json >"$name.json"
  [ "$?" -le 3 ] || check "explore --metrics of $subject" false
  check "metrics of the search of $subject" "$python" "$here/check_prometheus.py" "$name.prometheus" --exploration "$name.json"
  "$command" report "$name" --today 2026-11-21 --format prometheus -o "$name.report.prometheus"
  "$command" report "$name" --today 2026-11-21 --format json -o "$name.report.json"
  check "metrics of the report of $subject" "$python" "$here/check_prometheus.py" "$name.report.prometheus" \
    --report "$name.report.json"
done

check "the checks can fail" "$python" "$here/can_fail.py" "$here" "$scratch/compensated"
echo "observability: $failures checks failed"
[ "$failures" -eq 0 ]
