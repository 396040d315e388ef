#!/usr/bin/env python3
"""A layer includes only what stands before it in harness/cmake/layers.txt: layers.py [SOURCE-TREE].

Prints a line for each include that breaks the order, nothing if all is well."""
import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
LINE = re.compile(r"^([a-z]+) +([a-z/]+)$", re.MULTILINE)
INCLUDE = re.compile(r'^#include <((?:saga_harness|saga_harness_internal)/[\w./]+)>', re.MULTILINE)

layers = LINE.findall((ROOT / "harness/cmake/layers.txt").read_text(encoding="utf-8"))
place_of_header = {}
for place, (_, folder) in enumerate(layers):
    for kind in ("include", "internal"):
        base = ROOT / folder / kind
        for header in base.rglob("*.hpp"):
            place_of_header[str(header.relative_to(base))] = place
for place, (name, folder) in enumerate(layers):
    for kind in ("include", "internal", "src"):
        for source in sorted((ROOT / folder / kind).rglob("*.[ch]pp")):
            for include in INCLUDE.findall(source.read_text(encoding="utf-8")):
                other = place_of_header.get(include)
                if other is None:
                    print(f"{source.relative_to(ROOT)}: <{include}> is in no layer of layers.txt")
                elif other > place:
                    print(f"{source.relative_to(ROOT)}: {name} includes <{include}> of {layers[other][0]}, which comes later")
