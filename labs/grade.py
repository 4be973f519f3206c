#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make grade N: points for the hunt and for the answers, as text and as build/lab-N/grade.json.

    grade.py N [--tree FOLDER] [--answers FILE]

Machines count instructions, not time: the same work gets the same points, twice and on any host.
"""

import argparse
import filecmp
import json
import re
import shutil
import sys
import tempfile
from pathlib import Path

from lab import BUILD, ROOT, Lab, build_tree, copy_sources, digests

sys.path.insert(0, str(ROOT / "tests"))

from harness.machine import Machine  # noqa: E402  (after the path is set)


def part(name, points, of, *hints):
    return {"part": name, "points": points, "of": of, "hints": [hint for hint in hints if hint]}


# ---------------------------------------------------------------- the hunt

def passes(lab, tree, check, number):
    """Boots the copy without programs: the kernel's own tests say what is wrong."""
    empty = lab.work / "empty.cpio"
    empty.touch()
    for which, append in enumerate(check["boots"]):
        result = Machine(f"grade-{lab.number}-{number}-{which}", icount=True, append=append,
                         kernel=tree / "build/paranoid.elf", initrd=empty).run()
        if result.status:
            return False
    return True


def code(path):
    """A file's text without comments: what they say is not a repair."""
    if not path.exists():
        return ""
    comment = r";.*" if path.suffix in (".asm", ".inc") else r"/\*[\s\S]*?\*/|//.*"
    return re.sub(comment, "", path.read_text(errors="replace"))


def known_mistake(hunt, tree):
    for mistake in hunt["mistakes"]:
        if re.search(mistake["pattern"], code(tree / mistake["file"]), re.S):
            return mistake["hint"]
    return "This repair is none of the known mistakes: see the kernel's report in build/test/logs."


def untouched(lab, tree):
    """Whether the seeded files are as they were handed out."""
    names = seeded(lab)
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            (Path(folder) / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, Path(folder) / name)
        lab.seed(folder)
        return all((tree / name).exists() and filecmp.cmp(tree / name, Path(folder) / name, False)
                   for name in names)


def seeded(lab):
    """The files that have the fault."""
    return re.findall(r"^\+\+\+ b/(\S+)", lab.mutant().read_text(), re.M)


def graded_files(lab):
    """Those, and the files in which a known mistake may be."""
    return sorted({*seeded(lab), *(mistake["file"] for mistake in lab.config["hunt"]["mistakes"])})


def judged(lab, tree):
    """Our sources with the student's version of the files that a repair may change, nothing else
    of theirs: neither the tests, nor the Makefile, nor objects, nor who says how a test went."""
    ours = lab.work / "judged"
    shutil.rmtree(ours, ignore_errors=True)
    copy_sources(ours)
    for name in graded_files(lab):
        (ours / name).unlink()
        if (tree / name).exists():
            shutil.copyfile(tree / name, ours / name)
    return ours


def grade_hunt(lab, tree):
    """The later checks count only when the fault is gone: an untouched copy broke nothing else."""
    hunt = lab.config["hunt"]
    rows = [(check["name"], check["points"]) for check in hunt["checks"]]

    def nothing(hint):
        return [part(name, 0, of, None if number else hint)
                for number, (name, of) in enumerate(rows)]
    if not tree.exists():
        return nothing(f"Not begun: make hunt {lab.number}")
    tree = judged(lab, tree)
    trouble = build_tree(tree)
    if trouble:
        files = " and ".join(graded_files(lab))
        return nothing(f"The copy does not build (of yours it has only {files}):\n" + trouble)
    if not passes(lab, tree, hunt["checks"][0], 0):
        looked_at = f"\n(Looked at: {' and '.join(graded_files(lab))}.)"
        return nothing(hunt["untouched"] + looked_at if untouched(lab, tree)
                       else known_mistake(hunt, tree))
    found = [part(rows[0][0], rows[0][1], rows[0][1])]
    for number, check in enumerate(hunt["checks"][1:], 1):
        good = passes(lab, tree, check, number)
        found.append(part(check["name"], good * check["points"], check["points"],
                          None if good else known_mistake(hunt, tree)))
    return found


# ---------------------------------------------------------------- the questions

def grade_answers(lab, sheet):
    text = sheet.read_text(errors="replace") if sheet.exists() else ""
    given = dict(re.findall(r"^(\d+):[ \t]*(\S.*)$", text, re.M))
    found = []
    for number, question in lab.config["questions"].items():
        name, of = f"question {number}", question["points"]
        if number not in given:
            found.append(part(name, 0, of, "no answer"))
            continue
        keys = digests(lab, number, given[number])
        good = any(key in question["right"] for key in keys)
        known = [question["wrong"][key] for key in keys if key in question["wrong"]]
        hint = known[0] if known else question["hint"]
        found.append(part(name, good * of, of, None if good else hint))
    return found


# ---------------------------------------------------------------- the result

def grade(lab, tree, sheet):
    parts = grade_hunt(lab, tree) + grade_answers(lab, sheet)
    return {"lab": lab.folder.name, "points": sum(p["points"] for p in parts),
            "of": sum(p["of"] for p in parts), "parts": parts}


def show(result):
    for row in result["parts"]:
        print(f"{row['points']:4} of {row['of']:3}  {row['part']}")
        for hint in row["hints"]:
            print("             " + hint.replace("\n", "\n             "))
    print(f"{result['points']:4} of {result['of']:3}  {result['lab']}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("number", nargs="?", default="")
    parser.add_argument("--tree", type=Path)
    parser.add_argument("--answers", type=Path)
    options = parser.parse_args()
    lab = Lab(options.number)
    lab.place_answers()
    result = grade(lab, options.tree or lab.tree, options.answers or lab.work / "answers.txt")
    show(result)
    (lab.work / "grade.json").write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
