#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the table of all instructions of the entry text: `objdump -d` on stdin, NASM source on stdout.

Section .boundaries holds the address of each as a 32-bit offset from KERNEL_BASE.  Alternatives do not shift them:
each site and each replacement begins at the same address, and fillers are single NOPs.
"""
import re
import sys

KERNEL_BASE = 0xFFFFFFFF80000000


def main():
    print("section .boundaries progbits alloc noexec nowrite align=4")
    for line in sys.stdin:
        match = re.match(r"\s*([0-9a-f]{16}):\t", line)
        if match:
            print(f"\tdd\t0x{int(match.group(1), 16) - KERNEL_BASE:x}")


main()
