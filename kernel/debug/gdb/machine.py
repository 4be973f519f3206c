# SPDX-License-Identifier: MIT
"""The stopped machine, as gdb's stub shows it: registers, memory, symbols, per-CPU areas.

QEMU presents each CPU as one thread, in the order of their numbers.  Constants that exist only as
macros are read from offsets.inc, which the build leaves beside the kernel for NASM.
"""

import os
import re
import struct

import gdb

MASK = (1 << 64) - 1
PREFIX = "paranoid"


class Trouble(gdb.GdbError):
    """Something that the user is told in one line, without a Python traceback."""


class Command(gdb.Command):
    """A command "paranoid NAME"; its documentation is the class's."""

    name = None

    def __init__(self):
        super().__init__(f"{PREFIX} {self.name}", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        self.dont_repeat()
        try:
            self.run(gdb.string_to_argv(argument))
        except gdb.error as error:
            raise Trouble(str(error)) from None


def execute_at_stop(command):
    """gdb.execute for handlers of stops, without output.  It would end with the commands of the
    breakpoint that we are stopped at, which may continue while the handlers are still at work.
    An error in the condition of an "if" skips that, and they come after the handlers; one in a
    command would drop them."""
    try:
        gdb.execute(f"{command}\nif 1 / 0\nend", to_string=True)
    except gdb.error as error:
        if str(error) != "Division by zero":
            raise


def kernel_file():
    for objfile in gdb.objfiles():
        if objfile.is_valid() and objfile.filename.endswith("paranoid.elf"):
            return objfile.filename
    raise Trouble("paranoid.elf is not loaded")


def build_folder():
    return os.path.dirname(kernel_file())


def constants():
    """The macros of offsets.inc, by name."""
    if not _constants:
        with open(os.path.join(build_folder(), "offsets.inc")) as file:
            for name, number in re.findall(r"%define (\w+) (-?\d+)", file.read()):
                _constants[name] = int(number)
    return _constants


_constants = {}


def number(expression):
    """What an expression gives, as an unsigned 64-bit number."""
    return int(gdb.parse_and_eval(str(expression))) & MASK


def read(address, size):
    try:
        return bytes(gdb.selected_inferior().read_memory(address, size))
    except gdb.MemoryError:
        raise Trouble(f"no memory at {address:#x}") from None


def word(address):
    return struct.unpack("<Q", read(address, 8))[0]


def string(value):
    """A char array or pointer of the kernel, up to its NUL."""
    return value.string(errors="replace")


def symbol(address):
    """name+offset, or the empty string."""
    # Without demangling: gdb takes the dot of NASM's local labels for another language's.
    text = gdb.execute(f"with print demangle off -- info symbol {address:#x}", to_string=True)
    match = re.match(r"(\S+)(?: \+ (\d+))? in section ", text)
    if not match:
        return ""
    return match[1] + (f"+{int(match[2])}" if match[2] else "")


def address_of(name):
    """A symbol's address, whether C or NASM gave it."""
    try:
        return number(f"(unsigned long)&'{name}'")
    except gdb.error:
        raise Trouble(f"the kernel has no symbol {name}") from None


def cpu():
    """The number of the selected CPU."""
    thread = gdb.selected_thread()
    if thread is None:
        raise Trouble("no machine: use \"make debug\", \"make rr\", or \"target remote\"")
    return thread.num - 1


def cpus():
    """How many the kernel has found; 0 before it looked."""
    return number("cpu_count")


def percpu(which=None):
    return gdb.parse_and_eval(f"percpu_table[{cpu() if which is None else which}]")


def percpu_address(which=None):
    return int(percpu(which).address) & MASK


def privilege():
    return number("$cs") & 3


def thread(which=None):
    """The struct thread that a CPU runs; None before there is one."""
    current = percpu(which)["current"]
    return current.dereference() if int(current) else None
