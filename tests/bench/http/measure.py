"""Stubbed POST /payments/charge, the same figures for every side: python3 measure.py --work FOLDER [--smoke] …

Called by tests/bench/http.sh, which installs what is measured. A side that is not there is said to be skipped.
"""

import argparse
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
JOURNAL = 100_000  # entries kept, where a side can be told
STUBS = 1000
PAYMENT = re.search(r"wrk\.body = '(.*)'", open(os.path.join(HERE, "charge.lua")).read()).group(1)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ask(connection, method, path, body=None):
    """Status and body; a body that is not text is sent as JSON."""
    text = body if body is None or isinstance(body, str) else json.dumps(body)
    headers = {} if body is None else {"Content-Type": "application/json"}
    connection.request(method, path, text, headers)
    response = connection.getresponse()
    return response.status, response.read()


def must(connection, method, path, body=None):
    status, answer = ask(connection, method, path, body)
    if status >= 300:
        raise SystemExit(f"error: {method} {path}: {status} {answer[:500]!r}")
    return answer


class Side:
    """One server. `command` starts it with the stub set; the port of the stub is known or read from its first line."""

    name = None
    base = ""  # what comes before /payments/charge
    admin_port = None

    def __init__(self, options):
        self.options = options
        self.work = os.path.join(options.work, self.name.split()[0])
        shutil.rmtree(self.work, ignore_errors=True)
        os.makedirs(self.work)

    def missing(self):
        return None

    def start(self):
        begin = time.monotonic()
        log = open(os.path.join(self.work, "log"), "wb")
        self.process = subprocess.Popen(self.command(), cwd=self.work, stdout=subprocess.PIPE, stderr=log)
        self.learn_ports()
        deadline = begin + 60
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"error: {self.name} does not answer; see {log.name}")
            time.sleep(0.001)
        self.start_up = time.monotonic() - begin

    def learn_ports(self):
        pass

    def answers(self):
        try:
            connection = self.connect(self.port)
            return ask(connection, "POST", f"{self.base}/payments/charge", PAYMENT)[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def connect(self, port):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def memory(self):
        """MB resident."""
        status = open(f"/proc/{self.process.pid}/status").read()
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024

    def singly(self, connection):
        for number in range(STUBS):
            must(connection, *self.one(number))

    def bulk(self, connection):
        must(connection, *self.many(range(STUBS)))

    def reset(self, connection):
        must(connection, *self.clear())


class Floor(Side):
    name = "epoll floor"

    def command(self):
        return [self.options.floor]

    def learn_ports(self):
        self.port = json.loads(self.process.stdout.readline())["port"]

    def journal(self, connection):
        return None


class Ours(Side):
    name = "saga-harness serve"

    def command(self):
        return [self.options.command, "serve", os.path.join(HERE, "charge.json")]

    def learn_ports(self):
        ready = json.loads(self.process.stdout.readline())
        self.port = int(ready["services"]["payments"].rsplit(":", 1)[1].split("/")[0])
        self.admin_port = int(ready["admin"].rsplit(":", 1)[1].split("/")[0])

    @staticmethod
    def fault(number):
        return {"service": "payments", "action": "charge", "saga_id": f"saga-{number}", "fault": "unavailable"}

    def one(self, number):
        return "POST", "/__admin/faults", self.fault(number)

    def many(self, numbers):
        return "POST", "/__admin/faults", [self.fault(number) for number in numbers]

    def clear(self):
        return "POST", "/__admin/reset"

    def journal(self, connection):
        return json.loads(must(connection, "GET", "/__admin/journal/count"))


class WireMock(Side):
    name = "WireMock"

    def missing(self):
        folder = os.path.join(self.options.packages, "wiremock", "build")
        jars = [name for name in os.listdir(folder) if name.endswith(".jar")] if os.path.isdir(folder) else []
        if not jars:
            return "the npm package wiremock is not installed"
        self.jar = os.path.join(folder, jars[0])
        return None if shutil.which("java") else "there is no java"

    @staticmethod
    def mapping(headers=None, status=200):
        request = {"method": "POST", "urlPath": "/payments/charge", **({"headers": headers} if headers else {})}
        response = {"status": status, "headers": {"Content-Type": "application/json"}, "jsonBody": {"success": True}}
        return {"request": request, "response": response}

    def fault(self, number):
        return self.mapping({"X-Saga-Id": {"equalTo": f"saga-{number}"}}, 503)

    def command(self):
        os.makedirs(os.path.join(self.work, "mappings"), exist_ok=True)
        with open(os.path.join(self.work, "mappings", "charge.json"), "w") as file:
            json.dump(self.mapping(), file)
        self.port = self.admin_port = free_port()
        return ["java", "-jar", self.jar, "--port", str(self.port), "--root-dir", self.work, "--disable-banner",
                "--max-request-journal-entries", str(JOURNAL)]

    def one(self, number):
        return "POST", "/__admin/mappings", self.fault(number)

    def many(self, numbers):
        return "POST", "/__admin/mappings/import", {"mappings": [self.fault(number) for number in numbers]}

    def clear(self):
        return "POST", "/__admin/reset"

    def journal(self, connection):
        return json.loads(must(connection, "GET", "/__admin/requests?limit=1"))["meta"]


class Mountebank(Side):
    name = "mountebank"

    def missing(self):
        self.program = os.path.join(self.options.packages, "mountebank", "bin", "mb")
        if not os.path.exists(self.program):
            return "the npm package mountebank is not installed"
        return None if shutil.which("node") else "there is no node"

    @staticmethod
    def stub(headers=None, status=200):
        where = {"method": "POST", "path": "/payments/charge", **({"headers": headers} if headers else {})}
        answer = {"statusCode": status, "headers": {"Content-Type": "application/json"}, "body": {"success": True}}
        return {"predicates": [{"equals": where}], "responses": [{"is": answer}]}

    def fault(self, number):
        return self.stub({"X-Saga-Id": f"saga-{number}"}, 503)

    def command(self):
        self.port, self.admin_port = free_port(), free_port()
        imposter = {"port": self.port, "protocol": "http", "recordRequests": True, "stubs": [self.stub()]}
        with open(os.path.join(self.work, "charge.json"), "w") as file:
            json.dump({"imposters": [imposter]}, file)
        return ["node", self.program, "start", "--port", str(self.admin_port), "--configfile", "charge.json",
                "--localOnly", "--loglevel", "warn", "--nologfile", "--pidfile", os.path.join(self.work, "pid")]

    def one(self, number):
        return "POST", f"/imposters/{self.port}/stubs", {"index": 0, "stub": self.fault(number)}

    def many(self, numbers):
        stubs = [self.fault(number) for number in numbers] + [self.stub()]
        return "PUT", f"/imposters/{self.port}/stubs", {"stubs": stubs}

    def clear(self):
        return "DELETE", "/imposters"

    def journal(self, connection):
        return json.loads(must(connection, "GET", f"/imposters/{self.port}"))["numberOfRequests"]


def load(side, seconds):
    """Requests a second and the 99th percentile in milliseconds, as wrk says."""
    command = ["wrk", "-t1", "-c16", f"-d{seconds}s", "--latency", "-s", os.path.join(HERE, "charge.lua"),
               f"http://127.0.0.1:{side.port}{side.base}/payments/charge"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)|Socket errors: (.*)", text)
    if failed:
        raise SystemExit(f"error: {side.name} under load: {failed.group(0)}")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))
    amount, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", text).groups()
    return rate, float(amount) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def timed(action, *arguments):
    begin = time.monotonic()
    action(*arguments)
    return (time.monotonic() - begin) * 1000


