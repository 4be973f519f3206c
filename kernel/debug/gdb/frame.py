# SPDX-License-Identifier: MIT
"""paranoid frame: the register frame of the door that was taken, slot by slot."""

import gdb

from machine import (MASK, Command, Trouble, address_of, constants, cpu, number, percpu, privilege,
                     read, symbol, thread, word)
from printers import describe_flags, describe_selector

SLOTS = ("r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax "
         "rip cs rflags rsp ss").split()
HARDWARE = SLOTS[-5:]
# Vectors whose error code the CPU pushes (SDM vol. 3, table 6-1), by the names of their stubs.
WITH_CODE = {"entry_" + name for name in "DF TS NP SS GP PF AC reserved_code".split()}
# SYSCALL and SYSENTER push nothing: their stubs build the hardware's part as well.
FAST = ("entry_SYSCALL_64", "sysret_to_user", "entry_SYSENTER", "entry_SYSCALL_compat",
        "syscall_fast", "sysretl_to_user")


def stack_of(sp):
    """The stack that an address lies on: its name and its top, or None."""
    running = thread()
    size = constants()["KERNEL_STACK_SIZE"]
    if running is not None:
        bottom = int(running["stack"]) & MASK
        if bottom <= sp <= bottom + size:
            return "the thread's stack", bottom + size
    tops = percpu()["tss"].dereference()["ist"] if int(percpu()["tss"]) else None
    for name, index in (("#DF", 0), ("NMI", 1), ("#DB", 2), ("#MC", 3)):
        if tops is not None:
            top = int(tops[index]) & MASK
            if top - constants()["IST_SIZE"] <= sp <= top:
                return f"the {name} IST stack of CPU {cpu()}", top
    return None


def called_from_entry():
    """RSP where the entry text called C: its struct pt_regs.  None while it is still at work."""
    start, end = address_of("__entry_text_start"), address_of("__entry_text_end")
    frame = gdb.newest_frame()
    while frame is not None and not start <= frame.pc() < end:
        frame = frame.older()
    if frame is None or frame.level() == 0:
        return None
    return int(frame.read_register("rsp")) & MASK


def frame_address(sp):
    """Where the innermost door has its struct pt_regs, or will have it.

    In C that is RSP at the call.  In the entry text itself it is the top of the stack, which is
    right for whatever came from user mode and for the IST stacks; on the NMI stack it is the
    "outermost" frame of entry/nmi.asm."""
    found = stack_of(sp)
    if not found:
        raise Trouble(f"RSP {sp:#x} is on no stack of the kernel's on this CPU: the door has not "
                      "switched yet")
    name, top = found
    address = called_from_entry()
    if address is not None:
        return name, address
    if "NMI" in name:
        # Hardware frame, RDX, state, "iret": entry/nmi.asm.
        top -= (5 + 1 + 1 + 5) * 8
    return name, top - constants()["REGS_SIZE"]


def door(address):
    """The label that the frame's code belongs to: from the PC while it is in entry/, else from the
    return address right below the frame."""
    for code in (number("$pc"), word(address - 8)):
        name = symbol(code).split("+")[0]
        if name.startswith(("entry_", "exception_common", "syscall_fast", "irq_", "nmi_",
                            "paranoid_", "return_", "sysret", "hop_")):
            return name
    return ""


def pusher(slot, name):
    if slot in HARDWARE:
        return "the stub, not the CPU" if name.startswith(FAST) else "the CPU"
    if slot == "orig_rax":
        return "the CPU: its error code" if name in WITH_CODE else "the CPU or the stub"
    return "the stub"


def meaning(slot, value):
    if slot == "rip":
        return symbol(value)
    if slot in ("cs", "ss"):
        return describe_selector(value)
    if slot == "rflags":
        return describe_flags(value)
    return ""


class Frame(Command):
    """The entry frame of this CPU, each slot with who pushes it: paranoid frame [ADDRESS]

    While a door is still pushing, the slots below RSP are marked: they hold what an earlier entry
    left there."""

    name = "frame"

    def run(self, arguments):
        sp = number("$rsp")
        if arguments:
            title, address = "the given place", number(arguments[0])
        elif privilege() == 3:
            raise Trouble("in user mode: the thread's kernel stack is empty")
        else:
            title, address = frame_address(sp)
        name = door(address)
        print(f"struct pt_regs at {address:#x} on {title}"
              + (f", {name}" if name else ""))
        memory = read(address, constants()["REGS_SIZE"])
        for index in reversed(range(len(SLOTS))):
            slot, value = SLOTS[index], int.from_bytes(memory[8 * index:8 * index + 8], "little")
            pushed = bool(arguments) or sp <= address + 8 * index
            text = pusher(slot, name) if pushed else "not pushed yet"
            print(f"{8 * index:+5} {slot:9}{value:#018x}  {text:24}{meaning(slot, value)}".rstrip())


Frame()
