# SPDX-License-Identifier: MIT
"""paranoid ist: the IST stacks of each CPU and the words at their bottoms."""

from machine import (MASK, Command, constants, cpus, number, percpu, percpu_address, word)

# kernel/cpu/cpu_area.h: IST_MAGIC, "PARANOID".
MAGIC = 0x504152414e4f4944
VECTORS = ("#DF", "NMI", "#DB", "#MC")


def state(bottom, which):
    """What the two lowest words say (IST-1, IST-2)."""
    gs, magic = word(bottom), word(bottom + 8)
    if magic != MAGIC:
        return f"IST-2 violated: magic is {magic:#x}"
    if gs != percpu_address(which):
        return f"IST-1 violated: GS word is {gs:#x}"
    return "GS word and magic right"


class Ist(Command):
    """The IST stacks: where each lies, whether its bottom is whole, and which one RSP is on."""

    name = "ist"

    def run(self, arguments):
        sp, size = number("$rsp"), constants()["IST_SIZE"]
        for which in range(cpus()):
            tss = percpu(which)["tss"]
            if not int(tss):
                print(f"CPU {which}: not started")
                continue
            for index, name in enumerate(VECTORS):
                top = int(tss.dereference()["ist"][index]) & MASK
                bottom = top - size
                # RSP is at the top while the stack is empty; that belongs to no frame yet.
                mark = f"  <- RSP, {top - sp} bytes used" if bottom <= sp < top else ""
                print(f"CPU {which}  {index + 1} {name}  {bottom:#x}..{top:#x}  "
                      f"{state(bottom, which)}{mark}")


Ist()
