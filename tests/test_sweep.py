# SPDX-License-Identifier: MIT
"""The interruption sweep (kernel/debug/sweep.h) with every hostile GS base; a sample of it is among
the kernel's own tests.

An event at every instruction of the entry text:
what a run leaves out it names, and what it forgets fails it.
"""

import re

import pytest

from harness import ktap
from harness.machine import BUILD, Machine

SUMMARY = BUILD / "test" / "sweep.txt"      # "make sweep" shows it at the end
NAMES = ("#DB", "NMI", "NMI in #DB", "#BP in NMI", "#PF in NMI")


# Where QEMU delivers no interrupt under -icount: between a fault and its door's first instruction.
UNREACHED = re.compile(r"entry_(PF|GP|DE)\+0x0")


def sweep(name, **parameters):
    result = Machine(f"sweep-{name}", **parameters).run(total=3600)
    report = result.report(ktap.KERNEL_LOG)
    assert report.complete() and report.tests and not report.bad(), result.explain()
    assert result.status == 0, result.explain()
    summarize(name, result.log.replace("\r", ""))
    return result.output + result.log


def summarize(name, text):
    """Boundaries covered and boundaries that exist: of each door, and of the entry text."""
    doors = re.findall(r"# (.*: of \d+ instructions #DB at .*)", text)
    events = re.findall(r"# (.*) at (\d+) of (\d+) instructions of the entry text", text)
    left = re.findall(r"# (.*) left out: (\d+), (.*)", text)
    with SUMMARY.open("a") as file:
        file.writelines(f"{name}: {door}\n" for door in doors)
        for event, covered, total in events:
            excused = sum(int(count) for which, count, _ in left if which == event)
            forgotten = int(total) - int(covered) - excused
            file.write(f"{name}: {event} at {covered} of {total} instructions of the entry text, "
                       f"{excused} left out with a reason, {forgotten} forgotten; "
                       f"{len(doors)} doors\n")


@pytest.mark.parametrize("cpus", [pytest.param(1, marks=pytest.mark.full), 2])
@pytest.mark.parametrize("mode", ["", "nofsgsbase"])
def test_every_instruction(mode, cpus):
    text = sweep(f"{mode or 'fsgsbase'}-{cpus}cpu", cpus=cpus, append=f"{mode} ktest=sweep_full")
    for event in NAMES:
        match = re.search(rf"# {event} at (\d+) of (\d+) instructions of the entry text", text)
        assert match and int(match.group(1)) > 450, event


@pytest.mark.parametrize("mode", ["", pytest.param("nofsgsbase", marks=pytest.mark.full)])
def test_sysenter(mode):
    """The door that is closed on AMD's CPUs, and on an emulated one opens by request."""
    text = sweep(f"sysenter-{mode or 'fsgsbase'}",
                 append=f"{mode} vsyscall=sysenter ktest=sweep_full")
    for door in ("SYSENTER", "SYSENTER, bad stack"):
        match = re.search(rf"# {door}: of (\d+) instructions #DB at (\d+)", text)
        assert match and match.group(1) == match.group(2) and int(match.group(1)) > 50, door


@pytest.mark.parametrize("mode", ["", "nofsgsbase"])
def test_with_the_nmi_window_opened_early(mode):
    """Every NMI handler runs with NMIs unblocked, as if it had taken an exception (R2.22)."""
    sweep(f"early-{mode or 'fsgsbase'}", append=f"{mode} nmi=early ktest=sweep_full")


@pytest.mark.parametrize("mode", ["", pytest.param("nofsgsbase", marks=pytest.mark.full)])
def test_second_opinion_of_the_timer(mode):
    """NMIs of the LAPIC timer, tick by tick: where breakpoints find a door's instructions, the
    timer finds them too."""
    text = sweep(f"timer-{mode or 'fsgsbase'}", append=f"{mode} ktest=sweep_timer", icount=True)
    missed = re.findall(r"a breakpoint finds (\S+), the timer does not", text)
    assert not [where for where in missed if not UNREACHED.match(where)], missed
    assert int(re.search(r"NMIs of the timer at (\d+) of \d+ instructions of all doors",
                         text).group(1)) > 1000
