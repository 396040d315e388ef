"""The order saga without anyone in charge: four services that know only events, on a bus in one process.

POST /orders {"id", "order", "services"} publishes OrderPlaced and answers 202; GET /orders/ID answers {"state", "open"}: what
the order's own projection of the events says. Each service does its work by asking a participant, then publishes what
became of it; what failed runs back along the chain, service by service.

BUG=deaf_stock: the stock listens to failed payments, but not to refunded ones.
BUG=eager: the order cancels itself as soon as anything has failed; the others do not listen to what failed.
"""

import collections
import http.client
import json
import os
import queue
import sys
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BUG = os.environ.get("BUG", "")
TIMEOUT = 0.5
DONE, REFUSED, UNKNOWN = "done", "refused", "unknown"


class Bus:
    """Events in the order in which they were published, to everyone who asked for them, one at a time for each service."""

    def __init__(self):
        self.subscribers = collections.defaultdict(list)

    def subscribe(self, service, handlers):
        inbox = queue.Queue()
        for event in handlers:
            self.subscribers[event].append(inbox)

        def attend():
            while True:
                event, order = inbox.get()
                threading.Thread(target=handlers[event], args=(order,), daemon=True).start()

        threading.Thread(target=attend, name=service, daemon=True).start()

    def publish(self, event, order):
        for inbox in self.subscribers[event]:
            inbox.put((event, order))


bus = Bus()


class Order:
    def __init__(self, request):
        self.id, self.content, self.services = request["id"], request["order"], request["services"]
        self.state, self.open, self.touched = "PENDING", [], set()

    def ask(self, service, action, attempts):
        """DONE, REFUSED (nothing was done) or UNKNOWN."""
        became = REFUSED
        for attempt in range(attempts):
            request = urllib.request.Request(
                f"{self.services[service]}/{action}", data=json.dumps(self.content).encode(),
                headers={"Content-Type": "application/json", "Idempotency-Key": f"{self.id}-{action}"})
            try:
                with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
                    json.load(response)
                    return DONE
            except urllib.error.HTTPError as error:
                if error.code == 500:
                    became = UNKNOWN
                if error.code not in (429, 500, 503):
                    return became
                time.sleep(float(error.headers.get("Retry-After", "0.01")))
            except (OSError, ValueError, http.client.HTTPException):
                became = UNKNOWN
        return became


def work(service, action, happened, failed, attempts=3):
    """A handler that does `action` and says what became of it."""
    def handle(order):
        became = order.ask(service, action, attempts)
        if became != REFUSED:
            order.touched.add(action)
        bus.publish(happened if became == DONE else failed, order)
    return handle


def undo(service, action, compensation, undone):
    """A handler that undoes `action`, if it may have been done, and passes the word back."""
    def handle(order):
        if action in order.touched and order.ask(service, compensation, 3) != DONE:
            order.open.append(action)
        bus.publish(undone, order)
    return handle


def close(state):
    def handle(order):
        order.state = "ATTENTION" if order.open else state
    return handle


def confirm(order):
    became = order.ask("order_service", "confirm_order", 3)
    if became == UNKNOWN:
        order.open = ["create_order", "reserve_inventory", "process_payment", "create_shipment", "confirm_order"]
        order.state = "ATTENTION"
    else:
        bus.publish("OrderConfirmed" if became == DONE else "ConfirmationFailed", order)


def subscribe():
    cancel = undo("order_service", "create_order", "cancel_order", "OrderCancelled")
    release = undo("inventory_service", "reserve_inventory", "release_inventory", "StockReleased")
    refund = undo("payment_service", "process_payment", "refund_payment", "PaymentRefunded")
    orders = {
        "OrderPlaced": work("order_service", "create_order", "OrderCreated", "OrderFailed"),
        "OrderFailed": cancel,
        "StockReleased": cancel,
        "ShipmentScheduled": confirm,
        "OrderConfirmed": close("CONFIRMED"),
        "OrderCancelled": close("CANCELLED"),
    }
    stock = {
        "OrderCreated": work("inventory_service", "reserve_inventory", "StockReserved", "StockFailed"),
        "StockFailed": release,
        "PaymentRefunded": release,
    }
    payments = {
        "StockReserved": work("payment_service", "process_payment", "PaymentTaken", "PaymentFailed"),
        "PaymentFailed": refund,
        "ShipmentCancelled": refund,
    }
    shipping = {
        "PaymentTaken": work("shipping_service", "create_shipment", "ShipmentScheduled", "ShipmentFailed"),
        "ShipmentFailed": undo("shipping_service", "create_shipment", "cancel_shipment", "ShipmentCancelled"),
        "ConfirmationFailed": undo("shipping_service", "create_shipment", "cancel_shipment", "ShipmentCancelled"),
    }
    if BUG == "deaf_stock":
        del stock["PaymentRefunded"]
        orders["PaymentRefunded"] = cancel
    if BUG == "eager":
        for event in ("StockFailed", "PaymentFailed", "ShipmentFailed", "ConfirmationFailed"):
            orders[event] = cancel
        stock = {"OrderCreated": stock["OrderCreated"]}
        payments = {"StockReserved": payments["StockReserved"]}
        shipping = {"PaymentTaken": shipping["PaymentTaken"]}
    for name, handlers in {"orders": orders, "stock": stock, "payments": payments, "shipping": shipping}.items():
        bus.subscribe(name, handlers)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    orders = {}

    def do_POST(self):
        order = Order(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.orders[order.id] = order
        bus.publish("OrderPlaced", order)
        self.answer(202, {"id": order.id})

    def do_GET(self):
        order = self.orders.get(self.path.rsplit("/", 1)[1])
        self.answer(*(200, {"state": order.state, "open": order.open}) if order else (404, {"error": "no such order"}))

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
    subscribe()
    server = Server(("127.0.0.1", int(sys.argv[1])), Handler)
    server.serve_forever()
