#!/usr/bin/env python3
"""Every public value is shown by a test: printed_types.py [SOURCE-TREE].

Lists the structs and enumerations of the public headers that no tests/unit/*/print_test.cpp prints, and the public classes
that are neither printed nor said to be no value below. Prints a line for each, nothing if all is well."""
import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")

# Types that cannot stand in a matcher or a mock's expectation, and why.
NO_VALUES = {
    "an argument of a fault verb, never given back": "At Scope SourcePlace Delay Late Copy Done ClockJump",
    "how a report is to look, never given back": "HtmlOptions MarkdownOptions Replay InterleavingSubject",
    "a function object": "PlanName",
    "a clock that nobody has an object of": "VirtualClock",
    "a word of Predecessors, which is printed": "PreviousStep NoPredecessors",
    "refers to what is valid during one call": "Schedule",
    "a matcher itself": "CallsInOrder CompensatedExactly CompensatedInOrder NoAnomalyMatcher NoViolationMatcher ViolatesMatcher",
    "shown by RC_ASSERT, as UpheldTest tests": "Upheld",
    "an exception with a text": "StepFailed SagaAborted",
    "what another process answers, read by replay_findings() alone": "FreshAnswer",
    "an interface, a session or a store: it does things, and is not compared":
        "AccessHistory BasicMockParticipant Bookkeeper Business Choices Engine ForkedReplay ForwardingParticipant HttpFakes NatsBus ObservedRuns "
        "ImperativeSaga Judge LogStore NoFaults Participant PlanSource RunRecords Runtime RuntimeMemory SagaIndex SagaMetrics "
        "SagaOperations SagaTestHarness HandlerContext StepCalls TargetSession SearchStop",
}
EXCUSED = {name for names in NO_VALUES.values() for name in names.split()}

DEFINITION = re.compile(r"^(?:struct|class|enum class) (\w+)(?: final)?(?: ?: ?[^{;]*)? ?\{", re.MULTILINE)
PRINTED = re.compile(r"PrintToString\(\s*(?:Runtime::|saga_harness::)?(\w+)")

headers = sorted(path for top in ("harness", "fakes", "reports", "scenarios")
                 for path in (ROOT / top).rglob("include/saga_harness/*.hpp"))
tests = sorted((ROOT / "tests" / "unit").glob("*/print_test.cpp"))
printed = {name for test in tests for name in PRINTED.findall(test.read_text(encoding="utf-8"))}
defined = {}
for header in headers:
    for name in DEFINITION.findall(header.read_text(encoding="utf-8")):
        defined[name] = header.relative_to(ROOT)

for name, header in sorted(defined.items()):
    if name not in printed and name not in EXCUSED:
        print(f"{header}: {name} is printed by no print_test.cpp, and printed_types.py does not say why it need not be")
for name in sorted(EXCUSED - set(defined)):
    print(f"tests/style/printed_types.py: {name} is excused, but there is no such type")
for name in sorted(EXCUSED & printed):
    print(f"tests/style/printed_types.py: {name} is excused, and printed by a test")
