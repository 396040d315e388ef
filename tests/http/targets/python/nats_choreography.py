"""The order saga as a choreography over NATS JetStream: four services that share nothing but the events.

nats_choreography.py PORT NATS_URL. POST /orders {"id", "order", "services"} publishes order.requested and answers 202; GET
/orders/ID answers {"state"}: what the orders' own projection of the events says. Events are messages on saga.ID.EVENT; each
service has a durable consumer of its name, does its work by asking its participant, publishes what became of it, and
acknowledges last. What it has handled stands in its inbox; a step that was undone is not done any more.

BUG=no_inbox: whatever is delivered is done, each time as if it were new.
BUG=acks_first: acknowledges before it has done anything.
BUG=deaf_stock: the stock does not listen to failed payments.
"""

import collections
import concurrent.futures
import http.client
import json
import os
import sys
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from nats import Client

BUG = os.environ.get("BUG", "")
ACK_WAIT, DELIVERIES = 1.0, 6
DONE, REFUSED, AGAIN, UNKNOWN = "done", "refused", "again", "unknown"

STEPS = {  # step: service, action, compensation, on, success, failure, undone, undone on
    "create_order": ("order_service", "create_order", "cancel_order", "order.requested", "order.created",
                     "order.rejected", "order.cancelled", ("inventory.insufficient", "inventory.released")),
    "reserve_inventory": ("inventory_service", "reserve_inventory", "release_inventory", "order.created",
                          "inventory.reserved", "inventory.insufficient", "inventory.released",
                          ("payment.failed", "payment.refunded")),
    "process_payment": ("payment_service", "process_payment", "refund_payment", "inventory.reserved",
                        "payment.completed", "payment.failed", "payment.refunded",
                        ("shipment.failed", "shipment.cancelled")),
    "create_shipment": ("shipping_service", "create_shipment", "cancel_shipment", "payment.completed",
                        "shipment.scheduled", "shipment.failed", "shipment.cancelled",
                        ("order.unconfirmed", "order.timed_out")),
    "confirm_order": ("order_service", "confirm_order", None, "shipment.scheduled", "order.confirmed",
                      "order.unconfirmed", None, ()),
}
ENDS = {"order.confirmed": "CONFIRMED", "order.cancelled": "CANCELLED", "order.rejected": "CANCELLED"}


class Service:
    """One service: its connection, its inbox, and what it knows of each order."""

    def __init__(self, name, url):
        self.name, self.bus = name, Client(url)
        self.inbox, self.undone, self.doubtful, self.states = set(), set(), set(), {}
        self.locks = collections.defaultdict(threading.Lock)
        self.workers = concurrent.futures.ThreadPoolExecutor(64)
        self.deliveries = 0
        self.bus.consume("SAGA", name, lambda message: self.workers.submit(self.take, message), ACK_WAIT, DELIVERIES)

    def take(self, message):
        _, order_id, event = message.subject.split(".", 2)
        if BUG == "acks_first":
            message.ack()
        with self.locks[order_id]:  # one event of an order at a time
            is_known = (order_id, event) in self.inbox
            became = DONE if is_known and BUG != "no_inbox" else self.handle(order_id, event, json.loads(message.payload))
            self.inbox.update({(order_id, event)} if became != AGAIN else ())
        if BUG != "acks_first":
            message.nak() if became == AGAIN else message.ack()

    def handle(self, order_id, event, order):
        if self.name == "order_service" and event in ENDS:
            self.states[order_id] = ENDS[event]
        for step, (service, action, compensation, on, success, failure, undone, undone_on) in STEPS.items():
            if service != self.name:
                continue
            if BUG == "deaf_stock" and step == "reserve_inventory" and event == "payment.failed":
                continue
            if event == on and (order_id, step) not in self.undone:
                became = self.act(order_id, order, step, action)
                if became == AGAIN:
                    return AGAIN
                self.publish(order_id, success if became == DONE else failure, order)
            if event in undone_on:
                self.undone.add((order_id, step))
                if self.ask(order_id, order, compensation) != DONE:
                    return AGAIN
                self.publish(order_id, undone, order)
        return DONE

    def act(self, order_id, order, step, action):
        """A refusal after an answer that left it open says nothing of what was asked before: it is asked again."""
        became = self.ask(order_id, order, action)
        if became == UNKNOWN:
            self.doubtful.add((order_id, step))
        is_open = became == UNKNOWN or became == REFUSED and (order_id, step) in self.doubtful
        return AGAIN if is_open else became

    def ask(self, order_id, order, action):
        """The service's own transaction, at its participant."""
        self.deliveries += 1
        key = f"{order_id}-{action}" + (f"-{self.deliveries}" if BUG == "no_inbox" else "")
        request = urllib.request.Request(
            f"{order['services'][self.name]}/{action}", data=json.dumps(order["order"]).encode(),
            headers={"Content-Type": "application/json", "Idempotency-Key": key})
        try:
            with urllib.request.urlopen(request, timeout=5) as response:
                json.load(response)
                return DONE
        except urllib.error.HTTPError as error:
            return UNKNOWN if error.code == 500 else AGAIN if error.code in (429, 503) else REFUSED
        except (OSError, ValueError, http.client.HTTPException):
            return UNKNOWN

    def publish(self, order_id, event, order):
        self.bus.store(f"saga.{order_id}.{event}", json.dumps(order).encode())


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        orders.states[request["id"]] = "PENDING"
        orders.publish(request["id"], "order.requested", {"order": request["order"], "services": request["services"]})
        self.answer(202, {"id": request["id"]})

    def do_GET(self):
        state = orders.states.get(self.path.rsplit("/", 1)[1])
        self.answer(*(200, {"state": state}) if state else (404, {"error": "no such order"}))

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
    port, nats_url = int(sys.argv[1]), sys.argv[2]
    Client(nats_url).make_stream("SAGA", ["saga.>"])
    services = {name: Service(name, nats_url) for name in sorted({step[0] for step in STEPS.values()})}
    orders = services["order_service"]
    Server(("127.0.0.1", port), Handler).serve_forever()
