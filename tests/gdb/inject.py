# SPDX-License-Identifier: MIT
"""Runs inside gdb, which is attached to QEMU:
at each chosen instruction an NMI or a #MC from the monitor.

$INJECT names a file with JSON: "points", a list of [address, event]; "doors", the addresses of
entry_NMI and entry_MC; "started", where only the wanted program comes by; "handler", nmi_handler.
The answer goes to the file $INJECT.out: one line for each point that was come by,
[address, event, differences].
"""

import json
import os
import re

import gdb

# VAL, UC, EN, ADDRV, S: action optional; RIPV and MCIP.
COMMANDS = {"nmi": "monitor nmi", "mce": "monitor mce 0 5 0xb500000000000000 5 0x1234000 0"}
PATIENCE = 30       # times that the program comes by "started" before a point counts as unreachable
# 18 general ones with RIP and RFL, 8 segments, CR0, 2, 3, 4, DR0-3, 6, 7, EFER, the other GS base
REGISTERS = 38
RF = 1 << 16        # IRETQ sets what the handler's frame says; it means nothing without DR7


def breakpoint_at(address):
    return gdb.Breakpoint(f"*{address:#x}", type=gdb.BP_HARDWARE_BREAKPOINT, internal=True)


def go():
    gdb.execute("continue", to_string=True)
    return int(gdb.parse_and_eval("(unsigned long)$pc"))


def go_to(address):
    there = breakpoint_at(address)
    at = go()
    there.delete()
    return [] if at == address else [f"stopped at {at:#x} instead of {address:#x}"]


def state():
    """Everything that QEMU tells, by name.  Of segments selector and base: SYSCALL loads, and a
    null selector leaves, other limits and rights than IRETQ, and 64-bit mode asks for neither."""
    text = gdb.execute("monitor info registers", to_string=True)
    words = dict(re.findall(r"\b(R\w+|CR\d|DR\d|EFER)\s*=([0-9a-f]{8,16})\b", text))
    words.update(re.findall(r"\b([A-Z]{2,3})\s*=([0-9a-f]{4} [0-9a-f]{16}) ", text))
    words["RFL"] = f"{int(words['RFL'], 16) & ~RF:x}"
    words["KERNEL_GS"] = f"{int(gdb.parse_and_eval('(unsigned long)$k_gs_base')):x}"
    assert len(words) == REGISTERS, words
    return words


def inject(point, event, door):
    before = state()
    gdb.execute(COMMANDS[event], to_string=True)
    wrong = go_to(door)
    came_from = int(gdb.parse_and_eval("*(unsigned long *)$rsp"))
    if came_from != point:
        wrong.append(f"the frame says {came_from:#x}")
    wrong += go_to(point)
    after = state()
    return wrong + [f"{name}: {before[name]} became {after[name]}" for name in before
                    if before[name] != after[name]]


def visit(job, write):
    """The points in the order in which the program comes by."""
    waiting = {tuple(p): breakpoint_at(p[0]) for p in job["points"]}
    started = breakpoint_at(job["started"])
    patience = PATIENCE
    while waiting and patience:
        at = go()
        if at == job["started"]:
            patience -= 1
            if job["handler"] in [p[0] for p in waiting]:
                gdb.execute("monitor nmi", to_string=True)
            continue
        for b in [started, *waiting.values()]:
            b.enabled = False
        point = next(p for p in waiting if p[0] == at)
        write([at, point[1], inject(at, point[1], job["doors"][point[1]])])
        waiting.pop(point).delete()
        for b in [started, *waiting.values()]:
            b.enabled = True
        patience = PATIENCE


def main():
    with open(os.environ["INJECT"], encoding="utf-8") as file:
        job = json.load(file)
    gdb.execute("set confirm off")
    go_to(job["started"])
    with open(os.environ["INJECT"] + ".out", "w", encoding="utf-8") as out:
        visit(job, lambda line: print(json.dumps(line), file=out, flush=True))


main()
