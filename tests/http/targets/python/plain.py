"""The order saga as a web service writes it in an afternoon: standard library only, right as long as nothing fails.

POST /orders {"saga_id", "context", "services"} runs the saga and answers {"status": "completed" or "compensated"}.
"""

import json
import logging
import os
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TIMEOUT = float(os.environ.get("CALL_TIMEOUT_MS", "1000")) / 1000

STEPS = [
    ("order_service", "create_order", "cancel_order"),
    ("inventory_service", "reserve_inventory", "release_inventory"),
    ("payment_service", "process_payment", "refund_payment"),
    ("shipping_service", "create_shipment", "cancel_shipment"),
    ("order_service", "confirm_order", None),
]


def post(order, service, action):
    request = urllib.request.Request(
        f"{order['services'][service]}/{action}",
        data=json.dumps({"saga_id": order["saga_id"], **order["context"]}).encode(),
        headers={"Content-Type": "application/json", "X-Saga-Id": order["saga_id"]},
    )
    with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
        return json.load(response)


def post_with_retries(order, service, action, attempts=3):
    for attempt in range(1, attempts + 1):
        try:
            return post(order, service, action)
        except urllib.error.HTTPError as error:
            if error.code < 500 or attempt == attempts:
                raise
        except OSError:
            if attempt == attempts:
                raise


def compensate(order, done):
    for service, compensation in reversed(done):
        try:
            post(order, service, compensation)
        except Exception:
            logging.exception("%s failed", compensation)


def run(order):
    done = []
    for service, action, compensation in STEPS:
        try:
            post_with_retries(order, service, action)
        except Exception as error:
            logging.info("%s failed: %s", action, error)
            compensate(order, done)
            return {"status": "compensated"}
        if compensation:
            done.append((service, compensation))
    return {"status": "completed"}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        order = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = json.dumps(run(order)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


if __name__ == "__main__":
    logging.basicConfig(level=logging.CRITICAL)
    server = Server(("127.0.0.1", int(os.environ.get("PORT", "0"))), Handler)
    print(json.dumps({"url": f"http://127.0.0.1:{server.server_port}"}), flush=True)
    server.serve_forever()
