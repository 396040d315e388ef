"""A correct, durable orchestrator of the order saga: standard library only, its log in SQLite.

POST /orders {"saga_id", "context", "services"} starts a saga, once, and answers 202 at once; GET /orders/SAGA_ID says how
it stands: {"status": "running", "completed", "compensated" or "flagged", "steps": [those that may be left]}.
Killed and started again on the same log, it takes up every saga that has no end.

    durable.py LOG.sqlite
"""

import http.client
import json
import os
import sqlite3
import sys
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TIMEOUT = float(os.environ.get("CALL_TIMEOUT_MS", "1000")) / 1000
TOKEN = os.environ.get("SERVICE_TOKEN", "")
BACKOFF = 0.1  # twice as much after each attempt
COMPENSATION_ATTEMPTS = 3

STEPS = [  # service, action, compensation, attempts
    ("order_service", "create_order", "cancel_order", 1),
    ("inventory_service", "reserve_inventory", "release_inventory", 1),
    ("payment_service", "process_payment", "refund_payment", 3),
    ("shipping_service", "create_shipment", "cancel_shipment", 2),
    ("order_service", "confirm_order", None, 3),
]
DONE, NOT_DONE, UNKNOWN = "done", "not done", "unknown"


class Log:
    """What must be known after a crash. A write that returned survives the death of this process."""

    def __init__(self, path):
        self.lock = threading.Lock()
        self.database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.database.execute("PRAGMA journal_mode = WAL")
        self.database.execute("PRAGMA synchronous = NORMAL")  # a lost machine is not what this is tested for
        self.database.execute("CREATE TABLE IF NOT EXISTS sagas (id TEXT PRIMARY KEY, request TEXT, outcome TEXT)")
        self.database.execute("CREATE TABLE IF NOT EXISTS records (saga TEXT, what TEXT, result TEXT,"
                              " PRIMARY KEY (saga, what))")

    def execute(self, statement, *values):
        with self.lock:
            cursor = self.database.execute(statement, values)
            return cursor.rowcount if statement.startswith("INSERT") else cursor.fetchall()

    def start(self, order):
        return self.execute("INSERT OR IGNORE INTO sagas VALUES (?, ?, NULL)", order["saga_id"], json.dumps(order)) == 1

    def unfinished(self):
        return [json.loads(request) for (request,) in self.execute("SELECT request FROM sagas WHERE outcome IS NULL")]

    def outcome(self, saga):
        rows = self.execute("SELECT outcome FROM sagas WHERE id = ?", saga)
        return None if not rows else json.loads(rows[0][0] or '{"status": "running"}')

    def end(self, saga, outcome):
        self.execute("UPDATE sagas SET outcome = ? WHERE id = ?", json.dumps(outcome), saga)

    def records(self, saga):
        return dict(self.execute("SELECT what, result FROM records WHERE saga = ?", saga))

    def record(self, saga, what, result):
        self.execute("INSERT OR REPLACE INTO records VALUES (?, ?, ?)", saga, what, result)


def call(order, service, action):
    """DONE, NOT_DONE or UNKNOWN; whether asking again may help; and after how many seconds."""
    url = urllib.parse.urlsplit(f"{order['services'][service]}/{action}")
    headers = {"Content-Type": "application/json", "X-Saga-Id": order["saga_id"],
               "X-Correlation-ID": order["saga_id"], "Idempotency-Key": f"{order['saga_id']}/{action}",
               "Authorization": f"Bearer {TOKEN}"}
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=TIMEOUT)
    try:
        body = json.dumps({"saga_id": order["saga_id"], **order["context"]})
        connection.request("POST", url.path, body, headers)
        response = connection.getresponse()
        answer = json.loads(response.read())
    except (OSError, http.client.HTTPException, ValueError):
        return UNKNOWN, True, BACKOFF
    finally:
        connection.close()
    if response.status in (429, 503):
        return NOT_DONE, True, max(BACKOFF, float(response.headers.get("Retry-After", 0)))
    if 400 <= response.status < 500:
        return NOT_DONE, False, 0
    if response.status != 200 or response.headers.get("X-Correlation-ID", order["saga_id"]) != order["saga_id"]:
        return UNKNOWN, True, BACKOFF
    return (NOT_DONE, False, 0) if answer.get("success") is False else (DONE, False, 0)


class Saga:
    def __init__(self, log, order):
        self.log, self.order, self.id = log, order, order["saga_id"]
        self.known = log.records(self.id)

    def record(self, what, result):
        self.known[what] = result
        self.log.record(self.id, what, result)

    def insist(self, service, action, attempts):
        """Asks until it is known, or given up, what became of `action`; both are on record."""
        result = self.known.get(action)
        if result in (DONE, NOT_DONE, UNKNOWN):
            return result
        taken_up = result == "intended"  # a process before us may have asked
        self.record(action, "intended")
        result = UNKNOWN if taken_up else NOT_DONE
        for attempt in range(attempts):
            answer, may_help, pause = call(self.order, service, action)
            if answer != NOT_DONE:
                result = answer
            if answer == DONE or not may_help:
                break
            if attempt + 1 < attempts:
                time.sleep(max(pause, BACKOFF * 2 ** attempt))
        self.record(action, result)
        return result

    def run(self):
        self.log.end(self.id, self.forward())

    def forward(self):
        begun = []
        for step in STEPS:
            service, action, compensation, attempts = step
            result = self.insist(service, action, attempts)
            if result != NOT_DONE:
                begun.append(step)
            if result == DONE:
                continue
            if result == UNKNOWN and compensation is None:  # past the point of no return, or not: a person has to look
                return {"status": "flagged", "steps": [name for _, name, _, _ in begun]}
            return self.backward(begun)
        return {"status": "completed"}

    def backward(self, begun):
        left = [action for service, action, compensation, _ in reversed(begun)
                if self.insist(service, compensation, COMPENSATION_ATTEMPTS) != DONE]
        return {"status": "flagged", "steps": left} if left else {"status": "compensated"}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    log = None

    def do_POST(self):
        order = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.log.start(order):
            threading.Thread(target=Saga(self.log, order).run, daemon=True).start()
        self.answer(202, self.log.outcome(order["saga_id"]))

    def do_GET(self):
        outcome = self.log.outcome(urllib.parse.unquote(self.path.removeprefix("/orders/")))
        self.answer(404 if outcome is None else 200, outcome or {"error": "there is no such saga"})

    def answer(self, status, body):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


if __name__ == "__main__":
    Handler.log = Log(sys.argv[1])
    server = Server(("127.0.0.1", int(os.environ.get("PORT", "0"))), Handler)
    for unfinished in Handler.log.unfinished():
        threading.Thread(target=Saga(Handler.log, unfinished).run, daemon=True).start()
    print(json.dumps({"url": f"http://127.0.0.1:{server.server_port}"}), flush=True)
    server.serve_forever()
