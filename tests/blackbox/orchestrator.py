"""A saga orchestrator with the standard library alone, correct or with one known bug.

orchestrator.py serve BUG          an HTTP server on a free port, whose URL is its first line of output;
                                   at 127.0.0.1 or BIND_ADDRESS;
                                   POST /orders {"saga_id", "context", "services"} answers {"status": …} at the end,
                                   POST /orders?async=1 at once, GET /orders/ID says how it stands
orchestrator.py serve BUG --log F  the same, durable: every saga is in the SQLite file F and taken up again at the start
                                   GET /orders/ID?wait=1 answers at the end
orchestrator.py run BUG            one saga from the environment (SAGA_ID, CONTEXT, SERVICES); prints the word for its end
orchestrator.py run BUG --log F    the same, durable: run again over the same file, it undoes what it had begun
"""
import http.client
import http.server
import json
import os
import random
import sqlite3
import sys
import threading
import time
import urllib.parse

STEPS = [
    ("order_service", "create_order", "cancel_order"),
    ("inventory_service", "reserve_inventory", "release_inventory"),
    ("payment_service", "process_payment", "refund_payment"),
]
TIMEOUT = float(os.environ.get("TIMEOUT", "5"))
PAUSE = float(os.environ.get("PAUSE", "0"))
BACK_OFF = float(os.environ.get("BACK_OFF", "0"))  # before a compensation is tried again
TRIES = 3


def call(services, service, action, saga_id, context, key=None):
    """'ok', 'no' (certainly not done) or 'unknown'."""
    url = urllib.parse.urlsplit(services[service])
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=TIMEOUT)
    try:
        if PAUSE:
            time.sleep(PAUSE)
        body = json.dumps({**context, "saga_id": saga_id})
        headers = {"Content-Type": "application/json", "X-Saga-Id": saga_id}
        if key:
            headers["Idempotency-Key"] = key
        connection.request("POST", url.path + "/" + action, body, headers)
        response = connection.getresponse()
        response.read()
    except (OSError, http.client.HTTPException):
        return "unknown"
    finally:
        connection.close()
    if response.status == 200:
        return "ok"
    return "no" if 400 <= response.status < 500 or response.status == 503 else "unknown"


class Saga:
    def __init__(self, bug, services, saga_id, context, log=None):
        self.bug, self.services, self.saga_id, self.context = bug, services, saga_id, context
        self.log = log or (lambda *record: None)

    def ask(self, service, action):
        if self.bug == "fresh_keys":
            return self.ask_with_fresh_keys(service, action)
        return call(self.services, service, action, "" if self.bug == "anonymous" else self.saga_id, self.context)

    def ask_with_fresh_keys(self, service, action):
        for attempt in range(TRIES):
            key = "%s/%s/%d" % (self.saga_id, action, attempt)
            answer = call(self.services, service, action, self.saga_id, self.context, key)
            if answer != "unknown":
                return answer
        return "unknown"

    def run(self):
        if self.bug == "does_nothing":
            return self.end("failed")
        begun = []
        for number in [2, 0, 1] if self.bug == "pays_first" else range(len(STEPS)):
            service, action, _ = STEPS[number]
            self.log("intent", number)
            begun.append(number)
            if self.bug == "misspells" and number == 1:
                action += "x"
            answer = "no" if self.bug == "gives_up" and number == 2 else self.ask(service, action)
            if answer == "ok":
                self.log("done", number)
                continue
            if self.bug == "completes_on_error" and answer == "unknown":
                continue
            if self.bug == "forgets_in_doubt" or answer == "no":
                begun.pop()
            return self.compensate(begun)
        if self.bug == "always_back":
            return self.compensate(begun)
        return self.end("failed" if self.bug == "only_flags" else "completed")

    def compensate(self, begun):
        if self.bug == "flips_coins" and random.random() < 0.5:
            begun = []
        if self.bug == "undoes_later":  # no bug: it has promised to, and does
            threading.Timer(0.3, self.undo, [begun]).start()
            return self.end("compensated")
        return self.undo(begun)

    def undo(self, begun):
        self.log("compensating", 0)
        if self.bug == "sleeps":
            time.sleep(60)
        stuck = False
        order = begun if self.bug == "wrong_order" else reversed(begun)
        for number in order:
            service, _, compensation = STEPS[number]
            if not self.persist(service, compensation):
                stuck = True
                if self.bug == "stops_at_first":
                    break
        return self.end("compensated" if self.bug == "stops_at_first" or not stuck else "failed")

    def persist(self, service, compensation):
        tries = 0
        while self.ask(service, compensation) != "ok":
            tries += 1
            if self.bug == "dies":
                sys.stderr.write("out of luck\n")
                sys.stderr.flush()
                os._exit(3)
            if tries >= TRIES and self.bug != "retries_for_ever":
                return False
            time.sleep(BACK_OFF)
        return True

    def end(self, word):
        self.log("end", 0, word)
        return word


