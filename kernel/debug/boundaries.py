#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the table of all instructions of the entry text, each with its state: NASM on stdout.

    boundaries.py kernel.pre.elf entry/states.txt

Section .boundaries is an array of struct entry_boundary (kernel/debug/sweep.h).  Alternatives do
not shift the instructions: each site and each replacement begins at the same address, and fillers
are single NOPs.
"""
import re
import subprocess
import sys
from pathlib import Path

KERNEL_BASE = 0xFFFFFFFF80000000


def symbols(image):
    lines = subprocess.run(["nm", image], capture_output=True, text=True,
                           check=True).stdout.splitlines()
    return {fields[2]: int(fields[0], 16) for fields in map(str.split, lines) if len(fields) == 3}


def instructions(image, start, end):
    command = ["objdump", "-d", "-j", ".text", "--no-show-raw-insn", f"--start-address={start:#x}",
               f"--stop-address={end:#x}", image]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            match = re.match(r"\s*([0-9a-f]{16}):\t", line)
            if match:
                yield int(match.group(1), 16)


def read_states(path, addresses):
    """(address, row) of each row of entry/states.txt, by address; a row is (label, GS, stack,
    interrupts)."""
    rows = [tuple(line.split()) for line in Path(path).read_text().splitlines()
            if line and not line.startswith("#")]
    for row in rows:
        if len(row) != 4 or row[0] not in addresses:
            sys.exit(f"{path}: no such label in the kernel, or not four columns: {' '.join(row)}")
    return sorted((addresses[row[0]], row) for row in rows)


def main():
    image, table = sys.argv[1:]
    known = symbols(image)
    states = read_states(table, known)
    state = None
    print("section .boundaries progbits alloc noexec nowrite align=4")
    for at in instructions(image, known["__entry_text_start"], known["__entry_text_end"]):
        while states and states[0][0] <= at:
            state = states.pop(0)[1]
        if not state:
            sys.exit(f"{table}: no row for the instructions at {at:#x}")
        print(f"\tdd\t{at - KERNEL_BASE:#x}")
        for word in state[1:]:
            print(f"\tdb\t'{word}'{', 0' * (8 - len(word))}")


if __name__ == "__main__":
    main()
