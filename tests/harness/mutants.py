# SPDX-License-Identifier: MIT
"""The known bugs of tests/mutants/: NAME.patch with a title and the check that must find it,
NAME.md with its story.

The line "Killed-by:" is one of

    paths                       the walk over the linked image (entrypaths.py)
    states                      the table of states against that walk (entrystates.py)
    ktest NAME [OPTION...]      that test in the kernel, booted with these options
    sweep [OPTION...]           the sample of the interruption sweep, by default in both GS modes
    user PROGRAM [OPTION...]    that user test
"""

import re
from dataclasses import dataclass
from pathlib import Path

from . import ktap
from .machine import ROOT, TROUBLE, Machine

FOLDER = ROOT / "tests" / "mutants"
HEADINGS = ["What the machine does", "Where it happened", "What one sees", "Hunting it with gdb",
            "What kills it, and why"]


@dataclass(frozen=True)
class Check:
    """One line "Killed-by:"."""
    text: str

    def boots(self):
        """What is booted for it: (kernel command line, user test or None);
        the walk boots nothing."""
        kind, *words = self.text.split()
        if kind == "sweep":
            return [(f"{' '.join(words)} ktest=sweep".strip(), None)] if words else \
                [("ktest=sweep", None), ("nofsgsbase ktest=sweep", None)]
        if kind == "ktest":
            return [(" ".join([*words[1:], f"ktest={words[0]}"]), None)]
        if kind == "user":
            return [(" ".join([*words[1:], f"-- run-tests {words[0]}"]), words[0])]
        return []

    def valid(self):
        kind, *words = self.text.split()
        return kind in ("paths", "states", "sweep") or (kind in ("ktest", "user")
                                                        and len(words) > 0)


@dataclass(frozen=True)
class Mutant:
    patch: Path

    @property
    def name(self):
        return self.patch.stem

    @property
    def story(self):
        return self.patch.with_suffix(".md")

    @property
    def title(self):
        return self.patch.read_text().splitlines()[0]

    @property
    def check(self):
        return Check(re.search(r"^Killed-by: (.*)$", self.patch.read_text(), re.M).group(1))

    def files(self):
        return re.findall(r"^\+\+\+ b/(\S+)", self.patch.read_text(), re.M)


def mutants():
    return [Mutant(path) for path in sorted(FOLDER.glob("*.patch"))]


def differs(line):
    """Does the line of a test tell of two values that are not the same?"""
    if line.startswith("FAILED: "):
        return True
    found = (re.search(r"expected (.*), got (.*)", line)
             or re.search(r" is (.*), expected (.*)", line))
    want, got = found.groups() if found else ("", "")
    return want != got and not (want == "success" and not got.startswith("-"))


def said_first(text):
    """The panic, or the first line that names a difference."""
    panic = re.search(r"panic: (.*)", text)
    if panic:
        return panic.group(1)
    lines = [line.removeprefix("FAILED: ") for line in re.findall(r"# (.*)", text) if differs(line)]
    failed = re.search(r"not ok .*", text)
    return lines[0] if lines else failed and failed.group()


def symptom(kernel, initrd, name, boot):
    """Boots; None if all is well, else what the machine said first."""
    append, program = boot
    machine = Machine(name, cpus=2, append=append, kernel=kernel, initrd=initrd)
    result = machine.run(busy=30, quiet=300, total=3600,
                         enough=r"# FAILED: .*\n|# .* is .*, expected .*\n|not ok .*\n")
    if result.status == TROUBLE:
        raise RuntimeError(result.explain())
    report = result.report("" if program else ktap.KERNEL_LOG)
    if report.tests and report.complete() and not report.bad() and result.status == 0:
        return None
    return said_first((result.output + result.log).replace("\r", "")) or result.ended()
