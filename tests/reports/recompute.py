#!/usr/bin/env python3
"""Recomputes every number of a report from the records it was made of, by other code in another language.

recompute.py --json REPORT [--markdown FILE] [--junit FILE] [--html FILE] … [--today DAY] RECORDS...
Prints every difference and fails if there is one.
"""
import argparse
import collections
import fnmatch
import html
import json
import re
import sys
import xml.etree.ElementTree

import written_numbers

STATUSES = ["held", "violated", "vacuous", "not_fired", "not_reached", "excluded", "unreachable"]
OUTCOMES = ["unresolved", "completed", "compensated", "flagged"]
GLYPHS = dict(zip(["✅", "❌", "❔", "⚪", "⬜", "➖", "🚫"], STATUSES))
FORESEEABLE = {"call", "during_call", "after_call"}
KEPT_RUNS = 5

differences = []


def expect(what, expected, actual):
    if expected != actual:
        differences.append(f"{what}: recomputed {expected!r}, reported {actual!r}")


def bytes_of(text):
    return text.encode("utf-8", "surrogatepass")


def split_cell(name):
    place, kind = name.rsplit(":", 1)
    place, where = place.rsplit("@", 1)
    return place, where, kind


def read_sections(paths):
    """Every header with the lines under it; a last line without its end is dropped if it cannot be read."""
    sections = []
    for path in paths:
        section = None
        with open(path, "rb") as file:
            lines = file.read().split(b"\n")
        whole, rest = lines[:-1], lines[-1]
        parsed = [json.loads(line) for line in whole if line]
        try:
            parsed += [json.loads(rest)] if rest else []
        except ValueError:
            pass
        for line in parsed:
            if "format" in line:
                section = {"header": line, "runs": [], "findings": [], "end": None}
                sections.append(section)
            elif "run" in line:
                section["runs"].append(line)
            elif "finding" in line:
                section["findings"].append(line)
            else:
                section["end"] = line
    return sections


def essence(run):
    keys = ["outcome", "rules", "violated", "compensated", "expected", "left"]
    return json.dumps([run.get(key, []) for key in keys])


class Subject:
    def __init__(self, header):
        self.header = header
        self.steps = header["saga"]["steps"]
        self.cells = {}  # name -> declared
        self.runs = {}  # id -> (section's cell names, run)
        self.results = collections.defaultdict(dict)  # id -> essence -> outcome
        self.findings = collections.defaultdict(list)
        self.exclusions = set()
        self.searches = collections.defaultdict(lambda: collections.defaultdict(dict))
        self.single = False
        self.sources = set()
        self.sections = []

    def add(self, section):
        header = section["header"]
        self.sources.add(header["source"])
        self.sections.append(section)
        for name in header["cells"]:
            self.cells[name] = True
        for each in header["exclusions"]:
            self.exclusions.add((each["cell"], each["reason"], each["owner"], each["expires"]))
        for run in section["runs"]:
            self.results[run["run"]][essence(run)] = run["outcome"]
            self.runs.setdefault(run["run"], (header["cells"], run))
            for name in run.get("other", []):
                self.cells[name] = self.cells.get(name, False) or split_cell(name)[1] not in FORESEEABLE
        for finding in section["findings"]:
            self.findings[(finding["rule"], finding["step"])].append(finding)
        self.add_search(section)

    def add_search(self, section):
        search, end = section["header"]["search"], section["end"]
        if search is None:
            self.single = True
            return
        shard = search.get("shard", {"number": 1, "of": 1})
        key = json.dumps([search[k] for k in ("max_faults", "kinds", "windows")] + [search.get("swarm")])
        ended, exhausted = self.searches[key][shard["of"]].get(shard["number"], (False, False))
        if end is not None and int(end["runs"]) == len(section["runs"]):
            ended, exhausted = True, exhausted or end["end"] == "exhausted"
        self.searches[key][shard["of"]][shard["number"]] = (ended, exhausted)

    def contradictory(self):
        return {run for run, results in self.results.items() if len(results) > 1}

    def search_list(self):
        result = []
        for key, partitions in self.searches.items():
            best = (False, False, 0)
            for count, shards in sorted(partitions.items()):
                complete = sum(ended for ended, _ in shards.values()) == count
                exhausted = complete and all(done for _, done in shards.values())
                if (exhausted, complete) > best[:2] or best[2] == 0:
                    best = (exhausted, complete, count)
            result.append((json.loads(key), best))
        return result

    def precedes(self):
        """Which steps must be done before which, by number."""
        names = [step["name"] for step in self.steps]
        before = []
        for number, step in enumerate(self.steps):
            after = step.get("after")
            direct = [names.index(name) for name in after] if after is not None else [number - 1] * (number > 0)
            if self.header["saga"].get("choreography"):  # what emits an event comes before what waits for it
                direct = [other for other, each in enumerate(self.steps)
                          if each["emits"].get("success") and each["emits"]["success"] in step["on_event"]]
            before.append(set(direct))
        for _ in names:
            for known in before:
                for other in list(known):
                    known |= before[other]
        return before


