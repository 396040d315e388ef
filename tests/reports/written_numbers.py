"""Every number in the writers' outputs, against a report document whose numbers have been recomputed from the records."""
import collections
import html.parser
import json
import re

STATUSES = ["held", "violated", "vacuous", "not_fired", "not_reached", "excluded", "unreachable"]
OUTCOMES = ["unresolved", "completed", "compensated", "flagged"]
COMPENSATION_KEYS = ("expected", "called", "missing", "unexpected", "requests", "most_in_a_run", "out_of_order")
VOID = {"meta", "link", "br", "img", "input", "rect", "line", "path", "hr"}


def share(part, whole):
    return f"{part} of {whole} ({part * 100 // whole} %)" if whole else "none"


def counted(number, noun):
    return f"{number} {noun}{'' if int(number) == 1 else 's'}"


def headline(document):
    c = document["coverage"]
    percent = (lambda part: f" ({part * 100 // c['denominator']} %)") if c["denominator"] else (lambda part: "")
    return (f"{counted(document['runs'], 'run')} of {counted(len(document['sagas']), 'saga')}, "
            f"{counted(document['findings'], 'finding')}; {c['fired']} of {c['denominator']} cells fired"
            f"{percent(c['fired'])}, {c['held']} held{percent(c['held'])}")


def extent(search):
    """The sentence about a search."""
    faults = counted(search["max_faults"], "fault")
    swarm = search.get("swarm")
    text = (f"{swarm['schedules']} plans at random of the seed \"{swarm['seed']}\", up to {faults}" if swarm
            else f"every plan of up to {faults}")
    text += "" if search["windows"] else " without windows"
    return text + f", {counted(len(search['kinds']), 'kind')} of fault: " + (
        "exhausted" if search["exhausted"] else "not exhausted" if search["complete"] else "incomplete")


def why(cell):
    """The sentence about a cell; of an excluded one its beginning."""
    status = cell["status"]
    runs = counted(cell["fired"], "run")
    return {"held": f"held in {runs}", "violated": f"to blame in {cell['violated']} of {runs}",
            "vacuous": f"fired in {runs}, but no rule judged any",
            "not_fired": f"its instant came in {counted(cell['reached'], 'run')}, but it was not tried",
            "not_reached": "its instant never came", "excluded": "excluded until ",
            "unreachable": f"its instant never comes, whatever {counted(cell.get('unreachable_within', 0), 'fault')} strike",
            }[status]


def is_cleaned(texts):
    """Does foreign text in it stand for characters that do not show themselves? Then it is not what the document has."""
    return any(re.search(r"\\(x[0-9a-f]{2}|u\{)", text) for text in texts)


# ---- HTML

