"""A mixed load on `saga-harness serve` for a while: its memory stays flat, and no descriptor or thread is left.

    soak.py SAGA-HARNESS SCENARIO [--seconds N] [--connections N]

Connections of five kinds, which come and go: they keep alive, ask once, dawdle in the middle of a request, hang in a fault, or
read the admin API; beside them faults are ordered and lifted, runs opened and closed, and the scenario loaded anew. Exits with 1
if memory grows, a descriptor or thread is left, or a request is not answered as HTTP.
"""

import argparse
import asyncio
import json
import os
import random
import resource
import signal
import statistics
import subprocess
import sys
import time

GROWTH = 1.05  # of the median size in the last third of the time over that in the second: what leaks stays
PEAK = 1.5  # the largest size over the median: a moment's bodies, journal and connections
LOOK_EVERY = 1.0  # seconds
PARTS = 10  # lines that are printed
KINDS = ("keep_alive", "once", "dawdle", "hang", "admin")


class Server:
    def __init__(self, command, scenario):
        self.process = subprocess.Popen([command, "serve", scenario, "--max-journal", "20000"], stdout=subprocess.PIPE)
        self.ready = json.loads(self.process.stdout.readline())
        self.admin = address(self.ready["admin"])
        self.services = [address(url) for url in self.ready["services"].values()]

    def resident_mib(self):
        with open(f"/proc/{self.process.pid}/status", encoding="utf-8") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def threads(self):
        return len(os.listdir(f"/proc/{self.process.pid}/task"))


def address(url):
    host, port = url.removeprefix("http://").rstrip("/").split(":")
    return host, int(port)


def request(method, path, body="", headers=""):
    return (f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}").encode()


