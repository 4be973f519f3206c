# SPDX-License-Identifier: MIT
"""paranoid gs: which GS base is live, and how one can tell."""

import gdb

from machine import Command, cpu, number, percpu_address, privilege, symbol

FSGSBASE = 1 << 16      # of CR4


def owner(base):
    """Whose base a value is, judged by the value alone."""
    if base == percpu_address():
        return f"percpu_table[{cpu()}], the kernel's"
    return "not this CPU's percpu"


def verdict(live, spare, level, where):
    """The sentence that says which GS is live and why."""
    kernel = percpu_address()
    if level == 3:
        if live == kernel:
            return "user's: ring 3 - though the user has loaded this CPU's kernel value (R1.6)"
        return "user's: ring 3; SWAPGS at the next door makes the kernel's live"
    if live == kernel and spare == kernel:
        return "the kernel's value, in both: a paranoid entry, or a user who loaded it"
    if live == kernel:
        return "kernel's: ring 0 behind SWAPGS or a paranoid entry (GS-1)"
    if spare == kernel:
        return f"user's, though CS says ring 0: this is the gap ({where or 'no symbol'})"
    return "nobody's: the kernel has not loaded its GS base yet"


class Gs(Command):
    """Which GS base is live, and why.

    Shows the GS base, the inactive one that SWAPGS would bring, CR4.FSGSBASE and the privilege
    level, and what follows from them.  In the gap of a door CS says kernel while GS is still the
    user's."""

    name = "gs"

    def run(self, arguments):
        live, spare = number("$gs_base"), number("$k_gs_base")
        level, fsgsbase = privilege(), bool(number("$cr4") & FSGSBASE)
        where = symbol(number("$pc"))
        print(f"GS base         {live:#018x}  {owner(live)}")
        print(f"KERNEL_GS_BASE  {spare:#018x}  {owner(spare)}")
        print(f"FS base         {number('$fs_base'):#018x}")
        print(f"CR4.FSGSBASE    {fsgsbase:d}  " + (
            "user code may load any base, so its sign proves nothing" if fsgsbase else
            "user bases are below 2^63, so a negative GS base is the kernel's"))
        print(f"CPL             {level}  CS {number('$cs'):#x}, CPU {cpu()}, "
              + (where or "no symbol"))
        print(f"live            {verdict(live, spare, level, where)}")


Gs()
