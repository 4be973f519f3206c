# SPDX-License-Identifier: MIT
"""The same image by every path: CD and USB stick, SeaBIOS and OVMF; and PVH; 1, 2 and 4 CPUs."""

import re

import pytest

from harness.machine import ACCEL, Machine

PATHS = [("direct", "cd"), ("bios", "cd"), ("bios", "usb"), ("uefi", "cd"), ("uefi", "usb")]
# One CPU count for each path in the usual run, all of them with --full.
USUAL = {("direct", "cd", 4), ("bios", "cd", 2), ("bios", "usb", 4), ("uefi", "cd", 4),
         ("uefi", "usb", 1)}
MATRIX = [pytest.param(boot, media, cpus,
                       marks=() if (boot, media, cpus) in USUAL else pytest.mark.full)
          for boot, media in PATHS for cpus in (1, 2, 4)]


@pytest.mark.parametrize("boot,media,cpus", MATRIX)
def test_boot(boot, media, cpus):
    """The image of "make iso", unchanged, runs every test and ends with status 0."""
    result = Machine(f"boot-{boot}-{media}-{cpus}", accel=ACCEL, boot=boot, media=media,
                     cpus=cpus).run()
    report = result.report()
    assert result.status == 0 and report.complete() and not report.bad(), result.explain()
    assert f"{cpus} CPUs" in result.output, result.explain()


@pytest.mark.parametrize("boot", ["direct", "bios", "uefi"])
def test_command_line_reaches_the_kernel(boot):
    result = Machine(f"cmdline-{boot}", boot=boot, append="nofsgsbase -- run-tests smoke").run()
    assert result.status == 0, result.explain()
    assert {test.name for test in result.report().tests} == {"64/smoke", "32/smoke"}


def test_maxcpus():
    result = Machine("maxcpus", cpus=4, append="maxcpus=2 -- run-tests smoke").run()
    assert result.status == 0, result.explain()
    assert "2 CPUs" in result.output


def test_capabilities_are_printed():
    """The boot self-test says what this machine does, one line for each item."""
    result = Machine("selftest", append="-- true").run()
    assert result.status == 0, result.explain()
    items = re.findall(r"selftest: (.+)", result.output)
    assert len(items) >= 10, result.explain()


def test_quiet_keeps_the_kernel_silent():
    result = Machine("quiet", append="quiet -- true").run()
    assert result.status == 0, result.explain()
    assert len(result.output.splitlines()) <= 1, result.output