class Log:
    """What survives a crash."""

    def __init__(self, path):
        self.lock = threading.Lock()
        self.db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute("CREATE TABLE IF NOT EXISTS sagas (id TEXT PRIMARY KEY, start TEXT, word TEXT)")
        self.db.execute("CREATE TABLE IF NOT EXISTS records (id TEXT, kind TEXT, step INTEGER)")

    def start(self, saga_id, start):
        with self.lock:
            self.db.execute("INSERT INTO sagas VALUES (?, ?, 'running')", (saga_id, json.dumps(start)))

    def append(self, saga_id, kind, step, word=None):
        with self.lock:
            if kind == "end":
                self.db.execute("UPDATE sagas SET word = ? WHERE id = ?", (word, saga_id))
            else:
                self.db.execute("INSERT INTO records VALUES (?, ?, ?)", (saga_id, kind, step))

    def word(self, saga_id):
        with self.lock:
            found = self.db.execute("SELECT word FROM sagas WHERE id = ?", (saga_id,)).fetchone()
        return found[0] if found else "unknown saga"

    def unfinished(self):
        with self.lock:
            sagas = self.db.execute("SELECT id, start FROM sagas WHERE word = 'running'").fetchall()
            return [
                (saga_id, json.loads(start), [r for (r,) in self.db.execute(
                    "SELECT step FROM records WHERE id = ? AND kind = 'intent' ORDER BY step", (saga_id,))])
                for saga_id, start in sagas
            ]


def begin(bug, log, start):
    record = lambda *rest: log.append(start["saga_id"], *rest)
    return Saga(bug, start["services"], start["saga_id"], start["context"], record)


def recover(bug, log):
    for saga_id, start, intents in log.unfinished():
        saga = begin(bug, log, start)
        if bug == "forgets_on_restart":
            saga.end("compensated")
        else:  # what was begun is undone, whether or not it was done
            threading.Thread(target=saga.compensate, args=(sorted(intents),), daemon=True).start()


def make_handler(bug, log):
    words = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def answer(self, status, value):
            body = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self):
            saga_id, _, wait = self.path.rsplit("/", 1)[-1].partition("?wait=")
            if self.path == "/health":
                return self.answer(200, {})
            while wait and log.word(saga_id) == "running":
                time.sleep(0.005)
            word = log.word(saga_id) if log else words.get(saga_id, "unknown saga")
            self.answer(200 if word != "unknown saga" else 404, {"status": word})

        def do_POST(self):
            start = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            saga_id = start["saga_id"]
            if log:
                log.start(saga_id, start)
                saga = begin(bug, log, start)
            else:
                saga = Saga(bug, start["services"], saga_id, start["context"])
            if "async" not in self.path:
                return self.answer(200, {"status": saga.run()})
            words[saga_id] = "running"
            threading.Thread(target=lambda: words.update({saga_id: saga.run()}), daemon=True).start()
            self.answer(202, {})

    return Handler


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


def serve(bug, path):
    log = Log(path) if path else None
    if log:
        recover(bug, log)
    host = os.environ.get("BIND_ADDRESS", "127.0.0.1")
    server = Server((host, 0), make_handler(bug, log))
    url = f"http://{host}:{server.server_address[1]}"
    if "URLS" in os.environ:
        with open(os.environ["URLS"], "a") as urls:
            urls.write(url + "\n")
    print(url, flush=True)
    server.serve_forever()


def main():
    what, bug, *rest = sys.argv[1:]
    if what == "serve":
        serve(bug, rest[1] if rest else None)
        return
    start = {"services": json.loads(os.environ["SERVICES"]), "saga_id": os.environ["SAGA_ID"],
             "context": json.loads(os.environ["CONTEXT"])}
    if not rest:
        return print(Saga(bug, start["services"], start["saga_id"], start["context"]).run())
    log = Log(rest[1])
    begun = [intents for saga_id, _, intents in log.unfinished() if saga_id == start["saga_id"]]
    if begun:
        return print("compensated" if bug == "forgets_on_restart" else begin(bug, log, start).compensate(sorted(begun[0])))
    if log.word(start["saga_id"]) != "unknown saga":
        return print(log.word(start["saga_id"]))
    log.start(start["saga_id"], start)
    print(begin(bug, log, start).run())


if __name__ == "__main__":
    main()
