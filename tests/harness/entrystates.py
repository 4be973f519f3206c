# SPDX-License-Identifier: MIT
"""entry/states.txt against all paths of the linked kernel (R2.33).

Each walk of harness/entrypaths.py has found, for each instruction, in which states it is come by.
Together they must be exactly what the row says: a row that allows more than can happen is as wrong
as one that allows less.
"""

from collections import namedtuple

from .entryimage import FENCE_SWAPGS, FSGSBASE, NMI_EARLY, SMAP
from .entrypaths import Walk
from .machine import ROOT

TABLE = ROOT / "entry" / "states.txt"
MODES = ({FSGSBASE, SMAP, FENCE_SWAPGS}, {SMAP, FENCE_SWAPGS},
         {FSGSBASE, SMAP, FENCE_SWAPGS, NMI_EARLY})
FILLER = ("nop", "int3", "ud2")

Row = namedtuple("Row", "label gs stack interrupts")

# The walk's words for GS, where the table has others; and sets of states that have a name.
GS = {"unknown": "any", "kernel?": "fixup", "leaving": "kernel"}
TOGETHER = {frozenset(("thread", "used")): "either", frozenset(("either", "used")): "either",
            frozenset(("cs", "kernel")): "cs",      # CS is the kernel's there, and says so
            frozenset(("on", "off")): "any", frozenset(("on", "any")): "any",
            frozenset(("off", "any")): "any", frozenset(("on", "off", "any")): "any"}


def read_rows():
    lines = TABLE.read_text().splitlines()
    return [Row(*line.split()) for line in lines if line and not line.startswith("#")]


def summary(words):
    """One word for what all paths have found, or all their words."""
    words = frozenset(words)
    return next(iter(words)) if len(words) == 1 else TOGETHER.get(words, "/".join(sorted(words)))


class States:
    def __init__(self, kernel):
        self.walks = [Walk(kernel, mode) for mode in MODES]
        for walk in self.walks:
            walk.run()
        self.image = self.walks[0].image
        self.found = {}
        for walk in self.walks:
            for at, states in walk.found.items():
                self.found.setdefault(at, set()).update(
                    (door, GS.get(gs, gs), *rest) for door, gs, *rest in states)
        self.rows = sorted((self.image.symbols[row.label], row) for row in read_rows())

    def row(self, at):
        return [row for address, row in self.rows if address <= at][-1]

    def instructions(self):
        at, end = self.walks[0].text
        while at < end:
            insn = self.image.instruction(at)
            yield insn
            at += insn.size

    def compare(self):
        """What does not agree, and how many instructions were looked at."""
        problems, count = [], 0
        for (at, row), (following, other) in zip(self.rows, self.rows[1:]):
            if at == following:
                problems.append(f"{row.label} and {other.label} are one instruction")
        for insn in self.instructions():
            if insn.mnemonic in FILLER:
                continue
            count += 1
            if insn.address not in self.found:
                problems.append(f"{self.image.name(insn.address)}: no path comes here")
                continue
            found = tuple(summary(words) for words in list(zip(*self.found[insn.address]))[1:])
            row = self.row(insn.address)
            if found != row[1:]:
                problems.append(f"{self.image.name(insn.address)}: found {' '.join(found)}, "
                                f"entry/states.txt says {' '.join(row[1:])} ({row.label})")
        return problems, count

    def cells(self):
        """{(GS, stack, interrupts): {door: {label, ...}}}, in the order of entry/states.txt."""
        cells = {row[1:]: {} for row in read_rows()}
        for insn in self.instructions():
            row = self.row(insn.address)
            for door, *_ in sorted(self.found.get(insn.address, ())):
                cells[row[1:]].setdefault(door, set()).add(row.label)
        return cells


DOORS = (("SYSCALL",), ("SYSCALL, 32 bit", "SYSENTER"), ("INT 0x80",),
         ("exceptions", "interrupts"), ("#DB", "#MC"),
         ("#DF",), ("NMI",), ("new thread", "thread switch", "selector loads"), ("early",))


def in_a_cell(labels):
    """Labels below one name follow it: entry_DB, .from_user."""
    text, above = [], None
    for label in labels:
        name, dot, local = label.partition(".")
        text.append(f"`{dot}{local}`" if dot and name == above else f"`{label}`")
        above = name
    return ", ".join(text)


def markdown(states):
    """The table of docs/ENTRY.md: a row for each state, a column for each group of doors, the code
    in the cells."""
    yield "| GS | stack | interrupts | " + " | ".join("; ".join(group) for group in DOORS) + " |"
    yield "|---" * (3 + len(DOORS)) + "|"
    order = [row.label for row in read_rows()]
    for state, doors in states.cells().items():
        columns = [in_a_cell(sorted({label for door in group for label in doors.get(door, ())},
                                    key=order.index))
                   for group in DOORS]
        yield "| " + " | ".join((*state, *columns)) + " |"
