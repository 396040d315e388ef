"""What the tests in this folder test: a small order saga, as a service of yours could have it."""

import json
import urllib.error
import urllib.request

STEPS = [
    ("order_service", "create_order", "cancel_order"),
    ("inventory_service", "reserve_inventory", "release_inventory"),
    ("payment_service", "process_payment", "refund_payment"),
    ("shipping_service", "create_shipment", "cancel_shipment"),
    ("order_service", "confirm_order", None),
]
ATTEMPTS = 3


def call(services, order, service, action, timeout):
    """True if it was done, False if it certainly was not, None if nobody knows."""
    request = urllib.request.Request(
        f"{services[service]}/{action}",
        data=json.dumps({"saga_id": order["id"], **order}).encode(),
        headers={"Content-Type": "application/json", "X-Saga-Id": order["id"],
                 "Idempotency-Key": f"{order['id']}/{action}"},
    )
    outcome = False
    for _ in range(ATTEMPTS):
        try:
            with urllib.request.urlopen(request, timeout=timeout) as response:
                json.load(response)
                return True
        except urllib.error.HTTPError as error:
            error.close()
            if error.code < 500:
                return outcome
            outcome = outcome if error.code == 503 else None
        except (OSError, ValueError):
            outcome = None
    return outcome


def place_order(services, order, timeout=0.5):
    """`services` are URLs by name. Returns `completed`, `compensated` or `flagged` and the steps that may be left."""
    begun = []
    for service, action, compensation in STEPS:
        done = call(services, order, service, action, timeout)
        if done is not False:
            begun.append((service, action, compensation))
        if done:
            continue
        if done is None and compensation is None:
            return "flagged", [name for _, name, _ in begun]
        left = [name for place, name, undo in reversed(begun) if not call(services, order, place, undo, timeout)]
        return ("flagged", left) if left else ("compensated", [])
    return "completed", []
