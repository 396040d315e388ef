#!/usr/bin/env python3
"""check_schema.py [--invalid] SCHEMA REPORT: is REPORT valid? With --invalid: is it refused once it is spoilt?"""
import copy
import json
import sys

try:
    import jsonschema
except ImportError:
    print("note: there is no python3-jsonschema, the schema is not checked")
    sys.exit(0)


def spoil(report):
    """Reports with one thing wrong each, and what that is."""
    def changed(what, change):
        spoilt = copy.deepcopy(report)
        change(spoilt)
        return what, spoilt

    def cell(of):
        return of["sagas"][0]["cells"][0]

    yield changed("another format", lambda r: r.update(format="saga_harness.report/2"))
    yield changed("no verdict", lambda r: r.pop("verdict"))
    yield changed("an unknown verdict", lambda r: r.update(verdict="fine"))
    yield changed("an unknown key", lambda r: r.update(more=1))
    yield changed("a count that is a number", lambda r: r.update(runs=12))
    yield changed("a count with a sign", lambda r: r.update(runs="-1"))
    yield changed("the clock outside of volatile", lambda r: r["sagas"][0].update(written_at="now"))
    yield changed("a cell without its status", lambda r: cell(r).pop("status"))
    yield changed("an unknown status", lambda r: cell(r).update(status="green"))
    yield changed("an exclusion that is not said", lambda r: cell(r).update(status="excluded"))
    yield changed("unreachable without bounds", lambda r: cell(r).update(status="unreachable"))
    yield changed("an outcome that is none", lambda r: cell(r)["outcomes"].update(done="1"))
    yield changed("a hash that is none", lambda r: r["sagas"][0].update(definition_hash="xyz"))
    yield changed("a finding without a plan", lambda r: r["sagas"][0]["findings"][0].pop("plan"))
    yield changed("an event without a time", lambda r: r["sagas"][0]["findings"][0]["trace"][0].pop("at_us"))
    yield changed("an exclusion without an owner", lambda r: r["sagas"][0]["exclusions"].append(
        {"cell": "*", "reason": "x", "expires": "2027-01-01", "expired": False, "cells": 1, "fired": []}))


def main():
    wants_invalid = sys.argv[1] == "--invalid"
    schema_path, report_path = sys.argv[-2:]
    with open(schema_path, encoding="utf-8") as file:
        schema = json.load(file)
    with open(report_path, encoding="utf-8") as file:
        report = json.load(file)
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    wrong = 0
    if wants_invalid:
        for what, spoilt in spoil(report):
            if validator.is_valid(spoilt):
                print(f"taken for valid: {what}")
                wrong += 1
    else:
        for error in validator.iter_errors(report):
            print("/".join(map(str, error.absolute_path)), error.message[:300])
            wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
