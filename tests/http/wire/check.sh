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
ask() {
  curl -s -X "$1" -o "$work/answer" -w '%{http_code}' ${3:+-H 'Content-Type: application/json' --data "$3"} "$admin$2"
}

# applied SAGA: how often the payment has taken effect by now
applied() {
  ask GET "/ledgers?saga_id=$1" >/dev/null
  sed -E 's|.*"process_payment":\{"applied":([0-9]+).*|\1|' "$work/answer"
}

# story SAGA: what happened to it, in order, in the words of the trace
story() {
  ask GET "/trace?saga_id=$1" >/dev/null
  grep -oE '"type":"(applied|timed_out|undone|dropped|received)"' "$work/answer" | cut -d'"' -f4 | tr '\n' ' ' | sed 's/ $//'
}

# at_least SECONDS NAME WHAT, less_than SECONDS NAME WHAT: what curl measured of the last exchange
took() { sed -nE "s|^$1 ([0-9.]+)\$|\1|p" "$work/times"; }
at_least() { expect "$3" "$(awk -v is="$(took "$2")" -v bound="$1" 'BEGIN { print (is >= bound) ? "so" : is }')" so; }
less_than() { expect "$3" "$(awk -v is="$(took "$2")" -v bound="$1" 'BEGIN { print (is < bound) ? "so" : is }')" so; }
header() { sed -nE "s|^$1: (.*)\r\$|\1|Ip" "$work/last_head"; }

# strike FAULT CURL-EXIT STATUS APPLIED DELIVERED [CURL-OPTION...]: one payment of a saga of its own under the fault. APPLIED is
# asked for as soon as curl has seen what it sees: an effect comes before its answer, or before the end of the connection.
strike() {
  number=$((number + 1))
  local saga="saga-$number" fault=$1 exit_wanted=$2 status_wanted=$3 applied=$4 delivered=$5 exit_code
  shift 5
  expect "adding $fault" "$(ask POST /faults "{\"saga_id\":\"$saga\",$fault}")" 201
  curl -s --max-time 10 "$@" -o "$work/body" -D "$work/head" -w 'first %{time_starttransfer}\ntotal %{time_total}\n' \
    -X POST -H "X-Saga-Id: $saga" -d '{"customer_id":"CUST-123","total_amount":10}' "$payment/process_payment" >"$work/times"
  exit_code=$?
  [ "$applied" = later ] || expect "effect under $fault" "$(applied "$saga")" "$applied"
  expect "exit code of curl under $fault" "$exit_code" "$exit_wanted"
  expect "status under $fault" "$(sed -nE '1s|HTTP/1.1 ([0-9]+).*|\1|p' "$work/head")" "$status_wanted"
  expect "quiet after $fault" "$(ask POST /wait "{\"saga_id\":\"$saga\",\"quiet_for\":\"1ms\"}")" 200
  [ "$applied" = later ] || expect "effect in the end under $fault" "$(applied "$saga")" "$applied"
  ask GET "/journal?saga_id=$saga" >/dev/null
  expect "journal under $fault" "$(sed -E 's|.*"delivered":"([a-z]+)".*|\1|' "$work/answer")" "$delivered"
  cp "$work/head" "$work/last_head"
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
expect 'a wrong content type' "$(header Content-Type)" text/html
strike '"fault":"slow_first_byte","delay":"300ms"' 0 200 1 whole
at_least 0.3 first 'a slow first byte'
strike '"fault":"slow_body","delay":"1s"' 0 200 1 whole
less_than 0.9 first 'the head before a slow body'
at_least 1 total 'a slow body'
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
expect 'when to come again' "$(header Retry-After)" 2
strike '"fault":"error_after_effect"' 0 500 1 whole
strike '"fault":"participant_crash_before"' 56 '' 0 reset
strike '"fault":"participant_crash_after"' 56 '' 1 reset
strike '"fault":"request_lost"' 52 '' 0 closed
strike '"fault":"reply_lost"' 52 '' 1 closed
strike '"fault":"reply_corrupt"' 18 200 1 cut
strike '"fault":"reply_corrupt_without_effect"' 52 '' 0 cut
strike '"fault":"reply_mismatched"' 0 200 0 whole
expect 'whose answer it is' "$(header X-Correlation-ID)" somebody-else
strike '"fault":"participant_forgets"' 0 200 1 whole

# Once more: the copy is recognised by its key, or by its step.
strike '"fault":"request_duplicated"' 0 200 1 whole
expect 'deliveries of a duplicated request' "$(ask GET "/trace?saga_id=saga-$number" >/dev/null
  grep -o '"type":"delivered"' "$work/answer" | wc -l)" 2
strike '"fault":"request_duplicated_later"' 0 200 1 whole
ask POST /drain "{\"saga_id\":\"saga-$number\"}" >/dev/null
expect 'deliveries of one that is duplicated later' "$(ask GET "/trace?saga_id=saga-$number" >/dev/null
  grep -o '"type":"delivered"' "$work/answer" | wc -l)" 2

# Late: nothing is done while anybody waits for it.
for fault in request_late_after_compensation request_late_after_end; do
  strike "\"fault\":\"$fault\"" 52 '' 0 closed
  ask POST /drain "{\"saga_id\":\"saga-$number\"}" >/dev/null
  expect "$fault, in the end" "$(story "saga-$number")" 'timed_out applied'
done
strike '"fault":"request_late","timeout":"500ms"' 28 '' later gone --max-time 0.5
expect 'a late request' "$(story "saga-$number")" 'timed_out applied'
strike '"fault":"request_reordered","timeout":"500ms"' 28 '' later closed --max-time 0.5
ask POST /drain "{\"saga_id\":\"saga-$number\"}" >/dev/null
expect 'a reordered request that nothing overtook' "$(story "saga-$number")" 'timed_out applied'
strike '"fault":"request_lost","timeout":"500ms"' 28 '' 0 gone --max-time 0.5
strike '"fault":"reply_lost","timeout":"500ms"' 28 '' 1 gone --max-time 0.5
strike '"fault":"reply_late","timeout":"500ms"' 28 '' 1 gone --max-time 0.5
expect 'a late answer' "$(story "saga-$number")" 'applied timed_out dropped'
strike '"fault":"reply_late","timeout":"500ms"' 0 200 1 whole
at_least 0.5 total 'an answer beyond the timeout, for who waits longer'
strike '"fault":"delay_under_timeout","timeout":"4s"' 0 200 1 whole --max-time 4
at_least 3 total 'an answer just before the timeout'
strike '"fault":"delay_over_timeout","timeout":"2s"' 28 '' 1 gone --max-time 2
strike '"fault":"delay_past_deadline","timeout":"100ms"' 0 200 1 whole

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
