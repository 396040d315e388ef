"""The order saga over a plain orchestrator, tested with Hypothesis: a property over arbitrary faults.

Run with --smoke for a run of a second. No waiting: a call that times out raises at once.
"""

import itertools
import json
import statistics
import sys
import time

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st

STEPS = ["create_order", "reserve_inventory", "process_payment", "create_shipment", "confirm_order"]
ATTEMPTS = [1, 1, 3, 2, 3]
PIVOT = 4  # no compensation
COMPENSATION_ATTEMPTS = 3
KINDS = ["rejected", "unavailable", "error_after_effect", "request_lost", "reply_lost", "request_duplicated"]
ACTION, COMPENSATION = 0, 1
COMPLETED, COMPENSATED, FLAGGED = "completed", "compensated", "flagged"


class Rejected(Exception):
    pass


class Unavailable(Exception):
    pass


class Ambiguous(Exception):
    """An error 500 or no answer: it may or may not have been done."""


class Participant:
    """Does what it is asked once per key, and keeps a ledger of it."""

    __slots__ = ("applied", "closed", "seen", "undone")

    def __init__(self):
        self.seen = set()
        self.closed = False
        self.applied = 0
        self.undone = 0

    def handle(self, operation):
        if operation in self.seen:
            return
        self.seen.add(operation)
        if operation == COMPENSATION:
            self.closed = True
            if self.applied > self.undone:
                self.undone += 1
        elif not self.closed:
            self.applied += 1


class Network:
    """Between orchestrator and participants: the place where faults strike."""

    __slots__ = ("faults", "participants")

    def __init__(self, faults):
        self.participants = [Participant() for _ in STEPS]
        self.faults = faults

    def send(self, step, operation, attempt):
        participant = self.participants[step]
        fault = self.faults.get((step, operation, attempt))
        if fault is None:
            participant.handle(operation)
        elif fault == "rejected":
            raise Rejected
        elif fault == "unavailable":
            raise Unavailable
        elif fault == "request_lost":
            raise Ambiguous
        else:
            participant.handle(operation)
            if fault == "request_duplicated":
                participant.handle(operation)
            else:  # error_after_effect, reply_lost
                raise Ambiguous


class Saga:
    """Steps forward; on failure compensations backward, of all that was or may have been done."""

    __slots__ = ("done", "flagged", "maybe", "mutant", "network")

    def __init__(self, network, mutant):
        self.network = network
        self.mutant = mutant
        self.done = set()
        self.maybe = set()
        self.flagged = set()

    def run(self):
        for step in range(len(STEPS)):
            if self.forward(step):
                continue
            if PIVOT in self.maybe:  # no way back past the pivot
                self.flagged = self.done | self.maybe
                return FLAGGED
            return self.backward()
        return COMPLETED

    def forward(self, step):
        for attempt in range(1, ATTEMPTS[step] + 1):
            try:
                self.network.send(step, ACTION, attempt)
            except Rejected:
                return False
            except (Unavailable, Ambiguous):  # a copy of what was turned away may be accepted
                self.maybe.add(step)
                continue
            self.done.add(step)
            return True
        return False

    def backward(self):
        for step in range(len(STEPS) - 1, -1, -1):
            if step not in self.done and (
                step not in self.maybe or self.mutant == "ambiguous_not_compensated"
            ):
                continue
            if step == 0 and self.mutant == "skips_first":
                continue
            if not self.undo(step) and self.mutant != "failure_swallowed":
                self.flagged.add(step)
        return FLAGGED if self.flagged else COMPENSATED

    def undo(self, step):
        for attempt in range(1, COMPENSATION_ATTEMPTS + 1):
            try:
                self.network.send(step, COMPENSATION, attempt)
            except Rejected:
                return False
            except (Unavailable, Ambiguous):
                continue
            return True
        return False


def is_truthful(faults, mutant):
    """Does the outcome agree with the ledgers?"""
    network = Network(faults)
    saga = Saga(network, mutant)
    outcome = saga.run()
    for step, participant in enumerate(network.participants):
        left = participant.applied - participant.undone
        if left < 0 or participant.applied > 1:
            return False
        if outcome == COMPLETED:
            if left != 1:
                return False
        elif left and step not in saga.flagged:
            return False
    return True


# Every fault at every point there can be, known from the definition; the property draws up to two of them.
POINTS = [(step, ACTION, attempt) for step in range(len(STEPS)) for attempt in range(1, ATTEMPTS[step] + 1)]
POINTS += [
    (step, COMPENSATION, attempt)
    for step in range(len(STEPS))
    if step != PIVOT
    for attempt in range(1, COMPENSATION_ATTEMPTS + 1)
]
FAULTS = list(itertools.product(POINTS, KINDS))


class Killed(Exception):
    pass


def check(mutant, number, examples):
    """Runs the property: runs, processor seconds, and (schedules, seconds) at the first failure, if there was one."""
    runs = 0
    killed = None
    start = time.process_time()

    # Generation alone: no database, no shrinking, no health checks.
    @seed(number)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        verbosity=Verbosity.quiet,
    )
    @given(st.lists(st.sampled_from(FAULTS), max_size=2))
    def outcome_is_truthful(faults):
        nonlocal runs, killed
        runs += 1
        if is_truthful(dict(faults), mutant):
            return
        if killed is None:
            killed = (runs, time.process_time() - start)
        raise Killed

    try:
        outcome_is_truthful()
    except Killed:
        pass
    return runs, time.process_time() - start, killed


def count_exhaustively():
    """How many schedules there are with up to two faults: a check that this saga is the same one."""

    class Recorder(dict):
        def __init__(self, faults):
            super().__init__(faults)
            self.met = []

        def get(self, point):
            self.met.append(point)
            return super().get(point)

    count = 0
    plans = [()]
    for _ in range(3):
        count += len(plans)
        children = []
        for plan in plans:
            recorder = Recorder(plan)
            assert is_truthful(recorder, "")
            later = recorder.met[recorder.met.index(plan[-1][0]) + 1 :] if plan else recorder.met
            children += [(*plan, fault) for fault in itertools.product(later, KINDS)]
        plans = children
    return count


def main():
    smoke = "--smoke" in sys.argv[1:]
    best = float("inf")
    for number in range(1 if smoke else 4):
        runs, seconds, killed = check("", number, 100 if smoke else 2000)
        assert killed is None, "the saga is violated without a bug"
        best = min(best, seconds / runs)
    kills = {}
    for mutant in ("ambiguous_not_compensated", "skips_first", "failure_swallowed"):
        found = [check(mutant, number, 20_000)[2] for number in range(1 if smoke else 21)]
        found = [one if one is not None else (float("inf"), float("inf")) for one in found]
        kills[mutant] = {
            "schedules": statistics.median(one[0] for one in found),
            "ms": statistics.median(one[1] for one in found) * 1e3,
        }
    print(
        json.dumps(
            {
                "subject": "Hypothesis over a plain Python saga",
                "per_second": round(1 / best),
                "schedules": count_exhaustively(),
                "kills": kills,
            }
        )
    )


if __name__ == "__main__":
    main()
