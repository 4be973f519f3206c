# SPDX-License-Identifier: MIT
"""The end of a machine without QEMU's exit port: off and reset by ACPI, and what is said last."""

import pytest

from harness.machine import Machine
from harness.screen import Watched

MACHINES = [pytest.param("pc", id="pc"), pytest.param("q35", marks=pytest.mark.full, id="q35")]


@pytest.mark.parametrize("machine", MACHINES)
def test_power_off(machine):
    with Watched(Machine(f"off-{machine}", append="-- true"), "--stay",
                 "--machine", machine) as watched:
        watched.wait_for("power off, status 0")
        assert watched.wait_for_shutdown() == "guest-shutdown"


@pytest.mark.parametrize("machine", MACHINES)
def test_restart(machine):
    """q35 has a reset register in its FADT, pc has not and takes the chip set's."""
    with Watched(Machine(f"restart-{machine}"), "--stay", "--machine", machine,
                 "--", "/bin/busybox", "reboot", "-f") as watched:
        assert watched.wait_for_shutdown() == "guest-reset"


def test_stay():
    """With this option the screen can be read for as long as one likes."""
    with Watched(Machine("stay", append="stay -- true"), "--stay") as watched:
        watched.wait_for("halted: press the power button")
        assert watched.monitor.command("query-status")["status"] == "running"
