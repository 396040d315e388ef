"""Explores every target, compares what is found with what must be found, and prints a table.

Called by run.sh. What must be found stands in expected/TARGET.json: for each search, "RULE STEP".
"""

import argparse
import json
import os
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SCENARIOS = os.path.join(HERE, "..", "..", "..", "scenarios")

SIX = ["--no-windows", "--kinds", "rejected,unavailable,error_after_effect,request_lost,reply_lost,request_duplicated"]
SEARCHES = {  # by name in expected/*.json: options of explore. The first is what --smoke runs
    "k <= 1, six kinds": ["--max-faults", "1", *SIX],
    "k <= 1, all kinds": ["--max-faults", "1"],
    "k <= 2, six kinds": ["--max-faults", "2", *SIX],
}
OWN_SEARCHES = {  # of targets whose bug takes other faults, or that are a process for each saga
    "shell_job": {search: SEARCHES[search] for search in list(SEARCHES)[:2]},
    "shell_job_trusting": {search: SEARCHES[search] for search in list(SEARCHES)[:2]},
    "node_journal_late": {"k <= 2, crashes": ["--max-faults", "2", "--kinds", "coordinator_crash,rejected", "--no-windows"]},
    "node_parallel_impatient": {"k <= 2, slow": ["--max-faults", "2", "--kinds", "rejected,delay_under_timeout",
                                                 "--no-windows"]},
}
BUS = ["--max-faults", "1"]
OWN_SEARCHES["nats_choreography"] = {"k <= 1, all kinds": BUS}
OWN_SEARCHES["nats_choreography_no_inbox"] = {"k <= 1, duplicates": [*BUS, "--kinds", "request_duplicated"]}
OWN_SEARCHES["nats_choreography_acks_first"] = {"k <= 1, unavailable": [*BUS, "--kinds", "unavailable"]}
OWN_SEARCHES["nats_choreography_deaf_stock"] = {"k <= 1, rejected": [*BUS, "--kinds", "rejected"]}
# --deep: correct ones of Python, Node and Go under every pair of faults but crashes of theirs, windows included. Nothing else strikes
# those that remember nothing; of the others a crash is left out by naming what is left.
WITHOUT_CRASHES = ("rejected,rejected_in_body,unauthorized,conflict,unavailable,rate_limited,error_after_effect,"
                   "participant_crash_before,participant_crash_after,request_lost,request_duplicated,request_duplicated_later,"
                   "request_reordered,request_late,request_late_after_compensation,request_late_after_end,reply_lost,reply_late,"
                   "reply_corrupt,reply_corrupt_without_effect,reply_mismatched,delay_under_timeout,delay_over_timeout")
# What is named is tried, promised or not: node_journal says neither that it reads bodies nor that it looks whose answer it gets.
PROMISED = ",".join(kind for kind in WITHOUT_CRASHES.split(",") if kind not in ("rejected_in_body", "reply_mismatched"))
DEEP_SEARCHES = {target: {"k <= 2, without crashes": ["--max-faults", "2", *kinds]} for target, kinds in {
    "python_durable": ["--kinds", WITHOUT_CRASHES],
    "node_journal": ["--kinds", PROMISED],
    "node_plain": [],
    "node_parallel": [],
    "choreography": [],
    "go_plain": [],
}.items()}
DEEP_WORKERS = 64  # a run of these waits for most of its time
# Bugs that show as things happen to come: answers of branches; the two chains of events that one duplicate begins.
RACES = {"node_parallel_impatient", "nats_choreography_no_inbox"}
TARGETS = {  # in the order of the table: what it needs
    "node_sagas": "node-sagas",
    "medusa": "@medusajs/orchestration",
    "node_plain": "node",
    "python_plain": "python3",
    "python_durable": "python3",
    "java_plain": "java",
    "go_plain": "go",
    "go_forgets": "go",
    "choreography": "python3",
    "choreography_deaf_stock": "python3",
    "choreography_eager": "python3",
    "nats_choreography": "nats-server",
    "nats_choreography_no_inbox": "nats-server",
    "nats_choreography_acks_first": "nats-server",
    "nats_choreography_deaf_stock": "nats-server",
    "node_journal": "node",
    "node_journal_late": "node",
    "node_parallel": "node",
    "node_parallel_impatient": "node",
    "shell_job": "curl",
    "shell_job_trusting": "curl",
}
SCENARIO = {"node_parallel": "travel_booking", "node_parallel_impatient": "travel_booking",  # else order_processing
            **{target: "order_choreography" for target in TARGETS if target.startswith("nats_")}}