def places_of(cells):
    numbers = {}
    for name in cells:
        place, where, _ = split_cell(name)
        numbers.setdefault((place, where), len(numbers))
    return numbers


def recompute(subject, report, today):
    left_out = subject.contradictory()
    runs = [(cells, run) for run_id, (cells, run) in subject.runs.items() if run_id not in left_out]
    name = report["name"]
    expect(f"{name} runs", str(len(runs)), report["runs"])
    expect(f"{name} violated runs", str(sum("violated" in run for _, run in runs)), report["violated_runs"])
    outcomes = collections.Counter(run["outcome"] for _, run in runs)
    expect(f"{name} outcomes", {o: str(outcomes[o]) for o in OUTCOMES}, report["outcomes"])
    levels = collections.Counter(run["faults"] for _, run in runs)
    expect(f"{name} levels", [{"faults": k, "runs": str(n)} for k, n in sorted(levels.items())], report["levels"])
    recompute_invariants(subject, runs, report)
    recompute_cells(subject, runs, report, today)
    recompute_compensations(subject, runs, report)
    recompute_findings(subject, runs, report, left_out)


def number_of_rules(header):
    rules = header.get("rules", 16)
    return rules if isinstance(rules, int) else len(rules)


def recompute_invariants(subject, runs, report):
    letters = collections.defaultdict(collections.Counter)
    for _, run in runs:
        for place, letter in enumerate(run["rules"]):
            letters[place][letter] += 1
    expect("number of rules", number_of_rules(subject.header) + len(subject.header["invariants"]), len(report["invariants"]))
    for place, invariant in enumerate(report["invariants"]):
        count = letters[place]
        where = f"{report['name']} {invariant['name']}"
        for key, letter in [("held", "h"), ("violated", "v"), ("unknown", "u"), ("not_applicable", "n")]:
            expect(f"{where} {key}", str(count[letter]), invariant[key])
        expect(f"{where} exercised", str(count["h"] + count["v"]), invariant["exercised"])
        status = "violated" if count["v"] else "held" if count["h"] else (
            "n/a" if count["n"] and not count["u"] else "unknown")
        expect(f"{where} status", status, invariant["status"])


def recompute_cells(subject, runs, report, today):
    counts = {name: collections.Counter() for name in subject.cells}
    samples = collections.defaultdict(list)
    reached = collections.Counter()
    numbering = {}
    for cells, run in runs:
        places = numbering.setdefault(tuple(cells), places_of(cells))
        bits = int(run["reached"], 16)
        reached.update(place for place, number in places.items() if bits >> number & 1)
        fired = {cells[number] for number in run.get("fired", [])} | set(run.get("other", []))
        for name in fired:
            count = counts[name]
            count["armed"] += 1
            count["fired"] += 1
            count["judged"] += bool(set(run["rules"]) & set("hv"))
            count["violated"] += run.get("blamed", False)
            count["outcome " + run["outcome"]] += 1
            samples[name].append((not run.get("blamed", False), run["faults"], bytes_of(run["plan"]), run["run"]))
        for number in run.get("unfired", []):
            counts[cells[number]]["armed"] += 1
    within = {}
    for (max_faults, kinds, _, _), (exhausted, _, _) in subject.search_list():
        for kind in kinds if exhausted and max_faults > 0 else []:
            within[kind] = max(within.get(kind, -1), max_faults)
    active = sorted(each for each in subject.exclusions if not (today and each[3] < today))
    statuses = collections.Counter()
    fractions = collections.Counter()
    reported = {cell["cell"]: cell for cell in report["cells"] + report["undeclared"]}
    expect("cells", sorted(subject.cells), sorted(reported))
    for name, count in counts.items():
        cell = reported.get(name)
        if cell is None:
            continue
        place, where, kind = split_cell(name)
        came = max(reached[(place, where)], count["fired"])
        excluded = [each for each in active if fnmatch.fnmatchcase(name, each[0].replace("[", "[[]"))]
        status = ("violated" if count["violated"] else "held" if count["judged"] else
                  "vacuous" if count["fired"] else "excluded" if excluded else
                  "not_fired" if came else "unreachable" if kind in within else "not_reached")
        expect(f"{name} status", status, cell["status"])
        expect(f"{name} reached", str(came), cell["reached"])
        for key in ("armed", "fired", "judged", "violated"):
            expect(f"{name} {key}", str(count[key]), cell[key])
        expect(f"{name} outcomes", {o: str(count["outcome " + o]) for o in OUTCOMES}, cell["outcomes"])
        expect(f"{name} within", within[kind] if status == "unreachable" else None, cell.get("unreachable_within"))
        expect(f"{name} samples", [each[3] for each in sorted(samples[name])[:KEPT_RUNS]],
               [run["run"] for run in cell["runs"]])
        if subject.cells[name]:
            statuses[status] += 1
            fractions["fired"] += count["fired"] > 0
    legal = sum(subject.cells.values())
    expect("coverage", {"legal": legal, "denominator": legal - statuses["excluded"], "fired": fractions["fired"],
                        "held": statuses["held"], "statuses": {s: statuses[s] for s in STATUSES}},
           report["coverage"])
    expect("declared cells", legal, len(report["cells"]))
    for each in report["exclusions"]:
        names = [n for n in subject.cells if fnmatch.fnmatchcase(n, each["cell"].replace("[", "[[]"))]
        expired = bool(today) and each["expires"] < today
        expect(f"exclusion {each['cell']}", (len(names), expired), (each["cells"], each["expired"]))
        expect(f"exclusion {each['cell']} fired",
               [] if expired else sorted(n for n in names if counts[n]["fired"]), each["fired"])


