# SPDX-License-Identifier: MIT
"""Many of something must not stop the others: counted in instructions, on one CPU."""

import re

from harness.machine import BUILD, Machine

PROGRAM = BUILD / "host" / "glibc64" / "crowds"


def crowd(what, *numbers):
    result = Machine(f"crowds-{what}", cpus=1, mem=512, icount=True).run(
        PROGRAM, what, *map(str, numbers))
    assert result.status == 0, result.explain()
    found = {int(n): int(value) for n, value in re.findall(rf"{what} (\d+): (\d+)", result.output)}
    print(what, found)
    return found


def test_the_end_of_a_parent_is_linear_in_its_children():
    cost = crowd("orphans", 250, 1000)
    assert cost[1000] <= 6 * cost[250], cost


def test_a_signal_costs_the_same_beside_sleeping_threads():
    cost = crowd("pause", 0, 200)
    assert cost[200] <= cost[0] * 1.1, cost


def test_ignored_timers_leave_time_for_work():
    left = crowd("timers", 1500)
    assert left[1500] >= 900, left


def test_timers_on_cpu_time_of_sleeping_processes_leave_time_for_work():
    left = crowd("cputimers", 100)
    assert left[100] >= 970, left


def test_waiting_for_ever_for_cpu_time_costs_none():
    left = crowd("endless", 20)
    assert left[20] >= 990, left


def test_execve_with_many_arguments_lets_others_run():
    """A time slice is 4 million instructions."""
    standstill = crowd("exec", 200_000)
    assert standstill[200_000] <= 8_000_000, standstill
