# SPDX-License-Identifier: MIT
"""The sweep under Bochs, which has what QEMU's translator lacks: RF in what faults push, #GP for
null segments, vendors."""

import re

import pytest

from harness import bochs, firmware
from harness.machine import LOGS

PROGRAMS = "*/faults_to_signals */fsgsbase_instructions"


@pytest.mark.full
@pytest.mark.parametrize("cpu", ["corei7_skylake_x", "ryzen"])
def test_what_qemu_skips(cpu):
    """Alignment checks, SIMD exceptions, null segments and non-canonical bases: QEMU's TCG has none
    of them, and the cases that need them are skipped there."""
    text, status = bochs.boot(f"programs-{cpu}", cpu, "quiet", f"-- run-tests {PROGRAMS}")
    assert status == 0, text[-3000:]
    assert re.search(r"# cases: \d+ passed, 0 failed, 0 skipped", text), text[-3000:]


@pytest.mark.full
@pytest.mark.parametrize("mode", ["", "nofsgsbase"])
@pytest.mark.parametrize("cpu", ["corei7_skylake_x", "ryzen"])
def test_sweep(cpu, mode):
    text, status = bochs.boot(f"{cpu}-{mode or 'fsgsbase'}", cpu, *mode.split(), "ktest=sweep")
    assert status == 0 and "ok 1 sweep" in text, text[-3000:]
    vendor = "AuthenticAMD" if cpu == "ryzen" else "GenuineIntel"
    assert f"selftest: cpu {vendor}" in text and "hypervisor none" in text
    done, there = re.search(r"# #DB at (\d+) of (\d+) instructions of the entry text",
                            text).groups()
    print(f"#DB at {done} of {there}")
    assert int(done) > 450


@pytest.mark.full
@pytest.mark.parametrize("cpu, wanted", [("corei7_skylake_x", 0), ("ryzen", 1)])
def test_lfence_is_made_serialising(cpu, wanted):
    """R2.29: on an AMD, MSR C001_1029 is written.  Bochs does not have it, and logs that."""
    name = f"lfence-{cpu}"
    text, status = bochs.boot(name, cpu, "ktest=cpu_family_and_model")
    assert status == 0, text[-3000:]
    log = (LOGS / f"bochs-{name}.bochs").read_text(errors="replace")
    writes = log.count("WRMSR: Unknown register 0xc0011029")
    assert writes == wanted, f"expected {wanted} writes of the MSR, got {writes}"


@pytest.mark.full
@pytest.mark.parametrize("test", [
    "nmi_to_self", "nmi_to_every_cpu", "unmapping_reaches_every_cpu", "affinity_is_obeyed",
    "sleep_is_not_too_short"])
def test_x2apic(test):
    """The boot CPU in x2APIC mode, the other not yet: interrupts between CPUs, NMIs, the timer."""
    before = firmware.write(f"x2apic-{test}", firmware.X2APIC_ON,
                            cpus=[firmware.lapic(i) for i in (0, 1)])
    text, status = bochs.boot(f"x2apic-{test}", "corei7_skylake_x", f"ktest={test}", cpus=2,
                              firmware=before)
    assert status == 0 and f"ok 1 {test}\n" in text, text[-3000:]
    assert "smp: 2 of 2 CPUs online" in text and "selftest: x2APIC mode" in text