def measure(side):
    options = side.options
    starts = []
    for _ in range(1 if options.smoke else 3):
        side.start()
        starts.append(side.start_up * 1000)
        side.stop()
    side.start()
    try:
        row = {"start_up": min(starts + [side.start_up * 1000])}
        if options.smoke:
            row["rate"], row["p99"] = load(side, 1)
        else:
            row["cold"] = load(side, 5)[0]
            load(side, 10)  # a compiler at run time needs that long to be done
            row["rate"], row["p99"] = max(load(side, 5) for _ in range(2))
        row["memory"] = side.memory()
        if side.admin_port:
            connection = side.connect(side.admin_port)
            row["journal"] = side.journal(connection)
            row["singly"] = timed(side.singly, connection)
            row["reset"] = timed(side.reset, connection)
        return row
    finally:
        side.stop()


def measure_bulk(side):
    side.start()
    try:
        connection = side.connect(side.admin_port)
        return timed(side.bulk, connection)
    finally:
        side.stop()


COLUMNS = [  # key, heading, format, is more better
    ("rate", "requests/s", "{:,.0f}", True),
    ("cold", "first 5 s", "{:,.0f}", True),
    ("p99", "p99 ms", "{:.2f}", False),
    ("start_up", "start-up ms", "{:,.0f}", False),
    ("memory", "memory MB", "{:,.0f}", False),
    ("singly", "1000 faults singly ms", "{:,.0f}", False),
    ("bulk", "in bulk ms", "{:,.1f}", False),
    ("reset", "reset ms", "{:,.1f}", False),
]


def table(rows):
    def cell(row, key, form):
        return form.format(row[key]) if row.get(key) is not None else "-"

    def ratio(key, more_is_better, row):
        if "rate" not in row or row.get(key) is None or ours.get(key) is None:
            return "-"
        value = ours[key] / row[key] if more_is_better else row[key] / max(ours[key], 1e-3)
        return f"{value:,.2f}x" if value < 100 else f"{value:,.0f}x"

    lines = [["", *(heading for _, heading, _, _ in COLUMNS)]]
    lines += [[name, *(cell(row, key, form) for key, _, form, _ in COLUMNS)] for name, row in rows.items()]
    ours = rows[Ours.name]
    lines += [[f"ours against {name}", *(ratio(key, better, row) for key, _, _, better in COLUMNS)]
              for name, row in rows.items() if row is not ours]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    for line in lines:
        first, *rest = (text.ljust(width) if at == 0 else text.rjust(width)
                        for at, (text, width) in enumerate(zip(line, widths)))
        print("  ".join([first, *rest]).rstrip())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", required=True)
    parser.add_argument("--packages", default="")
    parser.add_argument("--command", required=True)
    parser.add_argument("--floor", required=True)
    parser.add_argument("--smoke", action="store_true")
    options = parser.parse_args()
    rows = {}
    for kind in (Floor, Ours) if options.smoke else (Floor, Ours, WireMock, Mountebank):
        side = kind(options)
        missing = side.missing()
        if missing:
            print(f"skipped: {side.name}: {missing}")
            continue
        rows[side.name] = measure(side)
        if side.admin_port:
            rows[side.name]["bulk"] = measure_bulk(side)
        print(f"{side.name}: {json.dumps(rows[side.name])[:500]}", file=sys.stderr, flush=True)  # it takes minutes
    table(rows)
    print("\nours against X: above 1.00x ours is the better one, in every column")


if __name__ == "__main__":
    main()
