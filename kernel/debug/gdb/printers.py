# SPDX-License-Identifier: MIT
"""Words for flags, control registers, selectors and descriptors; printers for kernel types."""

import gdb
import gdb.printing

from machine import MASK, Command, constants, number, percpu, symbol, word

RFLAGS = {0: "CF", 2: "PF", 4: "AF", 6: "ZF", 7: "SF", 8: "TF", 9: "IF", 10: "DF", 11: "OF",
          14: "NT", 16: "RF", 17: "VM", 18: "AC", 19: "VIF", 20: "VIP", 21: "ID"}
CR4 = {0: "VME", 1: "PVI", 2: "TSD", 3: "DE", 4: "PSE", 5: "PAE", 6: "MCE", 7: "PGE", 8: "PCE",
       9: "OSFXSR", 10: "OSXMMEXCPT", 11: "UMIP", 12: "LA57", 13: "VMXE", 14: "SMXE",
       16: "FSGSBASE", 17: "PCIDE", 18: "OSXSAVE", 20: "SMEP", 21: "SMAP", 22: "PKE",
       23: "CET", 24: "PKS"}
XCR0 = {0: "x87", 1: "SSE", 2: "AVX", 3: "BNDREGS", 4: "BNDCSR", 5: "opmask", 6: "ZMM_Hi256",
        7: "Hi16_ZMM", 9: "PKRU", 17: "TILECFG", 18: "TILEDATA"}
# System descriptors of long mode (SDM vol. 3, table 3-2).
SYSTEM = {2: "LDT", 9: "TSS, free", 11: "TSS, busy", 12: "call gate", 14: "interrupt gate",
          15: "trap gate"}
SELECTORS = {"KERNEL_CS": "kernel code", "KERNEL_DS": "kernel data", "USER_CS": "user code, 64-bit",
             "USER32_CS": "user code, 32-bit", "USER_DS": "user data"}


def bits(value, names):
    """The names of the bits that are set; the rest as a number."""
    rest = value & ~sum(1 << bit for bit in names)
    words = [name for bit, name in names.items() if value >> bit & 1]
    return " ".join(words + ([f"{rest:#x}"] if rest else [])) or "-"


def describe_flags(value):
    iopl = value >> 12 & 3
    # Bit 1 is always set (SDM vol. 1, 3.4.3).
    return bits(value & ~(3 << 12) & ~2, RFLAGS) + (f" IOPL={iopl}" if iopl else "")


def describe_selector(value):
    if value & ~3 == 0:
        return f"null, RPL {value & 3}"
    for name, text in SELECTORS.items():
        if constants()[name] == value:
            return text
    return f"{'LDT' if value & 4 else 'GDT'} entry {value >> 3}, RPL {value & 3}"


def describe_descriptor(low, high=0):
    """A segment descriptor in words (SDM vol. 3, 3.4.5); high: second half of a system one."""
    if not low >> 47 & 1:
        return "not present"
    base = low >> 16 & 0xffffff | (low >> 56) << 24
    limit = low & 0xffff | (low >> 48 & 15) << 16
    kind, level = low >> 40 & 15, low >> 45 & 3
    if low >> 55 & 1:
        limit = limit << 12 | 0xfff
    if not low >> 44 & 1:
        name = SYSTEM.get(kind, f"system {kind}")
        return f"{name}, base {base | high << 32:#x}, limit {limit:#x}"
    if kind & 8:
        size = "64-bit" if low >> 53 & 1 else "32-bit" if low >> 54 & 1 else "16-bit"
        text = f"code {size}" + (" readable" if kind & 2 else "")
    else:
        size = "32-bit" if low >> 54 & 1 else "16-bit"
        text = f"data {size}" + (" writable" if kind & 2 else "")
    return f"{text}, DPL {level}, base {base:#x}, limit {limit:#x}"


def is_wide(low):
    """LDT and TSS descriptors take two slots in long mode."""
    return bool(low >> 47 & 1) and not low >> 44 & 1


class Segments(Command):
    """The six selectors, and this CPU's GDT in words."""

    name = "segments"

    def run(self, arguments):
        for name in "cs ss ds es fs gs".split():
            value = number("$" + name)
            print(f"{name.upper()}  {value:#06x}  {describe_selector(value)}")
        table = int(percpu()["gdt"]) & MASK
        entry = 0
        while entry < 16:
            low = word(table + 8 * entry)
            high = word(table + 8 * entry + 8) if is_wide(low) else 0
            if low:
                print(f"{8 * entry:#06x}  {low:#018x}  {describe_descriptor(low, high)}")
            entry += 2 if is_wide(low) else 1


class Words(gdb.Function):
    """A value's bits in words, for print: $flags_words(x), $cr4_words(x), $xcr0_words(x)."""

    def __init__(self, name, describe):
        self.describe = describe
        super().__init__(name)

    def invoke(self, value):
        return self.describe(int(value) & MASK)


class Registers:
    """struct pt_regs, in the order in which one reads registers."""

    ROWS = ("rax rbx rcx rdx", "rsi rdi rbp orig_rax", "r8 r9 r10 r11", "r12 r13 r14 r15")

    def __init__(self, value):
        self.value = value

    def field(self, name):
        return int(self.value[name]) & MASK

    def to_string(self):
        cs, flags = self.field("cs"), self.field("rflags")
        lines = [f"rip {self.field('rip'):#x} {symbol(self.field('rip'))}".rstrip(),
                 f"cs {cs:#x} ({describe_selector(cs)})  ss {self.field('ss'):#x}  "
                 f"rsp {self.field('rsp'):#x}", f"rflags {flags:#x} ({describe_flags(flags)})"]
        for row in self.ROWS:
            lines.append("  ".join(f"{name} {self.field(name):#x}" for name in row.split()))
        return "\n".join(lines)


class Gate:
    """struct gate: where a vector leads."""

    def __init__(self, value):
        self.value = value

    def to_string(self):
        v = self.value
        target = (int(v["offset_low"]) | int(v["offset_middle"]) << 16
                  | int(v["offset_high"]) << 32)
        kind = int(v["type"])
        if not kind & 0x80:
            return "not present"
        return (f"{symbol(target) or hex(target)}, {SYSTEM.get(kind & 15, kind & 15)}, "
                f"DPL {kind >> 5 & 3}, IST {int(v['ist'])}")


def register_printers():
    collection = gdb.printing.RegexpCollectionPrettyPrinter("paranoid")
    collection.add_printer("pt_regs", "^pt_regs$", Registers)
    collection.add_printer("gate", "^gate$", Gate)
    gdb.printing.register_pretty_printer(gdb.current_objfile(), collection, replace=True)


Segments()
Words("flags_words", describe_flags)
Words("cr4_words", lambda value: bits(value, CR4))
Words("xcr0_words", lambda value: bits(value, XCR0))
register_printers()