def recompute_compensations(subject, runs, report):
    table = [collections.Counter() for _ in subject.steps]
    before = subject.precedes()
    for _, run in runs:
        called = run.get("compensated", [])
        expected = run.get("expected", [])
        order = [step for step, _ in called]
        for step in expected:
            table[step]["expected"] += 1
            table[step]["missing"] += step not in order
        for at, (step, requests) in enumerate(called):
            count = table[step]
            count["called"] += 1
            count["requests"] += requests
            count["most_in_a_run"] = max(count["most_in_a_run"], requests)
            count["unexpected"] += not run.get("open", False) and step not in expected
            count["out_of_order"] += any(step in before[later] for later in order[at + 1:])
    expected_rows = [step["name"] for step in subject.steps if step.get("compensation")]
    expect("compensations", expected_rows, [row["step"] for row in report["compensations"]])
    by_name = {step["name"]: count for step, count in zip(subject.steps, table)}
    for row in report["compensations"]:
        for key in ("expected", "called", "missing", "unexpected", "requests", "most_in_a_run", "out_of_order"):
            expect(f"compensation {row['step']} {key}", str(by_name[row["step"]][key]), row[key])


# Findings that say how they came about: told apart by that, with as many runs as the records count for each.
def recompute_findings_with_cause(subject, report, left_out):
    expected = collections.defaultdict(list)
    for findings in subject.findings.values():
        for finding in findings:
            if "cause" in finding and finding["finding"] not in left_out:
                expected[(finding["rule"], finding["step"], finding["outcome"], finding["cause"])].append(finding)
    expect(f"{report['name']} number of findings", len(expected), len(report["findings"]))
    names = [invariant["name"] for invariant in report["invariants"]]
    steps = [step["name"] for step in subject.steps]
    reported = {(f["name"], f["step"], f["outcome"], f["cause"]): f for f in report["findings"]}
    for (rule, step, outcome, cause), findings in expected.items():
        finding = reported.get((names[rule], steps[step] if step >= 0 else "saga", outcome, cause.split(": ", 1)[1]))
        if finding is None:
            differences.append(f"the finding of rule {names[rule]} at {step}, {cause}, is not reported")
            continue
        best = min((f["faults"], bytes_of(f["plan"]), f["finding"]) for f in findings)
        expect(f"{finding['name']} plan", best, (finding["faults"], bytes_of(finding["plan"]), finding["run"]))
        expect(f"{finding['name']} runs", str(sum(int(f["schedules"]) for f in findings)), finding["runs"])
        expect(f"{finding['name']} has trace", True, finding["has_trace"])


