#!/usr/bin/env python3
"""tamper.py --json REPORT --FORMAT FILE… RECORDS...: can recompute.py fail?

Changes the numbers of a written report, one after the other, and counts those whose change nobody notices; prints them, and
fails if there are any in a page or on a terminal. Numbers in names, plans, tokens and drawings are not looked at.
"""
import argparse
import json
import re
import sys

import recompute
import written_numbers

FORMATS = ("html", "terminal", "github", "diagram", "badge", "timeline")


def noticed(check, text, document):
    differences = []
    try:
        check(text, document, lambda what, expected, actual: expected == actual or differences.append(what))
    except (ValueError, AttributeError, TypeError, StopIteration, IndexError):
        return True
    return bool(differences)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--json", required=True)
    for name in FORMATS:
        arguments.add_argument("--" + name)
    arguments.add_argument("records", nargs="+")
    given = arguments.parse_args()
    with open(given.json, encoding="utf-8") as file:
        document = json.load(file)
    subjects = {}
    for section in recompute.read_sections(given.records):
        subjects.setdefault(section["header"]["subject"], recompute.Subject(section["header"])).add(section)
    checks = {"html": lambda *all_: written_numbers.check_html(*all_, subjects), "terminal": written_numbers.check_terminal,
              "github": written_numbers.check_github, "badge": written_numbers.check_badge,
              "timeline": written_numbers.check_timeline,
              "diagram": lambda *all_: written_numbers.check_diagram(*all_, subjects)}
    missed = 0
    for name in FORMATS:
        if not getattr(given, name):
            continue
        with open(getattr(given, name), encoding="utf-8") as file:
            text = file.read()
        skipped = [m.span() for m in re.finditer(
            r"<style>.*?</style>|<script>.*?</script>|<svg.*?</svg>|<code>.*?</code>|<pre.*?</pre>|<[^>]*>", text, re.S)
            ] if name == "html" else []
        spans = [m.span() for m in re.finditer(r"(?<![\w.#-])\d+(?![\w.])", text)
                 if not any(a <= m.start() < b for a, b in skipped)]
        unnoticed = []
        for begin, end in spans:
            changed = text[:begin] + str(int(text[begin:end]) + 1) + text[end:]
            if not noticed(checks[name], changed, document):
                unnoticed.append(text[max(0, begin - 40):end + 30].replace("\n", "\\n"))
        print(f"{name}: {len(spans)} numbers, of {len(unnoticed)} a change is not noticed")
        if name in ("html", "terminal"):
            missed += len(unnoticed)
            for each in unnoticed[:20]:
                print("   ", each)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