class Load:
    def __init__(self, server, scenario, seconds):
        self.server = server
        self.steps = [step["name"] for step in scenario["saga"]["steps"]]
        self.scenario = json.dumps(scenario)
        self.end = time.monotonic() + seconds
        self.counts = dict.fromkeys(KINDS, 0)
        self.odd = []
        self.open = self.most_open = 0
        self.sagas = 0

    def is_over(self):
        return time.monotonic() >= self.end

    async def answer(self, reader):
        head = await reader.readuntil(b"\r\n\r\n")
        status, length = head.split(b" ", 2)[1], 0
        for line in head.split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        body = await reader.readexactly(length)
        if not head.startswith(b"HTTP/1.1 ") or not status.isdigit():
            self.odd.append(head[:80])
        return int(status), body

    def call(self, saga):
        step = random.choice(self.steps)
        return request("POST", f"/{step}", "{}", f"X-Saga-Id: {saga}\r\nX-Saga-Step: {step}\r\n")

    async def keep_alive(self, reader, writer):
        for _ in range(random.randint(1, 30)):
            self.sagas += 1
            writer.write(self.call(f"s{self.sagas % 5000}"))
            await self.answer(reader)
            await asyncio.sleep(random.random() * 2)

    async def once(self, reader, writer):
        writer.write(self.call("once").replace(b"Host:", b"Connection: close\r\nHost:", 1))
        await self.answer(reader)
        await asyncio.sleep(random.random())

    async def dawdle(self, _, writer):
        text = self.call("dawdle")
        writer.write(text[:random.randint(1, len(text) - 1)])
        await asyncio.sleep(random.random() * 8)

    async def hang(self, reader, writer):
        writer.write(self.call("hang"))
        await asyncio.wait_for(reader.read(1), random.random() * 8)

    async def admin(self, reader, writer):
        for path in ("/runs", "/faults", "/journal/count", "/ledgers", "/health", "/scenario", "/openapi.json"):
            writer.write(request("GET", f"/__admin{path}"))
            status, _ = await self.answer(reader)
            if status != 200:
                self.odd.append(f"{path}: {status}")
            await asyncio.sleep(random.random())

    async def connect(self, kind):
        await asyncio.sleep(random.random() * 5)
        while not self.is_over():
            host, port = self.server.admin if kind == "admin" else random.choice(self.server.services)
            writer = None
            try:
                reader, writer = await asyncio.open_connection(host, port)
                self.open += 1
                self.most_open = max(self.most_open, self.open)
                await getattr(self, kind)(reader, writer)
                self.counts[kind] += 1
            except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError):
                await asyncio.sleep(0.2)  # gave way to others, met a fault, or a scenario was being loaded
            finally:
                if writer is not None:
                    self.open -= 1
                    writer.close()

    async def order(self):
        """Faults, runs and scenarios, over one connection after the other."""
        number = 0
        while not self.is_over():
            number += 1
            try:
                reader, writer = await asyncio.open_connection(*self.server.admin)
                orders = [("POST", "/faults", {"fault": "hang", "delay": "2s", "saga_id": "hang", "times": "always"}),
                          ("POST", "/faults", {"fault": "status", "status": 503, "times": 3}),
                          ("POST", "/runs", {"saga_id": f"r{number}", "plan": f"{self.steps[0]}#1:rejected"}),
                          ("DELETE", f"/runs/r{number}", None)]
                if number % 20 == 0:
                    orders.append(("POST", "/scenario", self.scenario))
                elif number % 5 == 0:
                    orders += [("DELETE", "/faults", None), ("POST", "/reset", None)]
                for method, path, body in orders:
                    text = body if isinstance(body, str) else "" if body is None else json.dumps(body)
                    writer.write(request(method, f"/__admin{path}", text))
                    status, answer = await self.answer(reader)
                    if status >= 300 and status != 404:
                        self.odd.append(f"{method} {path}: {status} {answer[:120]}")
                writer.close()
            except (OSError, asyncio.IncompleteReadError):
                pass
            await asyncio.sleep(1)

    async def look(self, seconds, seen):
        began = shown = time.monotonic()
        while not self.is_over():
            await asyncio.sleep(LOOK_EVERY)
            now = time.monotonic()
            seen.append((now - began, self.server.resident_mib()))
            if now - shown < seconds / PARTS:
                continue
            shown = now
            print(f"{now - began:.0f} s: {seen[-1][1]:.1f} MiB, {self.server.descriptors()} descriptors, "
                  f"{self.server.threads()} threads, {self.open} connections, {sum(self.counts.values())} done", flush=True)

    async def run(self, connections, seconds, seen):
        kinds = [KINDS[i % len(KINDS)] for i in range(connections)]
        await asyncio.gather(*(self.connect(kind) for kind in kinds), self.order(), self.look(seconds, seen))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("command")
    parser.add_argument("scenario")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--connections", type=int, default=3000)
    given = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 65536), most))
    with open(given.scenario, encoding="utf-8") as file:
        scenario = json.load(file)
    server = Server(given.command, given.scenario)
    threads, descriptors = server.threads(), server.descriptors()
    load, seen = Load(server, scenario, given.seconds), []
    asyncio.run(load.run(given.connections, given.seconds, seen))

    deadline = time.monotonic() + 70  # idle connections are kept for a minute
    while (server.descriptors() > descriptors or server.threads() > threads) and time.monotonic() < deadline:
        time.sleep(0.5)
        asyncio.run(poke(server))
    before, after = (statistics.median(mib for at, mib in seen if low <= at * 3 / given.seconds < high)
                     for low, high in ((1, 2), (2, 9)))
    peak = max(mib for at, mib in seen if at * 3 >= given.seconds)
    left = (server.descriptors() - descriptors, server.threads() - threads)
    server.process.send_signal(signal.SIGTERM)
    status = server.process.wait(20)
    print(f"{load.counts}, at most {load.most_open} connections; memory {before:.1f} -> {after:.1f} MiB, {peak:.1f} at most; "
          f"left: {left[0]} descriptors, {left[1]} threads; exit {status}")
    for odd in load.odd[:10]:
        print("odd:", odd)
    is_good = (after <= before * GROWTH and peak <= before * PEAK and max(left) <= 0 and status == 0 and not load.odd
               and load.most_open > given.connections / 2)
    print("HELD" if is_good else "NOT HELD")
    return 0 if is_good else 1


async def poke(server):
    """Whoever comes next has the server clear away those that have ended."""
    _, writer = await asyncio.open_connection(*server.admin)
    writer.close()


if __name__ == "__main__":
    sys.exit(main())