def recompute_findings(subject, runs, report, left_out):
    if any("cause" in finding for findings in subject.findings.values() for finding in findings):
        return recompute_findings_with_cause(subject, report, left_out)
    shown = collections.Counter()
    plans = collections.defaultdict(list)
    for _, run in runs:
        for rule, step in run.get("violated", []):
            shown[(rule, step)] += 1
            plans[(rule, step)].append((run["faults"], bytes_of(run["plan"]), run["run"]))
    traced = {key: [each[1:] for each in sorted((f.get("known", False), f["faults"], bytes_of(f["plan"]), f["finding"])
                                                for f in findings if f["finding"] not in left_out)]
              for key, findings in subject.findings.items()}
    keys = set(shown) | {key for key, findings in traced.items() if findings}
    expect(f"{report['name']} number of findings", len(keys), len(report["findings"]))
    names = [invariant["name"] for invariant in report["invariants"]]
    steps = [step["name"] for step in subject.steps]
    reported = {(f["name"], f["step"]): f for f in report["findings"]}
    for rule, step in keys:
        finding = reported.get((names[rule], steps[step] if step >= 0 else "saga"))
        if finding is None:
            differences.append(f"the finding of rule {names[rule]} at {step} is not reported")
            continue
        best = (traced.get((rule, step)) or sorted(plans[(rule, step)]))[0]
        expect(f"{finding['name']} plan", best, (finding["faults"], bytes_of(finding["plan"]), finding["run"]))
        expect(f"{finding['name']} runs", str(shown[(rule, step)]), finding["runs"])
        expect(f"{finding['name']} has trace", bool(traced.get((rule, step))), finding["has_trace"])


def lacks_of(subject):
    """Does a search owe what its runs do not show? What no line of a run tells stands in its end."""
    for section in subject.sections:
        search, end = section["header"]["search"], section["end"]
        if not search or not end or search.get("shard"):
            continue
        owes, runs = search["owes"], section["runs"]
        without = [run["outcome"] for run in runs if run["plan"] == "none"]
        if owes["outcome_rule"] or (owes["without_faults"] and without != [owes["without_faults"]]):
            return True
        if owes["compensation"] and not end["earned"]["compensated"]:
            return True
        if owes["request"] and not end["earned"]["asked"]:
            return True
        flagged = [run["rules"][0] for run in runs if run["outcome"] == "flagged"]
        if owes["flag_judged"] and flagged and not set(flagged) & set("hv"):
            return True
    return False


def verdict_of(subject, report):
    if report["findings"]:
        return "violated"
    if any(each["fired"] for each in report["exclusions"]):
        return "coverage_missed"
    exhausted = all(best[0] for _, best in subject.search_list())
    if not exhausted or report["runs"] == "0" or report["undeclared"] or lacks_of(subject):
        return "inconclusive"
    return "upheld"


def check_totals(document, subjects):
    sagas = document["sagas"]
    for key in ("runs", "violated_runs"):
        expect(f"total {key}", str(sum(int(saga[key]) for saga in sagas)), document[key])
    expect("total findings", str(sum(len(saga["findings"]) for saga in sagas)), document["findings"])
    for key in ("legal", "denominator", "fired", "held"):
        expect(f"total {key}", sum(saga["coverage"][key] for saga in sagas), document["coverage"][key])
    expect("subjects", sorted(subjects), sorted(saga["id"] for saga in sagas))
    contradictory = sorted(run for subject in subjects.values() for run in subject.contradictory())
    expect("contradictions", contradictory, sorted(each["run"] for each in document["contradictions"]))
    for saga in sagas:
        expect(f"{saga['name']} verdict", verdict_of(subjects[saga["id"]], saga), saga["verdict"])
    verdicts = [saga["verdict"] for saga in sagas]
    worst = next((v for v in ("violated", "coverage_missed", "inconclusive") if v in verdicts), None)
    expected = "error" if contradictory else worst or (
        "inconclusive" if document["incomplete"] or not sagas else "upheld")
    expect("verdict", expected, document["verdict"])


def share(part, whole):
    return f"{part} of {whole} ({part * 100 // whole} %)" if whole else "none"


