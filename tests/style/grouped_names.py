"""Functions that would mean something else once sources are compiled together.

The sources of a layer, and of a suite of tests, are one translation unit (harness/cmake/SagaHarnessDefaults.cmake). Two
functions of one name in unnamed namespaces of the same group are then an error, or, worse, overloads, and another one than
before may be chosen in silence. Prints each name that stands in two files of a group, once in an unnamed namespace, with
parameters that a call could convert into each other. Types and constants need no such check: the compiler refuses them.

    grouped_names.py SOURCE-TREE
"""

import collections
import pathlib
import re
import sys

LAYER = re.compile(r"^saga_harness_layer\(\w+ ([\w/]+)( CORE)?", re.MULTILINE)
FUNCTION = re.compile(r"^(?!using |namespace |#|//|\}|TEST|return|friend |INSTANTIATE|MATCHER|RC_GTEST)"
                      r"[\w:<>,&*\[\] ]*?[ &*](\w+)\(([^()]*(?:\([^()]*\)[^()]*)*)\)")
TEXTS = {"string", "string_view", "char"}
NUMBERS = {"bool", "char", "int", "long", "unsigned", "double", "float", "size_t", "int8_t", "int16_t", "int32_t", "int64_t",
           "uint8_t", "uint16_t", "uint32_t", "uint64_t"}


def kind_of(parameter):
    """The type without what a call converts in silence: texts are one kind, numbers another."""
    type_text = re.sub(r"\s*=.*", "", parameter).strip()
    type_text = re.sub(r"\bconst\b|\bstd::", "", type_text).strip()
    type_text = re.sub(r"(?<=[\w>&*\]]) +&?\w+$|(?<=[&*])\w+$", "", type_text)
    bare = re.sub(r"[&* ]", "", type_text).split("::")[-1] if "<" not in type_text else re.sub(r"[& ]", "", type_text)
    if bare in TEXTS and not (bare == "char" and "*" not in type_text):
        return "text"
    return "number" if bare in NUMBERS else bare


def names_of(path):
    """(name, kinds of its parameters, is in an unnamed namespace) of functions at namespace level, as clang-format leaves them."""
    unnamed = 0
    lines = path.read_text(encoding="utf-8").splitlines()
    for i, line in enumerate(lines):
        if line == "namespace {":
            unnamed += 1
        elif line == "}  // namespace":
            unnamed -= 1
        if not line or not (line[0].isalpha() or line[0] in "_["):
            continue  # indented: inside something
        found = FUNCTION.match(" ".join(part.strip() for part in lines[i:i + 4]))
        if not found or re.search(r"[\w>]::~?" + re.escape(found[1]) + r"\(", line):
            continue  # the latter is defined out of its class
        parameters = re.split(r",(?![^<]*>)", found[2]) if found[2].strip() else []
        yield found[1], tuple(kind_of(parameter) for parameter in parameters), unnamed > 0


def groups_of(root):
    def sources(*folders):
        return [path for folder in folders for path in sorted((root / folder).glob("**/*")) if path.suffix in (".cpp", ".hpp")]

    layers = LAYER.findall((root / "CMakeLists.txt").read_text(encoding="utf-8"))
    yield "core", sources(*[folder + "/src" for folder, is_core in layers if is_core])
    for folder in [folder for folder, is_core in layers if not is_core] + ["harness/cli"]:
        yield folder, sources(folder + "/src")
    for suite in ("tests/cli", "tests/property", "tests/golden"):
        yield suite, sources(suite)
    for folder in sorted((root / "tests/unit").iterdir()):
        yield str(folder.relative_to(root)), sources(folder.relative_to(root))
    yield "scenarios/*_test.cpp", sorted((root / "scenarios").glob("*_test.cpp"))


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    broken = 0
    for group, files in groups_of(root):
        places = collections.defaultdict(dict)
        for path in files:
            for name, kinds, is_unnamed in names_of(path):
                key = (name, kinds)
                places[key][path] = places[key].get(path, False) or is_unnamed
        for (name, kinds), where in sorted(places.items()):
            if len(where) > 1 and any(where.values()):
                broken += 1
                print(f"{group}: {name}({', '.join(kinds)}) in " + ", ".join(str(path.relative_to(root)) for path in sorted(where)))
    return 1 if broken else 0


sys.exit(main())
