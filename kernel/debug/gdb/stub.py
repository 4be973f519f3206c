# SPDX-License-Identifier: MIT
"""QEMU's stub and monitor, asked behind gdb's back: registers, steps, snapshots, memory."""

import hashlib
import os
import re
import tempfile

import gdb

from machine import Trouble, cpu, read

HLT = b"\xf4"


def packet(text):
    """Asks QEMU's stub behind gdb's back, without all that gdb does at a stop: gdb.execute would
    run the commands of the breakpoint first, and they may continue."""
    cpu()       # or says that the machine has gone
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


def level_in(state):
    return value(state, "cs") & 3


def tick():
    """A stop moves QEMU's clock on to the next timer of any device: the kernel's own would be due
    after each.  So the PIT, whose interrupt is masked, gets one every 1.7 microseconds.  0x36:
    counter 0, mode 3, a square wave (Intel 8254); 4: its count, at 1.193 MHz."""
    for port, byte in (0x43, 0x36), (0x40, 4), (0x40, 0):
        monitor(f"o /b {port:#x} {byte:#x}")


def memory():
    """A digest of the guest's memory."""
    size = re.search(r"base memory: (\d+)",
                     gdb.execute("monitor info memory_size_summary", to_string=True))[1]
    with tempfile.TemporaryDirectory(dir=os.environ.get("RECORD")) as folder:
        file = os.path.join(folder, "memory")
        monitor(f'pmemsave 0 {size} "{file}"')
        with open(file, "rb") as content:
            return hashlib.file_digest(content, "sha256").digest()


def sleeps(state):
    return level_in(state) == 0 and read(value(state, "rip"), 1) == HLT


def step():
    """One instruction, out of the timer; the registers after it."""
    packet("vCont;s:p1.1")
    return registers()


def differences(expected, got):
    return ", ".join(f"{name} is {value(got, name):#x} and was {value(expected, name):#x}"
                     for name in places() if expected[places()[name]] != got[places()[name]])