def missing(need):
    if need in ("node", "python3", "java", "go", "curl", "nats-server"):
        return None if any(os.access(os.path.join(folder, need), os.X_OK)
                           for folder in [*os.environ["PATH"].split(os.pathsep), "/usr/sbin"]) else f"there is no {need}"
    folder = os.path.join(os.environ.get("NODE_PATH", ""), need)
    return missing("node") or (None if os.path.isdir(folder) else f"the npm package {need} is not installed")


def searches_of(target, deep):
    return DEEP_SEARCHES.get(target, {}) if deep else OWN_SEARCHES.get(target, SEARCHES)


def explore(options, target, search):
    """The exploration as JSON, and how long it took."""
    scenario = os.path.join(SCENARIOS, SCENARIO.get(target, "order_processing") + ".json")
    workers = options.workers or (DEEP_WORKERS if options.deep else 0)
    command = [options.command, "explore", scenario, "--target", os.path.join(HERE, f"{target}.json"),
               *(["--workers", str(workers)] if workers else []), "--json",
               *searches_of(target, options.deep)[search]]
    begin = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True)
    seconds = time.monotonic() - begin
    if not done.stdout.startswith("{"):
        raise SystemExit(f"error: {target}: exit {done.returncode}\n{done.stdout[:2000]}\n{done.stderr[:2000]}")
    return json.loads(done.stdout), seconds


def explore_calmly(options, target, search):
    """The same; a machine that stood still for longer than a timeout gets a second chance."""
    result, seconds = explore(options, target, search)
    if not result["nondeterministic"] or target in RACES:
        return result, seconds
    print(f"again, for it did not come out alike: {target}, {search}: {json.dumps(result['nondeterministic'])[:500]}")
    return explore(options, target, search)


def differences(target, found, wanted, result):
    """What is not as it must be, one line each."""
    plans = {f"{finding['rule']} {finding['step']}": finding["plan"] for finding in result["findings"]}
    if target in RACES:  # which of its findings shows is chance; that one does is not
        return [] if found else ["none of what is wanted was found"]
    lines = [f"not expected: {name}: {plans[name]}" for name in found if name not in wanted]
    lines += [f"not found: {name}" for name in wanted if name not in found]
    if not result["exhausted"]:
        lines.append("the search was not exhausted")
    if result["nondeterministic"]:
        lines.append(f"did not come out alike, twice: {json.dumps(result['nondeterministic'])[:500]}")
    return lines


def in_order(name):
    """I2 before I10, and what has no number behind those."""
    number = re.match(r"I(\d+) ", name)
    return (int(number[1]) if number else 1000, name)


def by_rule(found):
    steps = {}
    for name in found:
        rule, step = name.split(" ", 1)
        steps.setdefault(rule, []).append(step)
    return "; ".join(f"{rule}: {', '.join(names)}" for rule, names in steps.items()) or "none"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--command", required=True)
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--smoke", action="store_true", help="the first search only")
    parser.add_argument("--deep", action="store_true", help="only every pair of faults, of correct targets: hours")
    parser.add_argument("--accept", action="store_true", help="write down what was found as what must be found")
    parser.add_argument("targets", nargs="*", help="only these")
    options = parser.parse_args()

    rows, wrong = [("target", "search", "schedules", "seconds", "findings")], []
    for target, need in TARGETS.items():
        if options.targets and target not in options.targets:
            continue
        if missing(need):
            print(f"skipped: {target}: {missing(need)}")
            continue
        path = os.path.join(HERE, "expected", f"{target}.json")
        expected = json.load(open(path)) if os.path.exists(path) else {}
        for search in list(searches_of(target, options.deep))[:1 if options.smoke else None]:
            result, seconds = explore_calmly(options, target, search)
            found = sorted({f"{finding['rule']} {finding['step']}" for finding in result["findings"]},
                           key=in_order)
            rows.append((target, search, result["schedules"], f"{seconds:.1f}", by_rule(found)))
            if options.accept:
                expected[search] = found
            wrong += [f"{target}, {search}: {line}"
                      for line in differences(target, found, expected.get(search, []), result)]
        if options.accept:
            with open(path, "w") as file:
                json.dump(expected, file, indent=2)
                file.write("\n")

    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.rjust(width) if at in (2, 3) else cell.ljust(width)
                        for at, (cell, width) in enumerate(zip(row, widths))).rstrip())
    print("\n".join(["", *wrong]) if wrong else "\nall as expected")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
