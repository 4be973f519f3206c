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
import hashlib
import os
import re
import tempfile

import gdb

from machine import Trouble, cpu, number, read, symbol
from program import follow

LIMIT = 20000       # instructions between two stops; a quiet host steps 3,000 a second
KERNEL = range(1 << 63, 1 << 64)        # behind the firmware, which sets the PIT as well
HLT = b"\xf4"
KEPT = 32           # stops: some 7 MiB each, on the host's disk while gdb runs
NEAR = 32           # steps back from where one is: another snapshot, for those who go on backwards


def packet(text):
    """Asks QEMU's stub behind gdb's back, without all that gdb does at a stop: gdb.execute would
    run the commands of the breakpoint first, and they may continue."""
    return gdb.selected_inferior().connection.send_packet(text).decode()


def monitor(command):
    """QEMU's monitor has nothing to say about what went well.  Of the rest this reads the first
    line; gdb drops what follows it when it sends its next packet."""
    answer = packet("qRcmd," + command.encode().hex())
    if answer != "OK":
        text = bytes.fromhex(answer[1:]).decode().strip() if answer[:1] == "O" else answer
        raise Trouble(f"{command.split()[0]}: {text} (\"make rr\" starts a machine that can be "
                      "put back)")


def forget():
    """What gdb knows of the machine is no longer so."""
    for what in "register-cache", "dcache":
        gdb.execute(f"maintenance flush {what}", to_string=True)


def registers():
    return bytes.fromhex(packet("g"))


def places():
    """Register -> where it lies in registers()."""
    if not _places:
        table = gdb.execute("maintenance print remote-registers", to_string=True)
        for line in table.splitlines():
            words = line.split()            # Name Nr Rel Offset Size Type RemoteNr PacketOffset
            if len(words) == 8 and words[7].isdigit():
                _places[words[0]] = slice(int(words[7]), int(words[7]) + int(words[4]))
    return _places


_places = {}


def value(state, name):
    return int.from_bytes(state[places()[name]], "little")


def privilege(state):
    return value(state, "cs") & 3


def tick():
    """A stop moves QEMU's clock on to the next timer of any device: the kernel's own would be due
    behind each.  So the PIT, whose interrupt is masked, gets one every 1.7 microseconds.  0x36:
    counter 0, mode 3, a square wave (Intel 8254); 4: its count, at 1.193 MHz."""
    for port, byte in (0x43, 0x36), (0x40, 4), (0x40, 0):
        monitor(f"o /b {port:#x} {byte:#x}")


def memory():
    """A digest of the guest's memory."""
    size = re.search(r"base memory: (\d+)",
                     gdb.execute("monitor info memory_size_summary", to_string=True))[1]
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "memory")
        monitor(f'pmemsave 0 {size} "{file}"')
        with open(file, "rb") as content:
            return hashlib.file_digest(content, "sha256").digest()


def step(state):
    """One instruction, out of the timer; the registers behind it.  state: those before it."""
    rip = value(state, "rip")
    if privilege(state) == 0 and read(rip, 1) == HLT:
        raise Trouble(f"the CPU sleeps at {symbol(rip)}: only an interrupt leads on from there")
    packet("vCont;s:p1.1")
    return registers()


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


def differences(expected, got):
    return ", ".join(f"{name} is {value(got, name):#x} and was {value(expected, name):#x}"
                     for name in places() if expected[places()[name]] != got[places()[name]])


class Past:
    """ways[n][k]: the registers k steps behind stop n.  The last of them are those of stop n + 1;
    where that way has not been walked yet there is the first only.  We are at (stop, step)."""

    def __init__(self):
        self.ways, self.tags, self.taken = [], [], 0
        self.stop = self.step = 0
        self.near = None, 0         # a snapshot on the way: of which stop, and how far behind it
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
        """A new stop, behind the place where we have been; what was ahead of that is forgotten."""
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
        """Finds the way from a stop to the one behind it."""
        end = self.ways[stop + 1][0]
        monitor(f"loadvm {self.tags[stop + 1]}")
        content = memory()
        monitor(f"loadvm {self.tags[stop]}")
        way = self.ways[stop][:1]
        while len(way) == 1 or way[-1] != end or memory() != content:
            if len(way) > LIMIT:
                raise Trouble(f"no way of {LIMIT} instructions leads from the stop before to this "
                              "one: it is longer, or an interrupt came, or something was changed")
            way.append(step(way[-1]))
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
            state = registers() if at == first else step(state)
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
