#!/usr/bin/env bash
# Every fault of the wire as curl sees it, over a real `saga-harness serve`: check.sh COMMAND SCENARIO-FOLDER.
# Curl's exit codes tell the ends of a connection apart: 7 refused, 18 body cut short, 28 timed out, 52 closed without
# an answer, 56 reset.
set -uo pipefail
command=$1
scenarios=$2

work=$(mktemp -d)
"$command" serve "$scenarios/order_processing.json" >"$work/ready" &
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null; rm -rf "$work"' EXIT
for _ in $(seq 100); do
  [ -s "$work/ready" ] && break
  sleep 0.1
done
[ -s "$work/ready" ] || { echo "FAILED: $command does not serve"; exit 1; }

value() { sed -E "s|.*\"$1\":\"([^\"]*)\".*|\1|" "$work/ready"; }
admin="$(value admin)/__admin"
payment=$(value payment_service)
failures=0
number=0

# expect WHAT GOT WANTED
expect() {
  if [ "$2" != "$3" ]; then
    echo "FAILED: $1: expected '$3', got '$2'"
    failures=$((failures + 1))
  fi
}

# ask METHOD PATH [BODY]: status and body of an admin call
ask() { curl -s -X "$1" -o "$work/answer" -w '%{http_code}' ${3:+--data "$3"} "$admin$2"; }

# strike FAULT CURL-EXIT STATUS APPLIED DELIVERED [CURL-OPTION...]: one payment of a saga of its own under the fault
strike() {
  number=$((number + 1))
  local saga="saga-$number" fault=$1 exit_wanted=$2 status_wanted=$3 applied=$4 delivered=$5 exit_code
  shift 5
  expect "adding $fault" "$(ask POST /faults "{\"saga_id\":\"$saga\",$fault}")" 201
  curl -s --max-time 10 "$@" -o "$work/body" -D "$work/head" -X POST -H "X-Saga-Id: $saga" \
    -d '{"customer_id":"CUST-123","total_amount":10}' "$payment/process_payment"
  exit_code=$?
  expect "exit code of curl under $fault" "$exit_code" "$exit_wanted"
  expect "status under $fault" "$(sed -nE '1s|HTTP/1.1 ([0-9]+).*|\1|p' "$work/head")" "$status_wanted"
  expect "quiet after $fault" "$(ask POST /wait "{\"saga_id\":\"$saga\",\"quiet_for\":\"1ms\"}")" 200
  ask GET "/ledgers?saga_id=$saga" >/dev/null
  expect "effect under $fault" \
    "$(sed -E 's|.*"process_payment":\{"applied":([0-9]+).*|\1|' "$work/answer")" "$applied"
  ask GET "/journal?saga_id=$saga" >/dev/null
  expect "journal under $fault" "$(sed -E 's|.*"delivered":"([a-z]+)".*|\1|' "$work/answer")" "$delivered"
  : >"$work/head"
}

strike '"fault":"reset_before"' 56 '' 0 reset
strike '"fault":"reset_after"' 56 '' 1 reset
strike '"fault":"closed_before"' 52 '' 0 closed
strike '"fault":"closed_after"' 52 '' 1 closed
strike '"fault":"truncated_body"' 18 200 1 cut
strike '"fault":"invalid_json"' 0 200 1 whole
expect 'an invalid body' "$(cat "$work/body")" '{"ok":true,"success":'
strike '"fault":"wrong_content_type"' 0 200 1 whole
strike '"fault":"slow_first_byte","delay":"300ms"' 0 200 1 whole
strike '"fault":"slow_body","delay":"300ms"' 0 200 1 whole
strike '"fault":"slow_body","delay":"20s"' 28 200 1 gone --max-time 1
strike '"fault":"hang","delay":"20s"' 28 '' 0 gone --max-time 1
strike '"fault":"hang","delay":"20s","after_effect":true' 28 '' 1 gone --max-time 1
strike '"fault":"hang","delay":"100ms"' 52 '' 0 closed
strike '"fault":"status","status":418' 0 418 0 whole
strike '"fault":"status","status":502,"after_effect":true' 0 502 1 whole
strike '"fault":"rejected"' 0 422 0 whole
strike '"fault":"rejected_in_body"' 0 200 0 whole
strike '"fault":"unauthorized"' 0 401 0 whole
strike '"fault":"conflict"' 0 409 0 whole
strike '"fault":"unavailable"' 0 503 0 whole
strike '"fault":"rate_limited"' 0 429 0 whole
strike '"fault":"error_after_effect"' 0 500 1 whole
strike '"fault":"participant_crash_before"' 56 '' 0 reset
strike '"fault":"participant_crash_after"' 56 '' 1 reset
strike '"fault":"request_lost"' 52 '' 0 closed
strike '"fault":"reply_lost"' 52 '' 1 closed
strike '"fault":"reply_corrupt"' 18 200 1 cut
strike '"fault":"request_duplicated"' 0 200 1 whole
strike '"fault":"reply_mismatched"' 0 200 0 whole

expect 'refusing' "$(ask POST /faults '{"fault":"refused","service":"payment_service"}')" 201
curl -s -o /dev/null -X POST "$payment/process_payment"
expect 'exit code of curl when refused' "$?" 7
expect 'accepting again' "$(ask DELETE /faults)" 200
expect 'after that' "$(curl -s -o /dev/null -w '%{http_code}' -X POST -d '{}' "$payment/refund_payment")" 200

expect 'a body too large' \
  "$(head -c 20000000 /dev/zero | curl -s -o /dev/null -w '%{http_code}' --data-binary @- "$payment/process_payment")" 413

kill -TERM "$server"
wait "$server"
expect 'exit code on SIGTERM' "$?" 0
trap 'rm -rf "$work"' EXIT
echo "wire: $number faults seen by curl, $failures wrong"
[ "$failures" -eq 0 ]
