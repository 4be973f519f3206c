# SPDX-License-Identifier: MIT
"""Processes that come and go: forking, executing, piping, exiting across CPUs.  The program
itself (user/test/stress_fork_exec_pipe.c) compares the free memory before and after."""

import pytest

from harness import ktap
from harness.machine import BUILD, Machine

PROGRAM = "stress_fork_exec_pipe"


def stress(name, bits, at_a_time, processes, **parameters):
    program = BUILD / "user" / "test" / str(bits) / PROGRAM
    result = Machine(f"stress-{name}", **parameters).run(program, at_a_time, processes, busy=300,
                                                         quiet=600, total=3600)
    report = ktap.parse(result.output)
    assert result.status == 0 and report.complete() and not report.bad(), result.explain()


@pytest.mark.parametrize("bits,append", [(64, ""), (32, "nofsgsbase")])
def test_stress(bits, append):
    stress(f"{bits}-2000", bits, 50, 2000, cpus=4, append=append)


def test_stress_in_little_memory():
    stress("64mib", 64, 100, 1000, cpus=2, mem=64)


@pytest.mark.full
@pytest.mark.parametrize("append", ["", "nofsgsbase"])
def test_twenty_thousand_processes(append):
    stress(f"20000-{append}", 64, 200, 20000, cpus=4, append=append)
