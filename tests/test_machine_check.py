# SPDX-License-Identifier: MIT
"""#MC from outside (R2.18): QEMU's "mce" command, into a machine that is stopped where the test
wants it.

Never a silent reset: what the kernel cannot survive it says.  The one exception is the
architecture's own: a second machine check before the handler has cleared MCG_STATUS.MCIP is a
shutdown.
"""

import pytest

from harness.machine import BUILD, PANIC, RESET
from harness.monitor import Watched

# MCi_STATUS (SDM vol. 3, 16.3.2.2): VAL, UC, EN, ADDRV; S, AR, PCC.
UC = 1 << 63 | 1 << 61 | 1 << 60 | 1 << 58
S, AR, PCC = 1 << 56, 1 << 55, 1 << 57
RIPV, EIPV, MCIP = 1, 2, 4
BANK, ADDRESS = 5, 0x1234000

WHERE = {   # the CPU where tests/programs/machine_check.c is most often so, and how that is known
    "user": (0, lambda state: "CPL=3" in state),
    "kernel": (1, lambda state: "CPL=0" in state and "HLT=0" in state),
    "idle": (2, lambda state: "HLT=1" in state),
}


def start(name, count, append="", qemu=()):
    watched = Watched(f"mce-{name}-{append}", [BUILD / "host" / "glibc64" / "machine_check", count],
                      cpus=3, append=append, qemu=qemu)
    watched.wait_for("ready")
    return watched


def inject(watched, where, status, mcg_status, broadcast=False, bank=BANK):
    """What the monitor says, which is nothing if all is well."""
    cpu, wanted = WHERE[where]
    watched.monitor.stop_when(cpu, wanted)
    said = watched.monitor.human(
        f"mce {'-b ' if broadcast else ''}{cpu} {bank} {status:#x} {mcg_status:#x} "
                                 f"{ADDRESS:#x} 0")
    watched.monitor.last("cont")
    return said


@pytest.mark.parametrize("append", ["", pytest.param("nofsgsbase", marks=pytest.mark.full)])
def test_the_kernel_goes_on(append):
    """Action optional, or none required: in ring 3, in the kernel, in an idle CPU; in the end to
    all CPUs at once."""
    watched = start("go-on", 8, append)
    total = 0
    for status, mcg_status in ((UC | S, RIPV | MCIP), (UC, RIPV | MCIP)):
        for where in WHERE:
            if (where, status) == ("idle", UC):
                continue
            assert inject(watched, where, status, mcg_status) == ""
            total += 1
            watched.wait_for(f"handled {total}")
    assert inject(watched, "user", UC | S, RIPV | MCIP, broadcast=True) == ""
    result = watched.end()
    assert result.status == 0, result.explain()
    assert "handled 8\nwrong results: 0" in result.output.replace("\r", ""), result.explain()
    told = f"machine check on CPU 0, bank {BANK}: status {UC | S:x}, address {ADDRESS:x}"
    assert told in result.log, result.explain()


@pytest.mark.parametrize("name, status, mcg_status", [
    ("action-required", UC | S | AR, RIPV | EIPV | MCIP),
    pytest.param("not-restartable", UC | S, EIPV | MCIP, marks=pytest.mark.full),
])
def test_the_program_ends(name, status, mcg_status):
    watched = start(name, 9)
    inject(watched, "user", status, mcg_status)
    result = watched.end()
    # SIGBUS, BUS_MCEERR_AR
    assert result.status == 7 and "signal 7, code 4" in result.output, result.explain()
    assert f"bank {BANK}: status {status:x}" in result.log, result.explain()


def test_an_error_of_another_cpu():
    """RIPV without EIPV: not of this CPU (SDM vol. 3, 16.9.3.2).  It goes on, in ring 3 and in the
    kernel, and the bank keeps its report for the CPU that it is about.  That CPU shares the bank;
    QEMU's CPUs share none, so the same one plays it in the end: EIPV comes with a harmless report
    in another bank, and the old one ends the program.
    """
    srar = UC | S | AR
    watched = start("another-cpu", 9)
    for total, where in enumerate(("user", "kernel"), 1):
        assert inject(watched, where, srar, RIPV | MCIP) == ""
        watched.wait_for(f"handled {total}")
    inject(watched, "user", UC | S, RIPV | EIPV | MCIP, bank=BANK + 1)
    result = watched.end()
    assert result.status == 7 and "signal 7, code 4" in result.output, result.explain()
    line = f"CPU 0, bank {BANK}: status {srar:x}, address {ADDRESS:x}, MCG_STATUS "
    assert [result.log.count(f"{line}{mcg:x}")
            for mcg in (RIPV | MCIP, RIPV | EIPV | MCIP)] == [1, 1], result.explain()


@pytest.mark.parametrize("where, name, status, mcg_status", [
    ("kernel", "action-required", UC | S | AR, RIPV | EIPV | MCIP),
    pytest.param("user", "damaged", UC | S | PCC, RIPV | MCIP, marks=pytest.mark.full),
    pytest.param("idle", "damaged", UC | S | PCC, MCIP, marks=pytest.mark.full),
    pytest.param("kernel", "not-restartable", UC | S, MCIP, marks=pytest.mark.full),
])
def test_the_kernel_panics(where, name, status, mcg_status):
    """The panic names CPU, bank and status."""
    watched = start(f"{where}-{name}", 9)
    inject(watched, where, status, mcg_status)
    result = watched.end()
    text = (f"panic: machine check on CPU {WHERE[where][0]}, bank {BANK}: status {status:x}, "
            f"address {ADDRESS:x}, MCG_STATUS {mcg_status:x}")
    assert result.status == PANIC and text in result.log, result.explain()


def test_a_report_from_before_the_start():
    """A fatal report outlives a warm reset; the next #MC, a harmless one, is not held for it."""
    watched = start("stale", 1)
    watched.monitor.stop_when(*WHERE["user"])
    watched.monitor.command("set-action", reboot="reset")
    stale = UC | S | PCC
    assert watched.monitor.human(f"mce 0 {BANK} {stale:#x} {RIPV | MCIP:#x} {ADDRESS:#x} 0") == ""
    watched.monitor.command("system_reset")
    watched.monitor.command("cont")
    watched.wait_for("ready\nready\n")
    assert inject(watched, "user", UC | S, RIPV | MCIP, bank=BANK + 1) == ""
    result = watched.end()
    assert result.status == 0 and "handled 1" in result.output, result.explain()
    line = f"bank {BANK} of CPU 0 held status {stale:x} at the start"
    assert line in result.log, result.explain()


def test_a_second_one_too_early_is_a_shutdown():
    """Before the handler could run, MCIP is set: by the architecture, and by QEMU's words, that
    resets the machine."""
    watched = start("too-early", 9, qemu=["-no-shutdown"])
    watched.monitor.stop_when(*WHERE["user"])
    command = f"mce 0 {BANK} {UC | S | AR:#x} {RIPV | EIPV | MCIP:#x} {ADDRESS:#x} 0"
    assert watched.monitor.human(command) == ""
    assert "Previous MCE still in progress, raising triple fault" in watched.monitor.human(command)
    watched.monitor.last("quit")
    assert watched.end().status == RESET
