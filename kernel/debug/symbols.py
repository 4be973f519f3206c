#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the kernel's symbol table: `nm -n` on stdin, NASM source on stdout.

Layout of section .symbols (read by kernel/debug/symbols.c): the number of symbols, their
offsets from KERNEL_BASE in rising order, the offsets of their names in the text
that follows, and that text.  All numbers have 32 bits.
"""
import sys

KERNEL_BASE = 0xFFFFFFFF80000000


def rank(kind, name):
    """Of several names for one address the best: global, local, a border of linker.ld."""
    return 0 if name.startswith("__") else 2 if kind in "TW" else 1


def read_functions(lines):
    """(address, name) of the kernel's text symbols, one for each address."""
    by_address = {}
    for line in lines:
        fields = line.split()
        if len(fields) != 3 or fields[1] not in "tTwW":
            continue
        address = int(fields[0], 16)
        if address >= KERNEL_BASE:
            entry = rank(fields[1], fields[2]), fields[2]
            by_address[address] = max(by_address.get(address, entry), entry)
    return sorted((address, name) for address, (_, name) in by_address.items())


def main():
    functions = read_functions(sys.stdin)
    print("section .symbols progbits alloc noexec nowrite align=8")
    print(f"\tdd\t{len(functions)}")
    for address, _ in functions:
        print(f"\tdd\t0x{address - KERNEL_BASE:x}")
    at = 0
    for _, name in functions:
        print(f"\tdd\t{at}")
        at += len(name) + 1
    for _, name in functions:
        print(f"\tdb\t'{name}', 0")


main()
