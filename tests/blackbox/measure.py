"""Measures what tests/bench/blackbox.sh prints: exploration beside the bare target, and many runs at a time beside one."""
import argparse
import json
import os
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SHOP = os.path.join(HERE, "shop.json")
WORKERS = 16


class Server:
    """The orchestrator of the tests, which waits `pause` seconds before every call."""

    def __init__(self, pause):
        self.process = subprocess.Popen(["python3", os.path.join(HERE, "orchestrator.py"), "serve", "none"],
                                        env={**os.environ, "PAUSE": str(pause)}, stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def write_target(folder, url):
    target = {
        "start": {"url": url + "/orders",
                  "body": {"saga_id": "{saga_id}", "context": "{context}", "services": "{service_urls}"}},
        "outcome": {"from": "response", "pointer": "/status",
                    "statuses": {"completed": "completed", "compensated": "compensated", "failed": "flagged"}},
    }
    path = os.path.join(folder, "target.json")
    with open(path, "w") as file:
        json.dump(target, file)
    return path


def explore(options, folder, url, workers, faults):
    begin = time.monotonic()
    done = subprocess.run(
        [options.command, "explore", SHOP, "--target", write_target(folder, url), "-k", str(faults), "--workers",
         str(workers), "--faults", "rejected,unavailable,error_after_effect", "--no-windows", "--recheck-every", "0",
         "--out", tempfile.mkdtemp(dir=folder), "--json"], capture_output=True, text=True)
    seconds = time.monotonic() - begin
    if done.returncode != 0:
        raise SystemExit(f"error: exit {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr}")
    return seconds, int(json.loads(done.stdout)["schedules"])


def bare(options, folder, url):
    done = subprocess.run([options.floor, SHOP, os.path.join(folder, "runs.jsonl"), url, str(WORKERS)],
                          capture_output=True, text=True, check=True)
    return json.loads(done.stdout)["seconds"]


def row(name, goal, ratio, met):
    print(f"  {name:<58} {goal:<10} {ratio:5.2f} x   {'met' if met else 'MISSED'}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--command", required=True)
    parser.add_argument("--floor", required=True)
    parser.add_argument("--smoke", action="store_true")
    options = parser.parse_args()
    faults, times = (1, 1) if options.smoke else (3, 3)
    with tempfile.TemporaryDirectory() as folder:
        with Server(0) as server:
            ours, floors = [], []
            for _ in range(times):  # in turn, so that both have the same machine
                seconds, schedules = explore(options, folder, server.url, WORKERS, faults)
                ours.append(seconds)
                floors.append(bare(options, folder, server.url))
        print(f"{schedules} schedules, {WORKERS} at a time, the best of {times}: explored in {min(ours):.2f} s, "
              f"replayed bare in {min(floors):.2f} s")
        row("exploration over the bare target", "<= 1.5 x", min(ours) / min(floors), min(ours) / min(floors) <= 1.5)
        with Server(0.02) as server:
            alone, schedules = explore(options, folder, server.url, 1, min(faults, 2))
            together, _ = explore(options, folder, server.url, WORKERS, min(faults, 2))
        print(f"{schedules} schedules, 20 ms before every call: one at a time {alone:.2f} s, {WORKERS} at a time {together:.2f} s")
        row(f"one at a time over {WORKERS} at a time", ">= 4 x", alone / together, alone / together >= 4)


if __name__ == "__main__":
    main()
