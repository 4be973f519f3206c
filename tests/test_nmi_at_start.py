# SPDX-License-Identifier: MIT
"""R2.28: an NMI while a CPU is being started returns, and the CPU comes up.

gdb stops the second CPU at a place of its way up and lets the first one,
which waits for it, send the NMI.
"""

import re

import pytest

from harness.gdb import session

NMI = 0x4400    # interrupt command: level asserted, delivery mode NMI (SDM vol. 3, 10.6.1)

# The place, and the door that is open there: its handler stops, or the one that counts.
PLACES = [("cpu_area_load if pc->cpu == 1", "early_stub_2"),    # the trampoline's GDT
          ("*idt_load", "early_stub_2"),                        # its own tables, all but the IDT
          ("apic_enable", "nmi_handler")]                       # ready


def send(place, door):
    return [f"hbreak {place}", "continue", "delete",
            "set scheduler-locking on", "thread 1",
            f"call apic_command(percpu_table[1].apic_id, {NMI:#x})",
            "thread 2", "set scheduler-locking off",
            f"hbreak {door}", "continue", "delete"]


@pytest.mark.parametrize("mode", ["", pytest.param("nofsgsbase", marks=pytest.mark.full)])
def test_nmi_while_a_cpu_is_started(mode):
    commands = ["continue", "delete"]
    for place, door in PLACES:
        commands += send(place, door)
    commands += ["hbreak sys_uname", "continue", "printf \"online %d, counted %d\\n\", "
                 "percpu_table[1].online, percpu_table[1].nmi_count"]
    printed = session(f"nmi-at-start{mode}", commands, f"--cpus 2 --append 'nmi=count {mode}'")
    stops = [re.search(r"hit Breakpoint \d+, (?:0x\w+ in )?(\w+)", text)
             for command, text in zip(commands, printed) if command == "continue"]
    got = [stop and stop[1] for stop in stops[1:]]
    expected = [name.split()[0].lstrip("*") for pair in PLACES for name in pair] + ["sys_uname"]
    assert got == expected, f"expected stops at {expected}, got {got}\n" + "".join(printed)
    assert printed[-1].strip() == "online 1, counted 1", f"expected 1 and 1, got {printed[-1]}"
