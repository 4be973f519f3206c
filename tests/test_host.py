# SPDX-License-Identifier: MIT
"""The kernel's pure C on the host, with sanitizers; and the layouts of 32-bit structures."""

import subprocess

import pytest

from harness import ktap
from harness.machine import BUILD, ROOT

PROGRAMS = sorted(path.stem for path in (ROOT / "tests" / "host").glob("*.c")
                  if "int main" in path.read_text() or "TEST(" in path.read_text())
PROGRAMS.remove("main")


@pytest.mark.parametrize("program", PROGRAMS)
def test_unit(program, cases):
    result = subprocess.run([BUILD / "host" / program], capture_output=True, text=True, timeout=120)
    report = ktap.parse(result.stdout)
    cases(report.tests)
    assert not report.bad() and report.complete() and result.returncode == 0, \
        result.stdout + result.stderr
