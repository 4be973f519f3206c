# SPDX-License-Identifier: MIT
"""Stepping backwards: paranoid record, then back, prevuser and prevkernel ("make rr")."""

import itertools

import gdb

from machine import Command, Trouble, number
from past import KEPT, LIMIT, past
from stub import level_in


def report():
    gdb.execute("frame")


def no_arguments(command, arguments):
    if arguments:
        raise Trouble(f"paranoid {command.name} takes no argument")


def steps_back(count):
    return lambda places: next(itertools.islice(places, count - 1, None))


def crossing_back(level):
    """The newest place at a privilege level that lies before one of the other level."""
    def choose(places):
        other = level_in(past.here()) != level
        for stop, step in places:
            if level_in(past.ways[stop][step]) != level:
                other = True
            elif other:
                return stop, step
        return None
    return choose


class Record(Command):
    __doc__ = f"""Record from here on, so that "paranoid back" can come back.

    Needs the machine of "make rr".  The last {KEPT} stops are kept.  Between two of them there may
    be {LIMIT:,} instructions, and no interrupt."""

    name = "record"

    def run(self, arguments):
        no_arguments(self, arguments)
        past.begin()
        print("recording; \"paranoid back\" comes back to here")


class Back(Command):
    """One instruction back, or N: paranoid back [N]"""

    name = "back"

    def run(self, arguments):
        count = number(arguments[0]) if arguments else 1
        if len(arguments) > 1 or not 0 < count < 1 << 32:
            raise Trouble("paranoid back [N]: N is 1 or more")
        past.travel(steps_back(count))
        report()


class PrevUser(Command):
    """Back to the last instruction in user mode: the one that led into the kernel."""

    name = "prevuser"

    def run(self, arguments):
        no_arguments(self, arguments)
        past.travel(crossing_back(3))
        report()


class PrevKernel(Command):
    """Back to the last instruction in the kernel: the one that led to user mode."""

    name = "prevkernel"

    def run(self, arguments):
        no_arguments(self, arguments)
        past.travel(crossing_back(0))
        report()


for command in (Record, Back, PrevUser, PrevKernel):
    command()
