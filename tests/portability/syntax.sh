#!/usr/bin/env bash
# Does everything of ours compile with another compiler, standard library or fmt? Nothing is built: every source file and
# test is parsed on its own, with no precompiled header and no grouping.
#   syntax.sh [--only REGEX] [CMAKE-ARGUMENT...]
#   syntax.sh -DCMAKE_CXX_COMPILER=clang++-19 -DCMAKE_CXX_FLAGS=-stdlib=libc++
#   syntax.sh -DCMAKE_CXX_FLAGS=-I/somewhere/fmt-12/include
# --only: paths that match. Prints what does not compile, and ends with 1 if there is such a file.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."

only=.
if [ "${1:-}" = --only ]; then
  only=${2:?--only needs a regular expression}
  shift 2
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake -S . -B "$work/build" -G Ninja -DCMAKE_EXPORT_COMPILE_COMMANDS=ON -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON \
  -DSAGA_HARNESS_GROUPED=OFF -DSAGA_HARNESS_ONE_CORE=OFF -DCMAKE_CXX_COMPILER_LAUNCHER= -DSAGA_HARNESS_INSTALL=OFF "$@" >"$work/configure.log" 2>&1 ||
  { cat "$work/configure.log"; exit 1; }
grep 'saga_harness ' "$work/configure.log"

# A script per source file, numbered; sources that the build would generate first are left out.
python3 - "$work" "$only" "$PWD" <<'PYTHON'
import json, os, re, shlex, sys

work, only, root = sys.argv[1:]
with open(os.path.join(work, "build", "compile_commands.json")) as file:
    entries = json.load(file)
taken = {}
for entry in entries:
    path = os.path.relpath(entry["file"], root)
    if path not in taken and re.search(only, path) and os.path.exists(entry["file"]):
        taken[path] = entry
for number, (path, entry) in enumerate(sorted(taken.items())):
    words = shlex.split(entry["command"])
    out = words.index("-o")
    words[out:out + 2] = []
    with open(os.path.join(work, f"{number:04}.sh"), "w") as script:
        command = shlex.join([*words, "-fsyntax-only"])
        print(f"cd {shlex.quote(entry['directory'])}\n{command} || {{ echo 'DOES NOT COMPILE: {path}'; exit 1; }}", file=script)
print(f"{len(taken)} files")
PYTHON

printf '%s\0' "$work"/[0-9]*.sh | xargs -0 -n 1 -P "$(nproc)" nice bash >"$work/log" 2>&1 || true
cat "$work/log"
failures=$(grep -c '^DOES NOT COMPILE' "$work/log" || true)
echo "syntax: ${failures} files do not compile"
[ "$failures" -eq 0 ]