class Page(html.parser.HTMLParser):
    """The page as a tree of [tag, attributes, children]."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.root = ["root", {}, []]
        self.open = [self.root]
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        node = [tag, dict(attrs), []]
        self.open[-1][2].append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_startendtag(self, tag, attrs):
        self.open[-1][2].append([tag, dict(attrs), []])

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        closed = self.open.pop()[0]
        if closed != tag:
            raise ValueError(f"<{closed}> is closed by </{tag}> in line {self.getpos()[0]}")

    def handle_data(self, data):
        self.open[-1][2].append(data)


def find_all(node, tag, **attributes):
    for child in node[2]:
        if isinstance(child, str):
            continue
        wanted = all(value in (child[1].get(key.rstrip("_")) or "").split() or child[1].get(key.rstrip("_")) == value
                     for key, value in attributes.items())
        if (tag is None or child[0] == tag) and wanted:
            yield child
        yield from find_all(child, tag, **attributes)


def text_of(node):
    return "".join(child if isinstance(child, str) else text_of(child) for child in node[2])


def squeezed(text):
    return re.sub(r"\s+", " ", text).strip()


def rows_of(node, caption):
    for table in find_all(node, "table"):
        head = next(find_all(table, "caption"), None)
        if head is not None and text_of(head).startswith(caption):
            body = next(find_all(table, "tbody"))
            return [[squeezed(text_of(cell)) for cell in row[2] if not isinstance(cell, str)]
                    for row in find_all(body, "tr")]
    return None


def html_matrix(section):
    """What the matrix says of each cell: by the name in its title, status and figures."""
    cells = {}
    matrix = next(find_all(section, "table", class_="matrix"), None)
    for cell in find_all(matrix, "td") if matrix else []:
        link = next(find_all(cell, "a"), None)
        if link is None:
            continue
        small = next(find_all(link, "small"), None)
        word = squeezed(re.sub(r"^\S+ ", "", text_of(link)[: -len(text_of(small))] if small else text_of(link)))
        cells[link[1]["href"]] = (cell[1]["class"], word, text_of(small) if small else "")
    return cells


def check_example(cell, article, lines, where, expect):
    """The run that shows a cell to blame: it stands in the records, is of the smallest plan, and its ledgers are those."""
    plans = [text_of(block).strip() for block in find_all(article, "pre", class_="copy")]
    line = next((line for line in lines if plans and line["plan"] == plans[0]), None)
    if line is None:
        if plans and "\\" not in plans[0]:  # a hostile plan is shown cleaned
            expect(where + ", plan of the example", "in the records", plans[0])
        return
    expect(where + ", faults of the example", cell["runs"][0]["faults"], line["faults"])
    check_ledgers(line["effects"], article, where, expect)


def check_ledgers(effects, article, where, expect):
    rows = rows_of(article, "The participants' ledgers")
    expected = [[str(e["applied"]), str(e["undone"]), str(e["applied"] - e["undone"])] for e in effects]
    expect(where + ", ledgers", expected, [row[2:] for row in rows or []])


def check_html_cells(saga, section, subject, expect):
    name = saga["name"]
    articles = [a for a in find_all(section, "article") if "cell" in a[1]["class"].split()]
    everything = saga["cells"] + saga["undeclared"]
    expect(f"html, {name}, number of cells", len(everything), len(articles))
    matrix = html_matrix(section)
    expect(f"html, {name}, cells of the matrix", len(saga["cells"]), len(matrix))
    for at, (cell, article) in enumerate(zip(everything, articles)):
        where = f"html, {name}, {cell['cell']}"
        text = squeezed(text_of(article))
        status = cell["status"]
        expect(where + " class", f"cell {status}", article[1]["class"])
        figures = {"violated": f"{cell['violated']}/{cell['fired']}", "held": cell["fired"],
                   "vacuous": cell["fired"]}.get(status, "")
        if at < len(saga["cells"]):
            expect(where + " in the matrix", (status, status.replace("_", " "), figures),
                   matrix.get("#" + article[1]["id"]))
        expect(where + " sentence", True, f"{status.replace('_', ' ')}: {why(cell)}" in text)
        if status == "violated":
            check_example(cell, article, sum(subject.findings.values(), []), where, expect)
        numbers = re.search(r"Runs: reached (\d+), armed (\d+), fired (\d+), judged (\d+), to blame (\d+); ended "
                            r"unresolved (\d+), completed (\d+), compensated (\d+), flagged (\d+)", text)
        if int(cell["armed"]) or int(cell["fired"]):
            expected = [cell[k] for k in ("reached", "armed", "fired", "judged", "violated")]
            expected += [cell["outcomes"][o] for o in OUTCOMES]
            expect(where + " counts", expected, list(numbers.groups()) if numbers else None)
        else:
            expect(where + " counts", None, numbers)
        runs = next(find_all(article, "ul", class_="runs"), None)
        listed = [squeezed(text_of(next(find_all(item, "span", class_="outcome")))) for item in find_all(runs, "li")] if runs else []
        expect(where + " runs", [run["outcome"] for run in cell["runs"]], listed)
        if cell["runs"]:
            expect(where + " shown", True, f"{len(cell['runs'])} of {counted(cell['fired'], 'run')}:" in text)


def check_html_saga(saga, section, subject, expect):
    name = saga["name"]
    items = [squeezed(text_of(item)) for item in find_all(next(find_all(section, "ul")), "li")]
    items = items[:len(saga["searches"])]
    if not is_cleaned(items):
        expect(f"html, {name}, searches", [squeezed(extent(search)) for search in saga["searches"]], items)
    rows = rows_of(section, "Compensations")
    expected = [[row[key] for key in COMPENSATION_KEYS] for row in saga["compensations"]]
    expect(f"html, {name}, compensations", expected, [row[2:] for row in rows or []])
    rows = rows_of(section, "Invariants")
    expected = [[i["exercised"], i["held"], i["violated"], i["unknown"], i["not_applicable"]]
                for i in saga["invariants"]]
    expect(f"html, {name}, invariants", expected, [row[2:] for row in rows or []])
    rows = rows_of(section, "Exclusions") or []
    expect(f"html, {name}, exclusions", [str(each["cells"]) for each in saga["exclusions"]], [row[4] for row in rows])
    findings = [a for a in find_all(section, "article") if "finding" in a[1]["class"].split()]
    expect(f"html, {name}, findings", len(saga["findings"]), len(findings))
    for finding, article in zip(saga["findings"], findings):
        text = squeezed(text_of(article))
        said = f"{counted(finding['faults'], 'fault')}, shown by {counted(finding['runs'], 'run')}; the run ended {finding['outcome']}"
        expect(f"html, {name}, {finding['name']}", True, said in text)
        check_ledgers(finding.get("effects", []), article, f"html, {name}, {finding['name']}", expect)
    check_html_cells(saga, section, subject, expect)


def check_html(text, document, expect, subjects):
    page = Page(text).root
    cards = squeezed(text_of(next(find_all(page, "section", class_="cards"))))
    expect("html, headline", headline(document), squeezed(text_of(next(find_all(next(find_all(page, "header")), "p")))))
    outcomes = collections.Counter()
    statuses = collections.Counter()
    for saga in document["sagas"]:
        outcomes.update({o: int(saga["outcomes"][o]) for o in OUTCOMES})
        statuses.update(saga["coverage"]["statuses"])
    for outcome in OUTCOMES:
        expect(f"html, {outcome}", True, f" {outcomes[outcome]} {outcome}" in cards)
    c = document["coverage"]
    expect("html, not covered", True,
           f"fired {share(c['fired'], c['denominator'])}, held {share(c['held'], c['denominator'])}" in cards)
    for status in STATUSES[2:]:
        expect(f"html, {status} in short", statuses[status] > 0,
               f" {statuses[status]} {status.replace('_', ' ')}" in cards)
    tried = sorted({squeezed(extent(search)) for saga in document["sagas"] for search in saga["searches"]})
    said = f"{counted(document['runs'], 'run')} of {counted(len(document['sagas']), 'saga')}"
    card = next(find_all(next(find_all(page, "section", class_="cards")), "div"))
    items = [squeezed(text_of(each)) for tag in ("p", "li") for each in find_all(card, tag)][:1 + len(tried[:6])]
    expect("html, tried", [said] + ([] if is_cleaned(items) else tried[:6]), items[:1] if is_cleaned(items) else items)
    said = f"{counted(document['findings'], 'finding')} in {counted(document['violated_runs'], 'violated run')}"
    expect("html, findings", True, said in cards)
    rows = rows_of(page, "Sagas")
    expected = []
    for saga in document["sagas"]:
        c = saga["coverage"]
        expected.append([saga["runs"], str(c["denominator"]), share(c["fired"], c["denominator"]),
                         share(c["held"], c["denominator"]), str(c["statuses"]["violated"]), str(len(saga["findings"]))])
    expect("html, sagas", expected, [row[2:] for row in rows])
    sections = list(find_all(page, "section", class_="saga"))
    expect("html, sections", len(document["sagas"]), len(sections))
    for saga, section in zip(document["sagas"], sections):
        check_html_saga(saga, section, subjects[saga["id"]], expect)


# ---- the others

def check_terminal(text, document, expect):
    squeezed_text = squeezed(text)
    expect("terminal, headline", True, headline(document) in squeezed_text)
    rows = re.findall(r"^  .*?  (upheld|violated|coverage_missed|inconclusive)\s+(\d+)\s+(\S+(?: \d+%)?)\s+(\S+(?: \d+%)?)\s+(\d+)$", text, re.M)
    expected = []
    for saga in document["sagas"]:
        c = saga["coverage"]
        part = lambda key: f"{c[key]}/{c['denominator']} {c[key] * 100 // c['denominator']}%" if c["denominator"] else "-"
        expected.append((saga["verdict"], saga["runs"], part("fired"), part("held"), str(len(saga["findings"]))))
    expect("terminal, sagas", expected, rows)
    statuses = collections.Counter()
    for saga in document["sagas"]:
        statuses.update(saga["coverage"]["statuses"])
    for status in STATUSES[1:]:
        shown = re.findall(rf"^  {status} (\d+)$", text, re.M)
        expect(f"terminal, {status}", [str(statuses[status])] if statuses[status] else [], shown)
    shown = [squeezed(line) for line in text.splitlines()
             if re.match(r"      (to blame in|fired in) \d", line)]
    expected = [why(cell) for status in ("violated", "vacuous")
                for cell in [cell for saga in document["sagas"] for cell in saga["cells"] if cell["status"] == status][:10]]
    expect("terminal, why", expected, shown)
    more = [int(n) for n in re.findall(r"^    and (\d+) more$", text, re.M)]
    expected = [statuses[s] - (10 if s in ("violated", "vacuous") else 5)
                for s in ("violated", "vacuous", "not_fired", "not_reached", "unreachable", "excluded")]
    expect("terminal, cells left out", [n for n in expected if n > 0], more)
    for search in sum((saga["searches"] for saga in document["sagas"]), []):
        if "\\" not in extent(search):
            expect("terminal, " + extent(search)[:60], True, squeezed(extent(search)) in squeezed_text or len(extent(search)) > 60)
    shown = [int(n) for n in re.findall(r"^Finding (\d+): ", text, re.M)]
    most = min(int(document["findings"]), 10)
    expect("terminal, findings", list(range(1, most + 1)), shown)
    runs = re.findall(r"shown by (\d+) runs?\b", squeezed_text)
    all_findings = [finding["runs"] for saga in document["sagas"] for finding in saga["findings"]]
    if "\\x" not in text and len(text) < 100_000:
        expect("terminal, runs of findings", all_findings[:most], runs[:most])


def check_github(text, document, expect):
    expect("github, headline", True, headline(document).replace("%", "%25") in text)
    lines = [line for line in text.splitlines() if line.startswith("::error ") and "%0Arepeat: " in line]
    expect("github, findings", sum(len(saga["findings"]) for saga in document["sagas"]), len(lines))


def operation_counts(saga):
    counts = {}
    for cell in saga["cells"]:
        if cell["status"] == "excluded":
            continue
        place = cell["cell"].rsplit("@", 1)[0]
        count = counts.setdefault(place, collections.Counter())
        count["legal"] += 1
        count["held"] += cell["status"] == "held"
        count["violated"] += cell["status"] == "violated"
    return counts


def operation_words(counts):
    text = f"{counts['held']} of {counts['legal']} held"
    return text + (f", {counts['violated']} violated" if counts["violated"] else "")


def check_diagram(text, document, expect, subjects):
    """`text`: Mermaid or SVG; the words stand in the order of the steps, an action before its compensation."""
    is_svg = text.startswith("<svg")
    pattern = r">(\d+ of \d+ held(?:, \d+ violated)?)</text>" if is_svg else r"<br/>(\d+ of \d+ held(?:, \d+ violated)?)\"\]"
    expected = []
    for saga in document["sagas"]:
        counts = operation_counts(saga)
        for step in subjects[saga["id"]].steps:
            operations = ["action"] + (["compensation"] if step.get("compensation") else [])
            expected += [operation_words(counts.get(f"{step['name']}.{o}", collections.Counter())) for o in operations]
    expect("diagram", sorted(expected), sorted(re.findall(pattern, text)))


def check_badge(text, document, expect):
    c = document["coverage"]
    said = re.search(r"saga failures: (.*?)</title>", text).group(1)
    good = document["verdict"] in ("upheld", "inconclusive") and c["denominator"]
    words = f"{c['held'] * 100 // c['denominator']} % held" if good else document["verdict"]
    if good and document["verdict"] == "inconclusive":
        words += ", inconclusive"
    expect("badge", words, said)


def check_timeline(text, document, expect):
    events = collections.defaultdict(list)
    for event in json.loads(text)["traceEvents"]:
        if event["ph"] != "M":
            events[event["pid"]].append(event)
    process = 0
    for saga in document["sagas"]:
        for finding in saga["findings"]:
            process += 1
            trace = finding.get("trace", [])
            expect(f"timeline, {finding['name']}", [event["at_us"] for event in trace],
                   [event["ts"] for event in events[process]])
            for key in ("incarnation", "attempt"):
                expect(f"timeline, {key} of {finding['name']}", [event.get(key) or None for event in trace],
                       [event["args"].get(key) for event in events[process]])
            ends = lambda i: next((later["at_us"] - trace[i]["at_us"] for later in trace[i + 1:]
                                   if later["type"] == "crashed" or (later["type"] in ("received", "timed_out") and
                                                                     later.get("call") == trace[i].get("call"))), 0)
            expect(f"timeline, waits of {finding['name']}",
                   [ends(i) for i, event in enumerate(trace) if event["type"] == "sent"],
                   [event["dur"] for event in events[process] if event["ph"] == "X"])
