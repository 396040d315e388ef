"""As much of a NATS client as services need: publish, requests, and JetStream's push consumers. Standard library only."""

import itertools
import json
import os
import queue
import socket
import threading


class Message:
    def __init__(self, client, subject, reply, payload):
        self.client, self.subject, self.reply, self.payload = client, subject, reply, payload

    def ack(self):
        self.client.publish(self.reply, b"+ACK")

    def nak(self, delay=0.02):
        self.client.publish(self.reply, b"-NAK " + json.dumps({"delay": int(delay * 1e9)}).encode())


class Client:
    """One connection; messages come to the handlers on its reader's thread."""

    def __init__(self, url):
        host, port = url.removeprefix("nats://").split(":")
        self.socket = socket.create_connection((host, int(port)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.stream = self.socket.makefile("rb")
        self.lock, self.handlers, self.numbers = threading.Lock(), {}, itertools.count(1)
        self.inbox, self.waiting = f"_INBOX.{os.urandom(8).hex()}", {}
        self.stream.readline()  # INFO
        self.send(b'CONNECT {"verbose":false,"pedantic":false,"headers":true,"no_responders":true}\r\nPING\r\n')
        threading.Thread(target=self.read, daemon=True).start()
        self.subscribe(self.inbox + ".*", self.answered)

    def send(self, data):
        with self.lock:
            self.socket.sendall(data)

    def publish(self, subject, payload, reply=""):
        words = ["PUB", subject, *([reply] if reply else []), str(len(payload))]
        self.send(" ".join(words).encode() + b"\r\n" + payload + b"\r\n")

    def subscribe(self, subject, handler):
        number = next(self.numbers)
        self.handlers[str(number)] = handler
        self.send(f"SUB {subject} {number}\r\n".encode())

    def read(self):
        while line := self.stream.readline():
            words = line.decode().split()
            if words[0] == "PING":
                self.send(b"PONG\r\n")
            elif words[0] in ("MSG", "HMSG"):
                fixed = 4 if words[0] == "MSG" else 5
                payload = self.stream.read(int(words[-1]))
                self.stream.readline()
                if words[0] == "HMSG":
                    payload = payload[int(words[-2]):]
                reply = words[3] if len(words) > fixed else ""
                self.handlers[words[2]](Message(self, words[1], reply, payload))

    def answered(self, message):
        self.waiting[message.subject].put(message.payload)

    def request(self, subject, payload, timeout=5):
        reply = f"{self.inbox}.{next(self.numbers)}"
        self.waiting[reply] = queue.Queue()
        self.publish(subject, payload, reply)
        try:
            return json.loads(self.waiting[reply].get(timeout=timeout) or b"{}")
        finally:
            del self.waiting[reply]

    def api(self, subject, body):
        answer = self.request(f"$JS.API.{subject}", json.dumps(body).encode())
        if "error" in answer:
            raise RuntimeError(f"{subject}: {answer['error']}")
        return answer

    def make_stream(self, name, subjects):
        self.api(f"STREAM.CREATE.{name}", {"name": name, "subjects": subjects, "storage": "memory"})

    def consume(self, stream, name, handler, ack_wait, max_deliver):
        """Delivers every message of the stream until it is acknowledged, max_deliver times at most."""
        subject = f"_DELIVER.{name}.{os.urandom(4).hex()}"
        self.subscribe(subject, handler)
        self.api(f"CONSUMER.DURABLE.CREATE.{stream}.{name}", {
            "stream_name": stream,
            "config": {"durable_name": name, "deliver_subject": subject, "ack_policy": "explicit", "deliver_policy": "all",
                       "ack_wait": int(ack_wait * 1e9), "max_deliver": max_deliver, "max_ack_pending": 20000}})

    def store(self, subject, payload):
        """Publishes, and waits until the stream has it."""
        answer = self.request(subject, payload)
        if "error" in answer or "seq" not in answer:
            raise RuntimeError(f"{subject}: {answer}")
