#!/usr/bin/env python3
"""hostile.py RECORDS OUTPUT: the records with hostile text in every field that may hold any."""
import json
import sys

EVIL = [
    "</script><!--<script>alert(1)</script>", "]]>", "<![CDATA[", "&lt;&#0;&", "\u0000nul", "\u001b[31mred\u001b]0;t\u0007",
    "\ufffd", "line\u2028para\u2029", "\u202eright to left\u2066\u200f", "| a | b |", "a;b#c$$d", "`code` ```fence```", "~~~",
    "end", "%0A::error::", "\r\n\t", "\"'", "\\", "\ufeff\uffff\ufdd0", "<img src=x onerror=alert(1)>", "[x](javascript:y)",
    "Note over c: x", "x" * 100_000, "\U0001f600\u0301\u0645\u0631\u062d\u0628\u0627",
]
turn = 0


def evil(text=""):
    global turn
    turn += 1
    first = EVIL[turn % len(EVIL)]
    return f"{text} {first} {EVIL[(turn * 7) % len(EVIL)]}"[:110_000]


def spoil(line):
    if "format" in line:
        line["coordinator"] = evil("c")
        line["participant"] = evil("p")
        line["source"] = evil("s")
        line["version"] = evil("v")
        line["scope"] = evil("scope")
        line["claims"] = [evil() for _ in EVIL]
        line["exclusions"] = [{"cell": "*:clock_back" + EVIL[i % 16], "reason": evil(), "owner": evil(),
                               "expires": "2027-06-30"} for i in range(len(EVIL))]
        line["exclusions"].append({"cell": "*:clock_forward", "reason": evil(), "owner": evil(),
                                   "expires": "2027-06-30"})
        line["switched_off"] = [{"rule": "I15", "name": "transient faults are masked", "reason": evil()}]
        if line["search"]:
            line["search"]["swarm"] = {"seed": evil(), "schedules": "18446744073709551615"}
    elif "run" in line:
        if "input" in line:
            line["input"] = evil()
    elif "finding" in line:
        for key in ("explanation", "token", "test_case"):
            line[key] = evil(line[key][:50])
        line["flagged_steps"] = list(EVIL)
        line["quantities"] = [{"name": evil(), "rule": "conserved", "at_start": "-9223372036854775808",
                               "at_end": "9223372036854775807"} for _ in EVIL]
        for effect in line["effects"]:
            effect["service"] = evil()
        line["trace"] += [{"at_us": 9007199254740993 + i, "type": kind, "message": evil(), "marker": evil(),
                           evil(): evil(), "step": evil(), "operation": evil(), "attempt": 1}
                          for i, kind in enumerate(["threw", "marked", "gave_up", evil(), "sent", "fault"])]
    return line


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    plans = {}
    for line in lines:  # the plan of a finding is the plan of its run
        if "plan" in line:
            line["plan"] = plans.setdefault(line["plan"], evil(line["plan"]) if line["plan"] != "none" else "none")
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        for line in lines:
            file.write(json.dumps(spoil(line), ensure_ascii=turn % 2 == 0) + "\n")


if __name__ == "__main__":
    main()
