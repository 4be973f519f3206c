# SPDX-License-Identifier: MIT
"""The machine's past, for "make rr": each stop is kept as a snapshot of QEMU's, and from one
snapshot single steps lead to the next.

An instruction back is the snapshot before it and the same steps, less one.  That is the past only
if the machine goes the same way twice.  So it has one CPU, a clock that counts instructions and no
input ("make rr"); the steps hold back interrupts and timers; a way from one stop to the next counts
if it ends with the registers and the memory that were seen there; and each step of each later walk
is compared with the first one's.  What differs is told, and nothing is shown as the past.
"""

import contextlib
import os

import gdb

from machine import Trouble, cpu, number, symbol
from program import follow
from stub import differences, forget, memory, monitor, registers, sleeps, step, tick, value

LIMIT = 20000       # instructions between two stops; a quiet host steps 3,000 a second
SLOW = 1000         # steps without a word
# Addresses of the kernel: the firmware, which would set the PIT again, is over.
KERNEL = range(1 << 63, 1 << 64)
KEPT = 32           # stops: some 16 MiB each, on the host's disk while gdb runs
NEAR = 32           # steps back from where one is: another snapshot, for those who go on backwards


@contextlib.contextmanager
def without_breakpoints():
    """The user's own are not for what happens within."""
    points = [point for point in gdb.breakpoints() if point.enabled]
    for point in points:
        point.enabled = False
    try:
        yield
    finally:
        for point in points:
            point.enabled = True


class Past:
    """ways[n][k]: the registers k steps after stop n.  The last of them are those of stop n + 1;
    where that way has not been walked yet there is the first only.  We are at (stop, step)."""

    def __init__(self):
        self.ways, self.tags, self.taken = [], [], 0
        self.stop = self.step = 0
        self.near = None, 0         # a snapshot on the way: of which stop, and how far after it
        self.moving = self.ticking = False

    def begin(self):
        cpu()
        if len(gdb.selected_inferior().threads()) != 1:
            raise Trouble("several CPUs never go the same way twice: use one")
        self.end()
        self.keep()

    def end(self):
        tags = self.lose()
        for tag in tags:
            monitor(f"delvm {tag}")

    def lose(self):
        """The snapshots are no longer ours, or have gone with the machine."""
        tags, self.ways, self.tags = self.tags, [], []
        self.stop = self.step = 0
        self.near = None, 0
        return tags

    def drop(self, first, last):
        for tag in self.tags[first:last]:
            monitor(f"delvm {tag}")
        del self.tags[first:last], self.ways[first:last]

    def keep(self):
        """A new stop, after the place where we have been; what came after that is forgotten."""
        self.drop(self.stop + 1, len(self.ways))
        if self.ways:
            del self.ways[-1][1:]
        self.drop(0, max(0, len(self.ways) + 1 - KEPT))
        self.taken += 1
        monitor(f"savevm stop{self.taken}")
        self.tags.append(f"stop{self.taken}")
        self.ways.append([registers()])
        self.stop, self.step = len(self.ways) - 1, 0

    def here(self):
        return self.ways[self.stop][self.step]

    def walk(self, stop):
        """Finds the way from a stop to the one after it."""
        end = self.ways[stop + 1][0]
        monitor(f"loadvm {self.tags[stop + 1]}")
        content = memory()
        monitor(f"loadvm {self.tags[stop]}")
        way, awake = self.ways[stop][:1], set()
        while len(way) == 1 or way[-1] != end or memory() != content:
            if len(way) > LIMIT:
                raise Trouble(f"no way of {LIMIT} instructions leads from the stop before to this "
                              "one: it is longer, or an interrupt came, or something was changed")
            if len(way) == SLOW:
                print("looking for the way (Ctrl-C gives up)")
                gdb.flush()
            rip = value(way[-1], "rip")
            if rip not in awake and sleeps(way[-1]):
                raise Trouble(f"the CPU sleeps at {symbol(rip)}: only an interrupt leads on from "
                              "there")
            awake.add(rip)
            way.append(step())
        self.ways[stop] = way

    def earlier(self):
        """The places (stop, step) before this one, the newest first."""
        stop, k = self.stop, self.step
        while stop or k:
            if not k:
                stop -= 1
                if len(self.ways[stop]) == 1:
                    self.walk(stop)
                k = len(self.ways[stop]) - 1
            k -= 1
            yield stop, k
        raise Trouble("the recording begins here" if (stop, k) == (self.stop, self.step) else
                      "nothing like that since the recording began")

    def go(self, stop, k):
        """Puts the machine to a place, and tells gdb."""
        way, tag = self.ways[stop], self.tags[stop]
        near = self.near[0] == tag and self.near[1] <= k
        monitor(f"loadvm {'near' if near else tag}")
        first, state = self.near[1] if near else 0, None
        for at in range(first, k + 1):
            state = registers() if at == first else step()
            if state != way[at]:
                self.fail(way[at], state)
            if at == k - NEAR and at > first:
                monitor("savevm near")
                self.near = tag, at
        self.settle(way[k])
        self.stop, self.step = stop, k

    def fail(self, expected, got):
        self.end()
        raise Trouble("THIS IS NOT THE PAST: the machine went another way.  "
                      f"{differences(expected, got)}.  The recording has ended")

    def settle(self, state):
        """gdb steps over a breakpoint at the PC if it has stopped there itself.  So it is shown
        a stop, after a jump to itself, and the machine is put back again."""
        monitor("savevm here")
        self.moving = True
        with without_breakpoints():
            try:
                forget()
                gdb.selected_inferior().write_memory(value(state, "rip"), b"\xeb\xfe")
                gdb.execute("with suppress-cli-notifications on -- stepi", to_string=True)
            except gdb.MemoryError:
                pass                # nothing to execute: nor has it a breakpoint
            finally:
                self.moving = False
                monitor("loadvm here")
                forget()
        follow(None)

    def travel(self, choose):
        """Goes to the place that choose() finds among the earlier ones, or stays here, with what
        the user has changed."""
        cpu()
        if not self.ways:
            raise Trouble("nothing is recorded: paranoid record")
        monitor("savevm from")
        try:
            self.go(*choose(self.earlier()))
        except BaseException:
            monitor("loadvm from")
            forget()
            raise


past = Past()


def stopped(event):
    if past.moving:
        return
    try:
        if not past.ticking and "RECORD" in os.environ and number("$pc") in KERNEL:
            past.ticking = True
            tick()
        if past.ways:
            past.keep()
    except (Trouble, gdb.error, KeyboardInterrupt) as error:
        print(f"the recording has ended: {error}")
        past.end()


gdb.events.stop.connect(stopped)
gdb.events.connection_removed.connect(lambda event: past.lose())
