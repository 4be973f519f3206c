# SPDX-License-Identifier: MIT
"""Context switches for a long time: the user tests of segments and state with large numbers."""

import pytest

from harness import ktap
from harness.machine import BUILD, Machine

RUNS = {
    "segment_rows": ["100000"],         # switches: every row of spec 3.4 after every other one
    "state_leak": ["64", "120"],        # threads, seconds
    "ldt_removed": ["1000"],            # rounds
}


def run(program, bits, cpus, append, *args):
    path = BUILD / "user" / "test" / str(bits) / program
    result = Machine(f"switch-{program}-{bits}-{cpus}-{append}", cpus=cpus,
                     append=append).run(path, *args, busy=900, quiet=1800, total=3600)
    report = ktap.parse(result.output)
    assert result.status == 0 and report.complete() and not report.bad(), result.explain()


@pytest.mark.full
@pytest.mark.parametrize("append", ["", "nofsgsbase"])
@pytest.mark.parametrize("cpus", [1, 2, 4])
@pytest.mark.parametrize("bits", [64, 32])
@pytest.mark.parametrize("program", RUNS)
def test_for_long(program, bits, cpus, append):
    run(program, bits, cpus, append, *RUNS[program])


def test_more_threads_than_ever():
    """256 threads on 4 CPUs: nobody sees another's registers."""
    run("state_leak", 64, 4, "", "256", "3")
