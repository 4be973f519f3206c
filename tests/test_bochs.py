# SPDX-License-Identifier: MIT
"""The sweep under Bochs, which has what QEMU's translator lacks: RF in what faults push, #GP for null segments, vendors."""

import re
import subprocess

import pytest

from harness.machine import LOGS, ROOT


@pytest.mark.full
@pytest.mark.parametrize("mode", ["", "nofsgsbase"])
@pytest.mark.parametrize("cpu", ["corei7_skylake_x", "ryzen"])
def test_sweep(cpu, mode):
    LOGS.mkdir(parents=True, exist_ok=True)
    command = [ROOT / "run-bochs.sh", "--cpu", cpu, "--timeout", "1800", "--log",
               LOGS / f"bochs-{cpu}-{mode or 'fsgsbase'}.bochs", *mode.split(), "ktest=sweep"]
    result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    (LOGS / f"bochs-{cpu}-{mode or 'fsgsbase'}.out").write_text(result.stdout + result.stderr)
    assert result.returncode == 0 and "ok 1 sweep" in result.stdout, result.stdout[-3000:] + result.stderr
    vendor = "AuthenticAMD" if cpu == "ryzen" else "GenuineIntel"
    assert f"selftest: cpu {vendor}" in result.stdout and "hypervisor none" in result.stdout
    done, there = re.search(r"# #DB at (\d+) of (\d+) instructions of the entry text", result.stdout).groups()
    print(f"#DB at {done} of {there}")
    assert int(done) > 450
