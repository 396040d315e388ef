"""Metrics as a Prometheus server would read them, and against what they are said to be derived from.

check_prometheus.py FILE [--replay replay.json | --exploration exploration.json | --report report.json]
"""

import argparse
import collections
import json
import math
import sys

from prometheus_client.parser import text_string_to_metric_families

OUTCOMES = ("completed", "compensated", "flagged", "unresolved")
problems = []


def expect(what, found, wanted):
    if found != wanted:
        problems.append(f"{what}: {found}, expected {wanted}")


def read(path):
    text = open(path, encoding="utf-8").read()
    families = {family.name: family for family in text_string_to_metric_families(text)}
    if not text.endswith("\n"):
        problems.append("the last line does not end")
    if text.count("# TYPE") != len(families) or text.count("# HELP") != len(families):
        problems.append("families are not begun once each")
    samples = sum(not line.startswith("#") for line in text.splitlines())
    expect("samples that the parser saw", sum(len(family.samples) for family in families.values()), samples)
    for family in families.values():
        if not family.documentation or family.type not in ("counter", "gauge", "histogram"):
            problems.append(f"{family.name}: no help, or of type {family.type}")
        if family.type == "histogram":
            check_histogram(family)
    return families


def check_histogram(family):
    """Buckets grow, the last is the count, and the sum lies between what the buckets allow."""
    rows = collections.defaultdict(lambda: {"buckets": []})
    for sample in family.samples:
        labels = tuple(sorted((key, value) for key, value in sample.labels.items() if key != "le"))
        if sample.name.endswith("_bucket"):
            rows[labels]["buckets"].append((float(sample.labels["le"]), sample.value))
        else:
            rows[labels][sample.name.rsplit("_", 1)[1]] = sample.value
    for labels, row in rows.items():
        bounds = [bound for bound, _ in row["buckets"]]
        counts = [count for _, count in row["buckets"]]
        where = f"{family.name} {dict(labels)}"
        expect(f"{where}: order of the bounds", bounds, sorted(bounds))
        expect(f"{where}: order of the counts", counts, sorted(counts))
        expect(f"{where}: last bound", bounds[-1], math.inf)
        expect(f"{where}: last bucket", counts[-1], row["count"])
        least = most = before = lower = 0
        for bound, count in row["buckets"]:
            least += lower * (count - before)
            most += bound * (count - before) if count > before else 0
            before, lower = count, bound
        if not least <= row["sum"] + 1e-9 or not row["sum"] <= most + 1e-9:
            problems.append(f"{where}: the sum {row['sum']} is not between {least} and {most}")


def total(families, name, **labels):
    """The sum over all samples with these labels."""
    family = families[name.removesuffix("_total")] if name.removesuffix("_total") in families else families[name]
    return sum(sample.value for sample in family.samples
               if sample.name == name and all(sample.labels.get(key) == value for key, value in labels.items()))


def check_outcomes(families, outcomes, **labels):
    """How many sagas ended how."""
    outcomes = {outcome: int(count) for outcome, count in outcomes.items()}
    started = sum(outcomes.values())
    expect("started", total(families, "saga_started_total", **labels), started)
    for outcome in OUTCOMES:
        expect(outcome, total(families, f"saga_{outcome}_total", **labels), outcomes.get(outcome, 0))
    expect("failed", total(families, "saga_failed_total", **labels), started - outcomes.get("completed", 0))
    if started:
        expect("success ratio", total(families, "saga_success_ratio", **labels),
               outcomes.get("completed", 0) / started)


def attempts_of(trace):
    """[step, operation, sent at, ended at or None, status], in the order of sending."""
    attempts = []
    for event in trace:
        if event["type"] == "sent":
            attempts.append([event["step"], event["operation"], event["at_us"], None, "unanswered", event["call"],
                             event.get("incarnation", 0)])
        elif event["type"] in ("received", "timed_out"):
            for attempt in reversed(attempts):
                if attempt[5] == event["call"]:
                    if attempt[3] is None:
                        attempt[3:5] = [event["at_us"], event.get("status", "timeout")]
                    break
        elif event["type"] == "crashed":
            for attempt in attempts:
                if attempt[3] is None and attempt[6] == event.get("incarnation", 0):
                    attempt[3] = math.inf
    for attempt in attempts:
        if attempt[3] == math.inf:
            attempt[3] = None
    return attempts


def check_replay(families, document):
    check_outcomes(families, {document["outcome"]: 1}, type=document["saga"])
    attempts = attempts_of(document["trace"])
    by_status = collections.Counter((attempt[0], attempt[1], attempt[4]) for attempt in attempts)
    for (step, operation, status), count in by_status.items():
        expect(f"attempts at {step}.{operation} that ended {status}",
               total(families, "saga_step_attempts_total", step=step, operation=operation, status=status), count)
    expect("attempts altogether", total(families, "saga_step_attempts_total"), len(attempts))
    for step, operation in {(attempt[0], attempt[1]) for attempt in attempts}:
        own = [attempt for attempt in attempts if attempt[:2] == [step, operation]]
        over = [attempt for attempt in own if attempt[3] is not None]
        worked = [attempt for attempt in over if attempt[4] == "ok"]
        seconds = ((worked[0] if worked else over[-1])[3] - own[0][2]) / 1e6 if over else 0
        labels = {"step": step, "operation": operation}
        expect(f"durations of {step}.{operation}",
               count_of(families, "saga_step_duration_seconds", "_count", labels), 1 if over else 0)
        expect(f"duration of {step}.{operation}",
               round(count_of(families, "saga_step_duration_seconds", "_sum", labels), 6), round(seconds, 6))
    check_rollback(families, document)


def count_of(families, name, suffix, labels):
    return sum(sample.value for sample in families[name].samples if sample.name == name + suffix and
               all(sample.labels.get(key) == value for key, value in labels.items()))


def check_rollback(families, document):
    signs = [event["at_us"] for event in document["trace"]
             if event["type"] == "logged" and event["record"] == "compensating"
             or event["type"] == "published" and event["role"] == "failure"
             or event["type"] == "sent" and event["operation"] == "compensation"]
    undone = [event["at_us"] for event in document["trace"] if event["type"] == "undone"]
    counts = document["outcome"] == "compensated" and signs != []
    seconds = max(0, (undone[-1] if undone else signs[0]) - signs[0]) / 1e6 if counts else 0
    expect("rollbacks", count_of(families, "saga_rollback_duration_seconds", "_count", {}), int(counts))
    expect("rollback", round(count_of(families, "saga_rollback_duration_seconds", "_sum", {}), 6), round(seconds, 6))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("--replay")
    parser.add_argument("--exploration")
    parser.add_argument("--report")
    options = parser.parse_args()
    families = read(options.file)
    if options.replay:
        check_replay(families, json.load(open(options.replay)))
    if options.exploration:
        document = json.load(open(options.exploration))
        check_outcomes(families, document["outcomes"], type=document["saga"])
    if options.report:
        for saga in json.load(open(options.report))["sagas"]:
            check_outcomes(families, saga["outcomes"], subject=saga["id"])
    for problem in problems:
        print(f"{options.file}: {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
