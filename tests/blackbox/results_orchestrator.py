#!/usr/bin/env python3
"""An order whose requests carry what earlier steps were answered, a process per saga: results_orchestrator.py BUG

From the environment: SAGA_ID, CONTEXT and SERVICES (JSON). Prints the word for its end. Where an answer was lost, it
compensates under the idempotency key, without what the answer gave. BUG is none or
  another_id      the refund names the order, not the payment
  current_value   the refund is of today's amount, one more than was charged
  no_body         compensations carry nothing
  zero            an answer without an id counts as one with the id 0
"""
import http.client
import json
import os
import sys
import urllib.parse

TRIES = 3
BUG = sys.argv[1]
SAGA_ID = os.environ["SAGA_ID"]
CONTEXT = json.loads(os.environ["CONTEXT"])
SERVICES = json.loads(os.environ["SERVICES"])


def request(method, service, path, key, body):
    """The status and the answer; 0 where there is none."""
    url = urllib.parse.urlsplit(SERVICES[service])
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=0.5)
    try:
        headers = {"Content-Type": "application/json", "X-Saga-Id": SAGA_ID, "Idempotency-Key": key}
        connection.request(method, url.path + path, json.dumps(body), headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read() or "{}")
    except (OSError, ValueError, http.client.HTTPException):
        return 0, {}
    finally:
        connection.close()


def act(service, action, body):
    """The id that the action was answered with; None: refused; "": it may have worked."""
    is_in_doubt = False
    for _ in range(TRIES):
        status, answer = request("POST", service, "/" + action, SAGA_ID + "/" + action, body)
        if status == 200 and answer.get("success") is not False:
            if isinstance(answer.get("id"), str):
                return answer["id"]
            if BUG == "zero":
                return "0"
            is_in_doubt = True
        elif status == 503:
            continue
        elif 400 <= status < 500:
            return "" if is_in_doubt else None
        else:
            is_in_doubt = True
    return "" if is_in_doubt else None


def undo(method, service, path, action, body):
    for _ in range(TRIES):
        status, _ = request(method, service, path, SAGA_ID + "/" + action, {} if BUG == "no_body" else body)
        if 200 <= status < 300:
            return True
        if 400 <= status < 500:
            return False
    return False


def undo_order(ids):
    return undo("POST", "orders", "/cancel_order", "cancel_order", {"order": ids["order"]} if ids["order"] else {})


def undo_payment(ids):
    payment = ids["order"] if BUG == "another_id" else ids["payment"]
    amount = CONTEXT["total_amount"] + (1 if BUG == "current_value" else 0)
    query = {"amount": amount, **({"payment": payment} if payment else {})}
    path = "/payments/%s?%s" % (urllib.parse.quote(CONTEXT["customer_id"]), urllib.parse.urlencode(query))
    return undo("DELETE", "payments", path, "refund_payment", {})


def main():
    ids = {}
    done = []
    for name, service, action, body in [
            ("order", "orders", "create_order", lambda: {"customer": CONTEXT["customer_id"]}),
            ("payment", "payments", "process_payment",
             lambda: {"order": ids["order"], "amount": CONTEXT["total_amount"]}),
            ("shipment", "shipping", "ship", lambda: {"payment": ids["payment"]})]:
        answer = act(service, action, body())
        if answer:
            ids[name] = answer
            done.append(name)
            continue
        ids[name] = ""
        if answer == "":
            done.append(name)
        if name == "shipment" and answer == "":
            return "failed"  # there is no way back from it, and nobody knows whether it was done
        undoing = {"order": undo_order, "payment": undo_payment}
        results = [undoing[step](ids) for step in reversed(done)]
        return "compensated" if all(results) else "failed"
    return "completed"


print(main())
