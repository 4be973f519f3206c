# SPDX-License-Identifier: MIT
"""The scheduler with many threads; docs/PERFORMANCE.md has the whole table
(tests/bench/scaling.sh)."""

import re

from harness.machine import BUILD, Machine


def scaling(what, threads, amount, cpus=1):
    result = Machine(f"scaling-{what}-{threads}-{cpus}", cpus=cpus, icount=cpus == 1).run(
        BUILD / "host" / "glibc64" / "scaling", what, str(threads), str(amount))
    assert result.status == 0, result.explain()
    return [int(n) for n in re.findall(r"\d+", result.output.split(": ")[1])]


def test_a_switch_costs_the_same_with_many_threads(record_property):
    """One CPU, instructions."""
    cost = {threads: scaling("switch", threads, 100)[1] for threads in (4, 256)}
    record_property("instructions", str(cost))
    assert cost[256] <= cost[4] * 1.02, cost


def test_computing_threads_are_spread(record_property):
    fewest, most, *_ = scaling("balance", 32, 2000, cpus=4)
    record_property("threads on a CPU", f"{fewest} to {most}")
    assert most - fewest <= 2


def test_everybody_gets_the_same_share():
    """One CPU: rounds of 8 slices, so many in the time that one more or less hardly counts."""
    _, _, least, largest = scaling("balance", 8, 2000)
    assert least >= 97 and largest <= 103
