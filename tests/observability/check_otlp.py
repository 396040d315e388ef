"""Spans in OTLP JSON: against the encoding, for themselves, and against the trace that they are said to be derived from.

check_otlp.py FILE [--replay replay.json]
"""

import argparse
import collections
import json
import re
import sys

from check_prometheus import attempts_of

INTERNAL, CLIENT, CONSUMER = 1, 3, 5
BEGINNING = 946684800 * 10**9  # where virtual time begins, in nanoseconds of Unix time
SPAN = {"traceId", "spanId", "parentSpanId", "name", "kind", "startTimeUnixNano", "endTimeUnixNano", "attributes", "events",
        "status", "traceState", "links", "flags", "droppedAttributesCount", "droppedEventsCount", "droppedLinksCount"}
EVENT = {"timeUnixNano", "name", "attributes", "droppedAttributesCount"}
problems = []


def check(holds, what):
    if not holds:
        problems.append(what)
    return holds


def only(keys, allowed, where):
    unknown = set(keys) - set(allowed)
    check(not unknown, f"{where}: unknown keys {sorted(unknown)}")


def value_of(value, where):
    """An AnyValue of the encoding."""
    if not check(len(value) == 1, f"{where}: not one value: {value}"):
        return None
    (kind, content), = value.items()
    if kind == "stringValue":
        check(isinstance(content, str), f"{where}: {content!r} is no string")
    elif kind == "intValue":
        check(isinstance(content, str) and re.fullmatch(r"-?\d+", content), f"{where}: {content!r} is no int64 as a string")
        return int(content)
    elif kind == "arrayValue":
        return [value_of(element, where) for element in content["values"]]
    else:
        check(False, f"{where}: what is {kind}?")
    return content


def attributes_of(holder, where):
    attributes = {}
    for pair in holder.get("attributes", []):
        only(pair, {"key", "value"}, where)
        check(pair["key"] not in attributes, f"{where}: {pair['key']} is there twice")
        attributes[pair["key"]] = value_of(pair["value"], f"{where}, {pair['key']}")
    return attributes


def nanoseconds(text, where):
    check(isinstance(text, str) and re.fullmatch(r"\d{1,20}", text) and int(text) < 2**64,
          f"{where}: {text!r} is no fixed64 as a string")
    return int(text)


def check_span(span):
    where = f"span {span.get('name')} ({span.get('spanId')})"
    only(span, SPAN, where)
    check(re.fullmatch(r"[0-9a-f]{32}", span["traceId"]) and int(span["traceId"], 16), f"{where}: trace id {span['traceId']}")
    check(re.fullmatch(r"[0-9a-f]{16}", span["spanId"]) and int(span["spanId"], 16), f"{where}: span id")
    check(span["name"] != "", f"{where}: no name")
    check(isinstance(span["kind"], int) and 1 <= span["kind"] <= 5, f"{where}: kind {span['kind']}")
    only(span["status"], {"code", "message"}, where)
    check(span["status"].get("code") in (1, 2), f"{where}: status {span['status']}")
    check("message" not in span["status"] or span["status"]["code"] == 2, f"{where}: only errors have a message")
    span["begin"], span["end"] = (nanoseconds(span.pop(f"{which}TimeUnixNano"), where) for which in ("start", "end"))
    check(span["begin"] <= span["end"], f"{where}: ends before it begins")
    span["known"] = attributes_of(span, where)
    for event in span.get("events", []):
        only(event, EVENT, where)
        event["at"] = nanoseconds(event["timeUnixNano"], where)
        event["known"] = attributes_of(event, where)
        check(span["begin"] <= event["at"] <= span["end"], f"{where}: event {event['name']} outside")


def read(path):
    document = json.load(open(path, encoding="utf-8"))
    only(document, {"resourceSpans"}, "document")
    resource, = document["resourceSpans"]
    only(resource, {"resource", "scopeSpans", "schemaUrl"}, "resource")
    check(attributes_of(resource["resource"], "resource").get("service.name"), "resource without service.name")
    scope, = resource["scopeSpans"]
    only(scope, {"scope", "spans", "schemaUrl"}, "scope")
    only(scope["scope"], {"name", "version"}, "scope")
    return scope["spans"]


def check_tree(spans):
    by_id = {span["spanId"]: span for span in spans}
    check(len(by_id) == len(spans), "span ids are there twice")
    check(len({span["traceId"] for span in spans}) == 1, "more than one trace")
    roots = [span for span in spans if "parentSpanId" not in span]
    check(len(roots) == 1, f"{len(roots)} roots")
    for span in spans:
        if "parentSpanId" not in span:
            continue
        parent = by_id.get(span["parentSpanId"])
        if check(parent is not None, f"{span['name']}: its parent is not there"):
            check(parent["begin"] <= span["begin"] and span["end"] <= parent["end"], f"{span['name']}: not within its parent")
            depth = 1 if span["kind"] == INTERNAL else 2
            check(("parentSpanId" in parent) == (depth == 2), f"{span['name']}: at the wrong depth")
    return roots[0]


def check_trace(spans, root, document):
    trace = document["trace"]
    check(root["known"]["saga.outcome"] == document["outcome"], "another outcome")
    check((root["status"]["code"] == 1) == (document["outcome"] == "completed"), "another status")
    check(root["known"].get("saga.flagged_steps", []) == document["flagged_steps"], "other flagged steps")
    kind = CONSUMER if any(event["type"] == "published" for event in trace) else CLIENT
    found = collections.Counter(
        (span["known"]["saga.step"], span["known"]["saga.operation"], (span["begin"] - BEGINNING) // 1000,
         span["known"]["saga.status"], (span["end"] - BEGINNING) // 1000 if span["known"]["saga.status"] != "unanswered" else None)
        for span in spans if span["kind"] == kind)
    wanted = collections.Counter((step, operation, begin, status, end if status != "unanswered" else None)
                                 for step, operation, begin, end, status, *_ in attempts_of(trace))
    check(found == wanted, f"attempts: {found - wanted} too many, {wanted - found} missing")
    operations = [(span["known"]["saga.step"], span["known"]["saga.operation"]) for span in spans
                  if span["kind"] == INTERNAL and span is not root]
    check(collections.Counter(operations) == collections.Counter({attempt[:2] for attempt in wanted}),
          f"operations: {operations}")
    for kind_of_event in ("fault", "applied", "undone", "delivered", "answered", "published", "dead_lettered", "crashed"):
        seen = sum(event["name"] == kind_of_event for span in spans for event in span.get("events", []))
        there = sum(event["type"] == kind_of_event for event in trace)
        check(seen == there, f"{seen} events {kind_of_event}, in the trace {there}")
    faults = collections.Counter(event["known"]["saga.fault"] for span in spans for event in span.get("events", [])
                                 if event["name"] == "fault")
    check(faults == collections.Counter(event["kind"] for event in trace if event["type"] == "fault"), f"faults: {faults}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("--replay")
    options = parser.parse_args()
    spans = read(options.file)
    for span in spans:
        check_span(span)
    root = check_tree(spans)
    if options.replay:
        check_trace(spans, root, json.load(open(options.replay)))
    for problem in problems:
        print(f"{options.file}: {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
