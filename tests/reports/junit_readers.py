#!/usr/bin/env python3
"""What GitLab and the common reporters of GitHub make of JUnit XML.

junit_readers.py --json REPORT --gitlab FILE --github FILE     reads both, and expects in them what the report says
junit_readers.py --invalid                                     must refuse what they would show wrongly

GitLab (its parser of unit test reports): of a test case it reads classname, name, file and time; it is failed, in error or
skipped if it has a child of that name, of which it shows the text; two with the same class and name are one; a name of more
than 255 bytes is cut off in its tables; `[[ATTACHMENT|…]]` in an output makes a link to a file. GitHub's reporters (publish-
unit-test-result, action-junit-report, test-reporter): suites must state their counts, and rightly; a test case has one result;
the annotation is put at file, which must be a path within the repository, and shows the message; without a class a test has no
place in their tables.
"""
import argparse
import collections
import json
import sys
import xml.etree.ElementTree as xml

RESULTS = ("failure", "error", "skipped")


class Refused(Exception):
    pass


def cases_of(root):
    if root.tag not in ("testsuites", "testsuite"):
        raise Refused(f"the root is {root.tag}")
    suites = [root] if root.tag == "testsuite" else root.findall("testsuite")
    for suite in suites:
        for case in suite.iter("testcase"):
            yield suite, case


def read_case(case, seen):
    classname, name = case.get("classname"), case.get("name")
    if not classname or not name:
        raise Refused("a test case without a class or a name")
    if (classname, name) in seen:
        raise Refused(f"two test cases {classname} {name}: the second takes the place of the first")
    seen.add((classname, name))
    results = [child.tag for child in case if child.tag in RESULTS]
    if len(results) > 1:
        raise Refused(f"{name} has the results {results}: which of them is shown is anybody's guess")
    return (classname, name), results[0] if results else "success"


def gitlab(root):
    seen, shown = set(), {}
    for _, case in cases_of(root):
        key, status = read_case(case, seen)
        for child in case:
            if "[[ATTACHMENT|" in (child.text or "") and child.tag in ("system-out", "system-err"):
                raise Refused("an output that links to a file")
        result = next((child for child in case if child.tag in RESULTS), None)
        if status in ("failure", "error") and not (result.text or "").strip():
            raise Refused(f"{key[1]} failed, and there is nothing to show")
        shown[key] = status
    return shown


def github(root):
    seen, shown = set(), {}
    for suite, case in cases_of(root):
        key, status = read_case(case, seen)
        file = case.get("file")
        if status == "failure" and key[0].split(".")[-1] != "records" and (not file or ".." in file.split("/")):
            raise Refused(f"{key[1]} failed in no file of the repository: {file}")
        result = next((child for child in case if child.tag in RESULTS), None)
        if result is not None and not (result.get("message") or "").strip():
            raise Refused(f"{key[1]} has a result without a message")
        shown[key] = status
    for element in [root] + root.findall("testsuite"):
        cases = list(element.iter("testcase"))
        for name, tag in (("tests", None), ("failures", "failure"), ("errors", "error")):
            count = sum(tag is None or case.find(tag) is not None for case in cases)
            if element.get(name) != str(count):
                raise Refused(f"{element.get('name')} says {name}={element.get(name)}, there are {count}")
    return shown


def expected(report):
    counts = collections.Counter()
    for saga in report["sagas"]:
        for cell in saga["cells"]:
            counts[{"violated": "failure", "held": "success"}.get(cell["status"], "skipped")] += 1
        for invariant in saga["invariants"]:
            counts[{"violated": "failure", "held": "success"}.get(invariant["status"], "skipped")] += 1
    return counts


INVALID = {
    "no class": '<testsuites tests="1" failures="0" errors="0"><testsuite tests="1" failures="0" errors="0"><testcase name="a"/></testsuite></testsuites>',
    "the same name twice": '<testsuite tests="2" failures="0" errors="0"><testcase classname="c" name="a"/><testcase classname="c" name="a"/></testsuite>',
    "two results": '<testsuite tests="1" failures="1" errors="0"><testcase classname="c" name="a" file="f"><skipped message="m"/><failure message="m">t</failure></testcase></testsuite>',
    "another root": "<report/>",
}
INVALID_GITLAB = {
    "a failure without text": '<testsuite><testcase classname="c" name="a"><failure message="m"/></testcase></testsuite>',
    "a link to a file": '<testsuite><testcase classname="c" name="a"><system-out>[[ATTACHMENT|/x]]</system-out></testcase></testsuite>',
}
INVALID_GITHUB = {
    "wrong counts": '<testsuite tests="2" failures="0" errors="0"><testcase classname="c" name="a"/></testsuite>',
    "a failure without a file": '<testsuite tests="1" failures="1" errors="0"><testcase classname="c" name="a"><failure message="m">t</failure></testcase></testsuite>',
    "no message": '<testsuite tests="1" failures="1" errors="0"><testcase classname="c" name="a" file="f"><failure>t</failure></testcase></testsuite>',
}


def check_invalid():
    wrong = 0
    for reader, fixtures in ((gitlab, {**INVALID, **INVALID_GITLAB}), (github, {**INVALID, **INVALID_GITHUB})):
        for what, text in fixtures.items():
            try:
                reader(xml.fromstring(text))
            except Refused:
                continue
            print(f"{reader.__name__} takes {what}")
            wrong += 1
    return wrong


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--invalid", action="store_true")
    arguments.add_argument("--json")
    arguments.add_argument("--gitlab")
    arguments.add_argument("--github")
    given = arguments.parse_args()
    if given.invalid:
        return 1 if check_invalid() else 0
    with open(given.json, encoding="utf-8") as file:
        report = json.load(file)
    wrong = 0
    for reader, path in ((gitlab, given.gitlab), (github, given.github)):
        try:
            shown = reader(xml.parse(path).getroot())
        except Refused as refused:
            print(f"{path}: {reader.__name__}: {refused}")
            wrong += 1
            continue
        counts = collections.Counter(status for (classname, _), status in shown.items()
                                     if not classname.endswith((".records", ".undeclared")))
        if counts != expected(report):
            print(f"{path}: {reader.__name__} shows {dict(counts)}, the report has {dict(expected(report))}")
            wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