def check_markdown(text, document):
    text = html.unescape(text)
    rows = re.findall(r"^\| .* \| (upheld|violated|coverage_missed|inconclusive) \| (\d+) \| (\d+) \| (.*?) \| (.*?) \| (\d+) \| (\d+) \|$", text, re.M)
    expected = []
    for saga in document["sagas"]:
        c = saga["coverage"]
        expected.append((saga["verdict"], saga["runs"], str(c["denominator"]), share(c["fired"], c["denominator"]),
                         share(c["held"], c["denominator"]), str(c["statuses"]["violated"]),
                         str(len(saga["findings"]))))
    expect("markdown, table of sagas", expected, rows)
    glyphs = collections.Counter()
    for line in text.splitlines():
        if re.match(r"^\| [a-z_]+( [a-z_]+)? \|", line) and not line.startswith("| ✅"):
            cells = [cell.strip() for cell in line.split("|")[2:]]
            if all(cell == "" or cell in GLYPHS for cell in cells):
                glyphs.update(GLYPHS[cell] for cell in cells if cell)
    total = collections.Counter()
    for saga in document["sagas"]:
        total.update(cell["status"] for cell in saga["cells"])
    if "Left out to stay" not in text:
        expect("markdown, matrix", dict(total), dict(glyphs))
        shown = len(re.findall(r"^To repeat it:$", text, re.M))
        expect("markdown, findings", sum(len(saga["findings"]) for saga in document["sagas"]), shown)
    compensations = re.findall(r"^\| .*? \| .*? \| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$",
                               text, re.M)
    keys = ("expected", "called", "missing", "unexpected", "requests", "most_in_a_run", "out_of_order")
    expect("markdown, compensations",
           [tuple(row[key] for key in keys) for saga in document["sagas"] for row in saga["compensations"]],
           compensations)


def check_junit(path, document):
    root = xml.etree.ElementTree.parse(path).getroot()
    suites = root.findall("testsuite")
    expect("junit, suites", len(document["sagas"]) + 1, len(suites))
    for element in [root] + suites:
        cases = list(element.iter("testcase"))
        expect("junit, tests", str(len(cases)), element.get("tests"))
        expect("junit, failures", str(sum(case.find("failure") is not None for case in cases)),
               element.get("failures"))
        expect("junit, errors", str(sum(case.find("error") is not None for case in cases)), element.get("errors"))
        if element is not root:
            expect("junit, skipped", str(sum(case.find("skipped") is not None for case in cases)),
                   element.get("skipped"))
    for saga, suite in zip(document["sagas"], suites):
        expect("junit, tests of " + saga["name"],
               len(saga["cells"]) + len(saga["undeclared"]) + len(saga["invariants"]), int(suite.get("tests")))
        cases = [case for case in suite.iter("testcase") if not case.get("classname").endswith((".rules",
                                                                                               ".undeclared"))]
        for cell, case in zip(saga["cells"], cases):
            expect(f"junit, {cell['cell']}", f"{cell['kind']}", case.get("name").split(":")[-1])
            state = "failure" if cell["status"] == "violated" else (
                None if cell["status"] == "held" else "skipped")
            actual = next((tag for tag in ("failure", "error", "skipped") if case.find(tag) is not None), None)
            expect(f"junit, state of {cell['cell']}", state, actual)
        failed = {case.get("name") for case in suite.iter("testcase")
                  if case.get("classname").endswith(".rules") and case.find("failure") is not None}
        expect("junit, rules", len({f["name"] for f in saga["findings"]}), len(failed))


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--json", required=True)
    arguments.add_argument("--markdown")
    arguments.add_argument("--junit")
    for name in ("html", "terminal", "github", "diagram", "diagram-svg", "badge", "timeline"):
        arguments.add_argument("--" + name)
    arguments.add_argument("--today", default="")
    arguments.add_argument("records", nargs="+")
    given = arguments.parse_args()
    subjects = {}
    for section in read_sections(given.records):
        header = section["header"]
        subjects.setdefault(header["subject"], Subject(header)).add(section)
    with open(given.json, encoding="utf-8") as file:
        document = json.load(file)
    for saga in document["sagas"]:
        if saga["id"] in subjects:
            recompute(subjects[saga["id"]], saga, given.today)
    check_totals(document, subjects)
    if given.markdown:
        with open(given.markdown, encoding="utf-8") as file:
            check_markdown(file.read(), document)
    if given.junit:
        check_junit(given.junit, document)
    checks = {"html": lambda *all_: written_numbers.check_html(*all_, subjects), "terminal": written_numbers.check_terminal,
              "github": written_numbers.check_github, "badge": written_numbers.check_badge,
              "timeline": written_numbers.check_timeline,
              "diagram": lambda *all_: written_numbers.check_diagram(*all_, subjects),
              "diagram_svg": lambda *all_: written_numbers.check_diagram(*all_, subjects)}
    for name, check in checks.items():
        if getattr(given, name):
            with open(getattr(given, name), encoding="utf-8") as file:
                check(file.read(), document, expect)
    for difference in differences[:50]:
        print(difference)
    cells = sum(len(saga["cells"]) for saga in document["sagas"])
    print(f"recomputed {len(document['sagas'])} sagas, {document['runs']} runs, {cells} cells: "
          f"{len(differences)} differences")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
