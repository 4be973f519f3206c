# SPDX-License-Identifier: MIT
"""Running to the next crossing between user mode and the kernel.

The crossings are breakpoints for the selected CPU only, on every door (entry_vectors and the three
fast doors) or on every IRET and SYSRET of the entry text, for as long as the command runs.
"""

import os

import gdb

import program
from machine import Command, Trouble, address_of, number, percpu, privilege, word

FAST_DOORS = ("entry_SYSCALL_64", "entry_SYSENTER", "entry_SYSCALL_compat")
VECTORS = 256
# Vectors with an error code under the hardware frame (SDM vol. 3, table 6-1; APM for 29 and 30).
WITH_CODE = {8, 10, 11, 12, 13, 14, 17, 21, 29, 30}
LIMIT = 10000           # stops that are no crossing: returns within the kernel


def doors():
    """Address of each door -> where CS lies above RSP there; None for the fast ones."""
    table = address_of("entry_vectors")
    found = {word(table + 8 * vector): 16 if vector in WITH_CODE else 8
             for vector in range(VECTORS)}
    found.update({address_of(name): None for name in FAST_DOORS})
    return found


def exits():
    """Addresses of the instructions of the entry text that can lead to user mode."""
    if not _exits:
        start, end = address_of("__entry_text_start"), address_of("__entry_text_end")
        listing = gdb.selected_inferior().architecture().disassemble(start, end - 1)
        _exits.update({line["addr"]: line["asm"].split()[0] for line in listing
                       if line["asm"].startswith(("iret", "sysret"))})
    return _exits


_exits = {}


class Stops:
    """Breakpoints at some addresses, for one CPU, that exist within a with statement."""

    def __init__(self, addresses):
        self.addresses = addresses

    def __enter__(self):
        thread = gdb.selected_thread()
        if thread is None:
            raise Trouble("no machine: use \"make debug\", or \"target remote\"")
        self.points = []
        for address in self.addresses:
            point = gdb.Breakpoint(f"*{address:#x}", internal=True)
            point.silent = True
            point.thread = thread.global_num
            self.points.append(point)
        return self

    def __exit__(self, *ignored):
        for point in self.points:
            if point.is_valid():
                point.delete()


def go():
    """Continues until something stops us; returns the PC."""
    gdb.execute("continue", to_string=True)
    return number("$pc")


def from_user(address, door):
    """Whether the CPU stands at a door's first instruction, coming from user mode."""
    return door is None or word(number("$rsp") + door) & 3 == 3


def to_user(instruction):
    """Whether the IRET or SYSRET that comes next leads to user mode."""
    return instruction.startswith("sysret") or word(number("$rsp") + 8) & 3 == 3


def run_to(places, is_crossing):
    """Continues until a stop at one of the places is a crossing, or anything else."""
    with Stops(places):
        for _ in range(LIMIT):
            at = go()
            if at not in places:
                return False            # a breakpoint of the user's
            if is_crossing(at):
                return True
    raise Trouble(f"no crossing within {LIMIT} stops")


def to_door():
    places = doors()
    return run_to(places, lambda at: from_user(at, places[at]))


def to_exit():
    places, at = exits(), number("$pc")
    if at in places and to_user(places[at]):
        return True                     # already there
    return run_to(places, lambda at: to_user(places[at]))


def cross_to_user():
    while to_exit():
        gdb.execute("stepi")            # shows where it leads
        if privilege() == 3:
            return                      # else the IRET has faulted: its frame was bad
    report()


def report():
    """Where we are, for stops at our own breakpoints, which gdb does not show."""
    gdb.execute("frame")


class NextKernel(Command):
    """Run to the next door: its first instruction, when it is entered from user mode."""

    name = "nextkernel"

    def run(self, arguments):
        to_door()
        report()


class NextUser(Command):
    """Run to the next return to user mode, and over it: to the user's instruction."""

    name = "nextuser"

    def run(self, arguments):
        cross_to_user()


class NextProgram(Command):
    """Run until a new program begins, to its first instruction: paranoid nextprogram [NAME]

    With NAME: until a program of that name begins.  Its symbols are loaded then."""

    name = "nextprogram"

    def run(self, arguments):
        # Where exec has installed the program; the function is inlined in places.
        _, places = gdb.decode_line("exec_set_registers")
        if run_to([place.pc for place in places], lambda at: not arguments or
                  os.path.basename(program.running() or "") == arguments[0]):
            begun = int(percpu()["current"])
            cross_to_user()
            while int(percpu()["current"]) != begun:
                cross_to_user()         # a vfork's parent may have its turn first
        else:
            report()


for command in (NextKernel, NextUser, NextProgram):
    command()
