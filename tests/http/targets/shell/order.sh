#!/usr/bin/env bash
# The order saga as a batch job: order.sh SAGA_ID, with the URLs of the services in ORDER_URL, INVENTORY_URL, PAYMENT_URL and
# SHIPPING_URL, and what is ordered in ORDER. Exit code 0: done; 1: undone; 3: somebody has to look.
#   BUG=trusts_curl: what curl calls a failure is taken for not done
set -u

# ask URL ACTION: 0 done, 1 not done, 2 nobody knows
ask() {
  local status unknown=1 try=0
  while :; do
    status=$(curl --silent --max-time 0.5 --output /dev/null --write-out '%{http_code}' --header "Idempotency-Key: $saga/$2" \
      --header "X-Saga-Id: $saga" --header 'Content-Type: application/json' --data "$ORDER" "$1/$2") || status=000
    case $status in
      2??) return 0 ;;
      000 | 500) [ "${BUG:-}" = trusts_curl ] && return 1; [ "$try" -lt 2 ] || return 2 ;;
      429 | 503) [ "$try" -lt 2 ] || return "$unknown"; [ "$status" = 429 ] && sleep 1 ;;
      *) return "$unknown" ;;
    esac
    if [ "$status" = 000 ] || [ "$status" = 500 ]; then unknown=2; fi
    try=$((try + 1))
  done
}

saga=$1
back=()
undo() {
  local failed=0 entry
  for entry in ${back[@]+"${back[@]}"}; do
    ask ${entry} || failed=1
  done
  [ "$failed" = 0 ] && exit 1
  exit 3
}
forward() {
  ask "$1" "$2"
  case $? in
    0) back=("$1 $3" ${back[@]+"${back[@]}"}) ;;
    1) undo ;;
    2) back=("$1 $3" ${back[@]+"${back[@]}"}); undo ;;
  esac
}

forward "$ORDER_URL" create_order cancel_order
forward "$INVENTORY_URL" reserve_inventory release_inventory
forward "$PAYMENT_URL" process_payment refund_payment
forward "$SHIPPING_URL" create_shipment cancel_shipment
ask "$ORDER_URL" confirm_order
case $? in
  0) exit 0 ;;
  1) undo ;;
  *) exit 3 ;;
esac
