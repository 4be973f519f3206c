# SPDX-License-Identifier: MIT
"""paranoid trace: the entry trace of a CPU, as kernel/debug/entry_trace_text.c writes it.

The lines are those of /proc/entry_trace, so tests/tools/entry_trace.py reads them as well.
"""

import gdb

from machine import MASK, Command, Trouble, constants, cpu, cpus, percpu, string, symbol

COUNT = 16
# Of percpu.trace_word (kernel/debug/entry_trace.c), which counts the events.
NUMBER_MASK = (1 << 40) - 1
TEXT, EXIT = "kernel/debug/entry_trace_text.c", "kernel/cpu/exit.c"
TRAPS = "kernel/cpu/traps.c"


def table(file, name):
    """An array of the kernel's."""
    value = gdb.parse_and_eval(f"'{file}'::{name}")
    first, last = value.type.range()
    return [value[index] for index in range(first, last + 1)]


def door_name(door):
    exceptions = table(TRAPS, "exception_names")
    if door < len(exceptions) and int(exceptions[door]):
        return string(exceptions[door])
    for row in table(TEXT, "other_doors"):
        if int(row["door"]) == door:
            return string(row["name"])
    return f"IRQ-{door:#x}"


def place(address):
    """A symbol with its offset, which the kernel writes in hexadecimal."""
    name, _, offset = symbol(address).partition("+")
    return f"{name or '?'}+{int(offset or 0):#x}"


def describe(which, event):
    def field(name):
        return int(event[name])

    kind, user = str(event["kind"].cast(gdb.lookup_type("enum trace_kind"))), bool(event["user"])
    words = [f"trace: cpu={which} n={field('number')} tsc={field('tsc')} "
             f"thread={field('thread')} depth={field('depth')}"]
    if kind == "TRACE_SWITCH":
        return words[0] + " switch"
    mode = "user" if user else "kernel"
    if kind == "TRACE_ENTER":
        gs = string(table(TEXT, "gs_names")[field("gs")])
        words.append(f"enter={door_name(field('door'))} from={mode} gs={gs} arg={field('arg'):x}")
    else:
        way = string(table(EXIT, "exit_names")[field("arg")]) if user else "iret"
        words.append(f"exit={way} to={mode}")
    rip = field("rip") & MASK
    words.append(f"frame={field('frame'):x} rip={rip:x}")
    return " ".join(words + ([] if user else [f"at={place(rip)}"]))


def ring(which):
    """A CPU's events, and how many it has recorded so far."""
    if not any(field.name == "trace_ring" for field in gdb.lookup_type("struct percpu").fields()):
        raise Trouble("this kernel has no entry trace: it was built with DEBUG=0")
    try:
        there, pc = cpus(), percpu(which)
        events, end = pc["trace_ring"], int(pc["trace_word"]) & NUMBER_MASK
        begun = bool(int(events))
    except gdb.MemoryError:
        there = begun = 0       # the kernel has no page tables yet
    if there and not 0 <= which < there:
        raise Trouble(f"there is no CPU {which}: the last one is {there - 1}")
    if not begun:
        raise Trouble(f"CPU {which} records nothing yet: its trace begins with its idle thread")
    return events, end


def last_events(which, count):
    """Oldest first, without one that is being written at this moment."""
    events, end = ring(which)
    size = constants()["TRACE_EVENTS"]
    for n in range(max(end - min(count, size), 0), end):
        event = events[n % size]
        if int(event["number"]) == n + 1 & 0xffffffff:
            yield event


def selected(arguments):
    """CPU and count that the user wants."""
    if len(arguments) > 2 or not all(word.isdigit() for word in arguments):
        raise Trouble("paranoid trace [CPU] [COUNT]: two numbers")
    given = [int(word) for word in arguments]
    return given[0] if given else cpu(), given[1] if len(given) == 2 else COUNT


class Trace(Command):
    """The entry trace of a CPU, newest last: paranoid trace [CPU] [COUNT]

    Who came into the kernel by which door, who decided about GS, and who left by which way: the
    last 16 events of the selected CPU unless told otherwise.  Debug builds only."""

    name = "trace"

    def run(self, arguments):
        which, count = selected(arguments)
        for event in last_events(which, count):
            print(describe(which, event))


Trace()
