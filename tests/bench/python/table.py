"""Prints the records of one comparison, one JSON object a line, as tables: table.py FILE [--smoke].

With --smoke the goals are left out: nothing ran long enough to be fast.
"""

import json
import sys

MUTANTS = ("ambiguous_not_compensated", "skips_first", "failure_swallowed")
OURS = "saga-harness, exhaustive"
GOALS = (
    ("fast-check over node-sagas", 10),
    ("fast-check over node-sagas, without time", 10),
    ("Hypothesis over a plain Python saga", 200),
    ("hand-written JavaScript with messages, log, recovery, trace", 1),
    ("hand-written JavaScript, six kinds and one rule only", 1),
)
NOT_YET = ("saga-harness, swarm",)


def in_figures(value):
    """Three figures, as a person would write them."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def print_table(rows):
    """The first row is the heading, the first column is text."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        print("  ".join(cells).rstrip())
    print()


def print_speed(sides, ours):
    rows = [("", "schedules/s", "ours is", *(f"{name} after" for name in MUTANTS))]
    for name, side in sides.items():
        kills = [side["kills"][mutant] for mutant in MUTANTS]
        rows.append(
            (
                name,
                in_figures(side["per_second"]),
                "1" if side is ours else f"{in_figures(ours['per_second'] / side['per_second'])} x",
                *(f"{in_figures(kill['schedules'])} ({in_figures(kill['ms'])} ms)" for kill in kills),
            )
        )
    rows += [(name, "not in this build", "", "", "", "") for name in NOT_YET if name not in sides]
    print_table(rows)


def print_kills(sides, ours):
    rows = [("time to the first kill, theirs / ours", *MUTANTS)]
    for name, side in sides.items():
        if side is ours:
            continue
        ratios = [side["kills"][mutant]["ms"] / ours["kills"][mutant]["ms"] for mutant in MUTANTS]
        rows.append((name, *(f"{in_figures(ratio)} x" for ratio in ratios)))
    print_table(rows)


def print_goals(sides, ours, workers):
    print("goals, in schedules per second")
    for name, goal in GOALS:
        if name not in sides:
            print(f"  {name}: at least {goal} x   not measured")
            continue
        ratio = ours["per_second"] / sides[name]["per_second"]
        print(f"  {name}: at least {goal} x   {in_figures(ratio)} x   {'met' if ratio >= goal else 'MISSED'}")
    goal = "  two workers over one, by the clock: at least 1.8 x"
    if workers is None:
        print(f"{goal}   not in this build")
    else:
        print(f"{goal}   {workers} x   {'met' if workers >= 1.8 else 'MISSED'}")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    sides = {record["subject"]: record for record in records if "subject" in record}
    workers = next((record["workers"] for record in records if "workers" in record), None)
    ours = sides[OURS]
    counts = {side["schedules"] for side in sides.values() if "schedules" in side}
    print("the order saga, five steps, six kinds of fault, up to two of them; processor time")
    if len(counts) != 1:
        sys.exit(f"these are not the same saga: they have {sorted(counts)} schedules")
    print(f"every side has the same {counts.pop()} schedules; median of 21 seeds where they are drawn at random\n")
    print_speed(sides, ours)
    print_kills(sides, ours)
    if "--smoke" in sys.argv[2:]:
        print("a smoke run: these figures mean nothing")
    else:
        print_goals(sides, ours, workers)


if __name__ == "__main__":
    main()
