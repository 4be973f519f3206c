#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prints how long everything is: lines per folder, the longest file, the longest function.

Fails if a function is over 60 lines or a file over 300 without an entry in
budget-reasons.txt ("path[:function] reason"), or if an entry there is no longer needed.
A line of Python over 100 columns fails, too, unless its file has an entry "path:columns".
"""

import ast
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from harness import tree  # noqa: E402  (after the path is set)

REASONS = Path(__file__).with_name("budget-reasons.txt")
MAX_FUNCTION, MAX_FILE, MAX_COLUMNS = 60, 300, 100
# What DESIGN says of the whole: entry/ in NASM, the kernel in C.
BUDGETS = [("entry/*.asm, *.inc", ("entry",), (".asm", ".inc"), 1500),
           ("kernel in C (boot, entry, kernel, sched)", ("boot", "entry", "kernel", "sched"),
            (".c", ".h"), 12000)]
CODE = (".c", ".h", ".asm", ".inc", ".py", ".sh", ".mk", ".ld", ".gdb", "Makefile", "run")


def sources():
    names = tree.sources("--cached", "--others", "--exclude-standard")
    return sorted(Path(name) for name in names
                  if name.endswith(CODE) and (ROOT / name).is_file())


def c_functions(lines):
    """Functions in the house style: the braces of a body stand alone in the first column."""
    start = None
    for number, line in enumerate(lines):
        if line == "{":
            start = number
        elif line.startswith("}") and start is not None:
            head = " ".join(lines[max(0, start - 6):start])
            names = re.findall(r"(\w+)\s*\((?!\()", head.rpartition(";")[2].rpartition("}")[2])
            names = [name for name in names if not name.startswith("__")]
            yield names[0] if names else "?", number - start + 1
            start = None


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.end_lineno - node.lineno + 1


def functions(path, text):
    if path.suffix in (".c", ".h"):
        return c_functions(text.split("\n"))
    return python_functions(text) if path.suffix == ".py" else ()


def wide_lines(path, text):
    """Numbers of the lines that are too wide."""
    lines = text.split("\n") if path.suffix == ".py" else ()
    return [n for n, line in enumerate(lines, 1) if len(line.expandtabs(8)) > MAX_COLUMNS]


def reasons():
    lines = REASONS.read_text().splitlines()
    return dict(line.split(None, 1) for line in lines if line and not line.startswith("#"))


def print_folders(lengths):
    print(f"{'folder':<24}{'files':>6}{'lines':>8}")
    groups = {}
    for path, length in lengths.items():
        top = path.parts[0] if len(path.parts) > 1 else "(top)"
        if top in ("kernel", "user", "tests") and len(path.parts) > 2:
            top += "/" + path.parts[1]
        groups.setdefault(top, []).append(length)
    for name in sorted(groups):
        print(f"{name:<24}{len(groups[name]):>6}{sum(groups[name]):>8}")
    for name, folders, suffixes, budget in BUDGETS:
        total = sum(length for path, length in lengths.items()
                    if path.parts[0] in folders and path.suffix in suffixes)
        print(f"{name}: {total} lines of a budget of about {budget}")


def main():
    texts = {path: (ROOT / path).read_text() for path in sources()}
    lengths = {path: text.count("\n") for path, text in texts.items()}
    found = [(length, f"{path}:{name}") for path, text in texts.items()
             for name, length in functions(path, text)]
    print_folders(lengths)
    print("longest file: %d lines, %s" % max((n, str(path)) for path, n in lengths.items()))
    print("longest function: %d lines, %s" % max(found))

    too_long = {name: length for length, name in found if length > MAX_FUNCTION}
    too_long.update({str(path): length for path, length in lengths.items() if length > MAX_FILE})
    refused = {name: f"too long: {length} lines" for name, length in too_long.items()}
    for path, text in texts.items():
        if wide := wide_lines(path, text):
            refused[f"{path}:columns"] = f"over {MAX_COLUMNS} columns: lines {wide}"
    known, failed = reasons(), False
    for name, problem in sorted(refused.items()):
        print(f"{problem}, {name}: {known.get(name, 'NO REASON GIVEN')}")
        failed |= name not in known
    for name in sorted(set(known) - set(refused)):
        print(f"not needed any more: {name} in {REASONS.name}")
        failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
