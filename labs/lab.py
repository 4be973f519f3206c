# SPDX-License-Identifier: MIT
"""What the tools of the labs share: a lab's files, lab.json, the student's copy.

    lab.py N QUESTION ANSWER      the hash of an answer, as lab.json keeps it
"""

import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / os.environ.get("BUILD", "build")
# What "make kernel" reads; no more, for the stories of the mutants are among the tests.
SOURCES = ("Makefile", "linker.ld", "boot", "entry", "kernel", "sched", "user/user.mk",
           "tests/host.mk", "labs/labs.mk")


class Lab:
    """One lab: folder (labs/N-name), work (build/lab-N), config (lab.json)."""

    def __init__(self, number):
        found = sorted((ROOT / "labs").glob(f"{number}-*/lab.json")) if number.isdigit() else []
        if not found:
            there = ", ".join(f"{lab.number} ({lab.config['title']})" for lab in labs())
            sys.exit(f"no lab {number!r}; there are: {there}")
        self.number, self.folder = number, found[0].parent
        self.work = BUILD / f"lab-{number}"
        self.tree = self.work / "tree"
        self.config = json.loads(found[0].read_text())
        self.text = self.folder / "README.md"

    def mutant(self):
        return ROOT / "tests" / "mutants" / f"{self.config['hunt']['mutant']}.patch"

    def place_answers(self):
        """The sheet to fill in; one that is there already is the student's."""
        self.work.mkdir(parents=True, exist_ok=True)
        if not (self.work / "answers.txt").exists():
            shutil.copyfile(self.folder / "answers.txt", self.work / "answers.txt")

    def seed(self, folder):
        """Puts the fault into a copy of the sources, or of the files that have it."""
        subprocess.run(["patch", "-s", "-f", "--no-backup-if-mismatch", "-p1", "-i", self.mutant()],
                       cwd=folder, check=True)

    def place_tree(self):
        """The student's copy with the fault in it, unless there is one."""
        if self.tree.exists():
            return
        new = self.work / "tree.new"        # a copy that was cut short is not taken for one
        shutil.rmtree(new, ignore_errors=True)
        copy_sources(new)
        self.seed(new)
        new.rename(self.tree)


def labs():
    folders = sorted((ROOT / "labs").glob("[0-9]*-*/lab.json"))
    return [Lab(path.parent.name.partition("-")[0]) for path in folders]


def with_append(machine, words):
    """The machine's options with words for the kernel; before its own, which may end in "--"."""
    return f"--append {shlex.quote(words)} {machine}" if words else machine


def copy_sources(target):
    """Sources, and the objects made from them, with their times: little has to be compiled then."""
    ignore = shutil.ignore_patterns("__pycache__", ".*")
    for name in SOURCES:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target / name, ignore=ignore)
        else:
            shutil.copy2(ROOT / name, target / name)
    if BUILD == ROOT / "build":             # dependencies are written down with the folder's name
        for name in ("boot", "entry", "kernel", "sched"):
            shutil.copytree(BUILD / name, target / "build" / name)
        for path in [*BUILD.glob("offsets.*"), BUILD / "font.psf", BUILD / "flags"]:
            shutil.copy2(path, target / "build" / path.name)


def build_tree(tree):
    """Builds the copy; returns what went wrong, or None."""
    done = subprocess.run(["make", "-s", "kernel", "build/paranoid.elf-gdb.py", "BUILD=build"],
                          cwd=tree, capture_output=True, text=True,
                          env={**os.environ, "BUILD": "build", "MAKEFLAGS": "", "MAKELEVEL": ""})
    return None if done.returncode == 0 else done.stderr[-2000:]


def digest(lab, question, answer):
    """Answers are kept as hashes, so that the sheet can be graded where no solutions are."""
    plain = "".join(answer.lower().replace(",", " ").split())
    return hashlib.sha256(f"{lab.folder.name}:{question}:{plain}".encode()).hexdigest()[:16]


def digests(lab, question, answer):
    """The same without what gdb, the headers and manuals put before a name (%rcx, #PF, sys_uname)
    or a number (bit 31), and for each form of a number that is surely hexadecimal.

    It may be printed in full (0000000000001000), lack its 0x if it has four digits or more, or be
    as in manuals (1000H).  lab.json may keep it with 0x or in decimal.
    """
    prefix = r"^(?:[%#$]|(?:bit|vector)\s*|(?:sys|__nr)_)(?=\w)"
    bare = re.sub(prefix, "", answer.strip().lower())
    found = [digest(lab, question, answer), digest(lab, question, bare)]
    number = re.fullmatch(r"(0x)?([0-9a-f]{1,16}?)(h?)", bare)
    if number and (number[1] or number[3] or len(number[2]) >= 4):
        value = int(number[2], 16)
        found += [digest(lab, question, form) for form in (f"{value:#x}", str(value))]
    return found


if __name__ == "__main__":
    print(digest(Lab(sys.argv[1]), sys.argv[2], sys.argv[3]))
