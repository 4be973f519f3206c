# SPDX-License-Identifier: MIT
"""paranoid alternatives: what the boot has patched in, site by site."""

import re

import gdb

from machine import Command, Trouble, address_of, constants, number, read, symbol

RECORD = 12             # struct alt_record
ENTRY = "entry"


def feature_names():
    return {number: name.removeprefix("FEATURE_") for name, number in constants().items()
            if name.startswith("FEATURE_")}


def instructions(address, size):
    """Disassembly of a stretch of memory, without the fillers behind it."""
    listing = gdb.selected_frame().architecture().disassemble(address, address + size - 1)
    words = [re.sub(r"\s+", " ", line["asm"]) for line in listing]
    while words and words[-1].startswith("nop"):
        words.pop()
    return "; ".join(words) or "nothing"


def records():
    """Site address, its length and feature with ALT_NOT, of each record."""
    start, end = address_of("__altinstructions_start"), address_of("__altinstructions_end")
    table = read(start, end - start)
    for at in range(0, end - start, RECORD):
        row = table[at:at + RECORD]
        site = start + at + int.from_bytes(row[0:4], "little", signed=True)
        replacement = start + at + 4 + int.from_bytes(row[4:8], "little", signed=True)
        yield site, replacement, int.from_bytes(row[8:10], "little"), row[10], row[11]


class Alternatives(Command):
    """The alternatives as patched: paranoid alternatives [all | FUNCTION]

    Each site with the feature that it depends on, whether this CPU has it, and the instructions
    that stand there now.  Without an argument: the entry text only."""

    name = "alternatives"

    def run(self, arguments):
        names, no = feature_names(), constants()["ALT_NOT"]
        wanted = arguments[0] if arguments else ENTRY
        shown = 0
        for site, replacement, feature, size, _ in records():
            where = symbol(site)
            if not self.matches(site, where, wanted):
                continue
            has = bool(number(f"cpu_info.has[{feature & ~no}]"))
            name = ("no " if feature & no else "") + names[feature & ~no]
            taken = has != bool(feature & no)
            print(f"{site:#x} {where or '?':32} {name:18} {'replaced' if taken else 'default '}  "
                  f"{instructions(site, size)}")
            shown += 1
        if not shown:
            raise Trouble(f"no alternative in {wanted}")

    @staticmethod
    def matches(site, where, wanted):
        if wanted == "all":
            return True
        if wanted == ENTRY:
            return address_of("__entry_text_start") <= site < address_of("__entry_text_end")
        return where.split("+")[0].split(".")[0] == wanted


Alternatives()
