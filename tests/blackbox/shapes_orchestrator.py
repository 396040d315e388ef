#!/usr/bin/env python3
"""A trade that is audited by what is looked up, and wrapped if it can be, a process per saga: shapes_orchestrator.py BUG

From the environment: SAGA_ID, CONTEXT and SERVICES (JSON). Prints the word for its end. BUG is none or
  never_looks     nothing is looked up, the answer is guessed
  other_branch    the answer decides the wrong way round
  fails_for_wrap  what is optional fails the saga
  forgets_wrap    what is optional and may have been done is not undone
  forgets_refused the audit that was refused is not undone
"""
import http.client
import json
import os
import sys
import urllib.parse

TRIES = 2
BUG = sys.argv[1]
SAGA_ID = os.environ["SAGA_ID"]
CONTEXT = json.loads(os.environ["CONTEXT"])
SERVICES = json.loads(os.environ["SERVICES"])


def request(service, action):
    """The status and the answer; 0 where there is none."""
    url = urllib.parse.urlsplit(SERVICES[service])
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=0.5)
    try:
        headers = {"Content-Type": "application/json", "X-Saga-Id": SAGA_ID,
                   "Idempotency-Key": SAGA_ID + "/" + action}
        connection.request("POST", url.path + "/" + action, json.dumps(CONTEXT), headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read() or "{}")
    except (OSError, ValueError, http.client.HTTPException):
        return 0, {}
    finally:
        connection.close()


def act(service, action, needs=None):
    """The answer; None: refused; {}: it may have worked."""
    is_in_doubt = False
    for _ in range(TRIES):
        status, answer = request(service, action)
        is_refused = 400 <= status < 500 or answer.get("success") is False
        if status == 200 and not is_refused and (needs is None or isinstance(answer.get(needs), int)):
            return answer or {"ok": True}
        if is_refused:
            break
        is_in_doubt = True
    return {} if is_in_doubt else None


def undo(service, compensation):
    for _ in range(TRIES):
        status, _ = request(service, compensation)
        if 200 <= status < 300:
            return True
        if 400 <= status < 500:
            return False
    return False


def back(done):
    return "compensated" if all([undo(*each) for each in reversed(done)]) else "failed"


def main():
    done = []
    looked_up = {"order_type": 13} if BUG == "never_looks" else act("orders", "look_up", "order_type")
    if not looked_up:
        return back(done)  # whatever became of it, it leaves nothing
    is_big = (looked_up["order_type"] == 13) != (BUG == "other_branch")
    audit = "audit_big" if is_big else "audit_small"
    audited = act("audit", audit)
    if audited is not None or BUG != "forgets_refused":
        done.append(("audit", "un" + audit))
    if not audited:
        return back(done)
    wrapped = act("gifts", "wrap")
    if wrapped or (wrapped == {} and BUG != "forgets_wrap"):
        done.append(("gifts", "unwrap"))
    if not wrapped and BUG == "fails_for_wrap":
        return back(done)
    sold = act("sales", "sell")
    if sold == {}:
        return "failed"  # there is no way back from it, and nobody knows whether it was done
    return "completed" if sold else back(done)


print(main())
