#!/usr/bin/env python3
"""plain.py FILE: is it UTF-8 without a character that acts on what stands around it, and is no markup smuggled in?"""
import sys
import unicodedata

ACTS = set("\u061c\u200e\u200f\u2028\u2029\ufeff") | {chr(c) for c in range(0x202A, 0x202F)} | {
    chr(c) for c in range(0x2066, 0x206A)}


def main():
    path = sys.argv[1]
    with open(path, "rb") as file:
        text = file.read().decode("utf-8")  # or it fails
    wrong = [c for c in text if c != "\n" and (unicodedata.category(c) == "Cc" or c in ACTS)]
    if path.endswith(".json") and not path.endswith("timeline.json"):
        wrong = [c for c in wrong if unicodedata.category(c) == "Cc"]  # JSON holds what it was given
    markup = ["<script", "<img"] if path.endswith((".md", ".svg", ".xml", ".mmd")) else []
    wrong += [tag for tag in markup if tag in text]
    if path.endswith("github.txt"):
        wrong += [line[:80] for line in text.splitlines() if not line.startswith(("::error ", "::notice "))]
    if wrong:
        print(f"{path}: {len(wrong)} times what does not belong there, e.g. {wrong[:5]!r}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
