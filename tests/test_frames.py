# SPDX-License-Identifier: MIT
"""Hostile signal frames, many, on 4 CPUs at once: only signals, and the way back that the model of
user/test/signal_decisions.c says.  The usual set runs both programs in test_guest.py already."""

import pytest

from harness import ktap
from harness.machine import BUILD, Machine


def frames(program, each, append="", seed=1):
    """each frames in 8 processes."""
    path = BUILD / "user" / "test" / program
    name = f"frames-{program.replace('/', '-')}-{append}"
    result = Machine(name, cpus=4, append=append).run(path, each, 8, seed, busy=300, quiet=600,
                                                      total=3600)
    report = ktap.parse(result.output)
    assert result.status == 0 and report.complete() and not report.bad(), result.explain()
    return result.output


def test_decisions_of_many_processes():
    """The counters of all CPUs against the sum of what the model says."""
    assert "# iret-selector: " in frames("64/signal_decisions", 1000)


@pytest.mark.full
@pytest.mark.parametrize("append", ["", "nofsgsbase"])
@pytest.mark.parametrize("program", ["64/signal_fuzz", "32/signal_fuzz", "64/signal_decisions"])
def test_a_million_frames(program, append):
    frames(program, 125000, append, seed=7)
