"""Log lines against the trace that they are said to be derived from: check_log.py FILE --replay replay.json."""

import argparse
import collections
import json
import re
import sys

ENDS = {"completed": "Saga completed successfully", "compensated": "Saga compensated successfully",
        "flagged": "Saga flagged for a person", "unresolved": "Saga unresolved"}
problems = []


def check(holds, what):
    if not holds:
        problems.append(what)


def check_steps(lines, trace):
    """A step succeeded if its caller heard so, or, in a choreography, if it said so itself."""
    choreography = any(event["type"] == "published" for event in trace)
    worked = {event["step"] for event in trace
              if (event["type"] == "published" and event["role"] == "success" and "step" in event if choreography else
                  event["type"] == "received" and event["operation"] != "compensation" and event["status"] == "ok")}
    tried = {event["step"] for event in trace if event["type"] == "sent" and event["operation"] != "compensation"}
    said = collections.defaultdict(set)
    for line in lines:
        step = re.fullmatch(r"Step (\d+)/(\d+): (.*) - (SUCCESS|FAILED)( by .*)?", line)
        if step:
            check(step[4] not in said[step[3]], f"said twice: {line}")
            check(1 <= int(step[1]) <= int(step[2]), f"no such step: {line}")
            said[step[3]].add(step[4])
    check({step for step in said if "SUCCESS" in said[step]} == worked, f"succeeded: {worked}, said: {dict(said)}")
    check({step for step in said if "FAILED" in said[step]} <= tried, f"failed, but not tried: {dict(said)}")


def check_compensations(lines, trace, document):
    said = [line.removeprefix("Compensating: ") for line in lines if line.startswith("Compensating: ")]
    order = []
    for event in trace:
        if event["type"] == "sent" and event["operation"] == "compensation" and event["step"] not in order:
            order.append(event["step"])
    check(len(said) == len(order), f"{len(said)} compensations, {len(order)} in the trace")
    check(len(set(said)) == len(said), f"said twice: {said}")
    failed = {line for line in lines if line.startswith("Compensation failed: ")}
    if document["outcome"] in ("completed", "compensated"):
        check(not failed, f"{document['outcome']}, but {failed}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("--replay", required=True)
    options = parser.parse_args()
    document = json.load(open(options.replay))
    lines = []
    for line in open(options.file, encoding="utf-8").read().splitlines():
        match = re.fullmatch(r"\[SAGA-(.+?)\] (.*)", line)
        if match is None:
            problems.append(f"no log line: {line!r}")
            continue
        check(match[1] == document["saga"] + "-1", f"another id: {line}")
        lines.append(match[2])
    check(lines[:1] == [f"Starting saga: {document['saga']}"], f"first line: {lines[:1]}")
    end = ENDS[document["outcome"]]
    if document["flagged_steps"]:
        end += ": " + ", ".join(document["flagged_steps"])
    last = [line for line in lines if line.startswith("Saga ")][-1:]
    check(last == [end] or document["outcome"] == "unresolved" and last[0].startswith(end), f"last word: {last}, not {end}")
    check_steps(lines, document["trace"])
    check_compensations(lines, document["trace"], document)
    for problem in problems:
        print(f"{options.file}: {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
