#!/usr/bin/env python3
"""An Error of ours says what to do in its field `fix`: error_fields.py [SOURCE-TREE].

In shipped sources an Error is made of an ErrorText, not of one text; and no message holds a "; ", which is what stands
between a message and its fix. Prints a line for each breach, nothing if all is well."""
import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
MADE = re.compile(r"(?:throw |return |emplace\()(?:saga_harness::)?Error\((?!\s*(?:ErrorText|\{|std::move|(?:internal::)?error_of|error\b|\w+\.problem\)))")
MESSAGE = re.compile(r"\.message =((?:[^\"{}]|\"(?:[^\"\\]|\\.)*\")*?)(?:,\s*\.|\})", re.DOTALL)
TEXT = re.compile(r"\"((?:[^\"\\]|\\.)*)\"")

for top in ("harness", "fakes", "reports"):
    for path in sorted((ROOT / top).rglob("*.[ch]pp")):
        if path.name in ("error.hpp", "error.cpp"):
            continue
        source = path.read_text(encoding="utf-8")
        place = path.relative_to(ROOT)
        for found in MADE.finditer(source):
            line = source.count("\n", 0, found.start()) + 1
            print(f"{place}:{line}: an Error made of one text: say Error(ErrorText{{.message = …, .fix = …}})")
        for found in MESSAGE.finditer(source):
            if "Error" not in source[max(0, found.start() - 400):found.start()]:
                continue
            if any("; " in text for text in TEXT.findall(found[1])):
                line = source.count("\n", 0, found.start()) + 1
                print(f"{place}:{line}: a message with \"; \" in it: what comes after belongs into .fix")
