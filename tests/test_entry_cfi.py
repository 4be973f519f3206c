# SPDX-License-Identifier: MIT
"""Call frame information of the entry code against the code itself,
at every instruction (harness/entrycfi.py).

The paths are executed on symbols, and at each instruction the registers of the interrupted code
have to be found again by the rules that the linked kernel holds.
"""

import re

import pytest

from harness.entrycfi import Execution
from harness.entryimage import FENCE_SWAPGS, FSGSBASE, NMI_EARLY, SMAP
from harness.machine import BUILD

KERNEL = BUILD / "paranoid.elf"
FEATURES = [{FSGSBASE, SMAP, FENCE_SWAPGS}, {SMAP, FENCE_SWAPGS, NMI_EARLY}]
# Where unwinding ends, and why.
ENDS = {
    "entry_SYSENTER": "SYSENTER forgets RIP; it ends until the landing pad is pushed in its place",
    "entry_SYSENTER_flags_clean": "the same",
    "entry_SYSCALL_64": "RSP is parked in struct percpu for two instructions",
}
# No gate leads there: the vector has a door of its own.
UNREACHABLE = {"irq_stub_128"}


def names(execution, addresses):
    """Of doors, without local labels."""
    return {re.split(r"[.+]", execution.image.name(at))[0] for at in addresses}


@pytest.fixture(scope="module")
def executions():
    found = [Execution(KERNEL, features) for features in FEATURES]
    for execution in found:
        execution.run()
    return found


def test_every_instruction_unwinds(executions):
    for execution in executions:
        assert not execution.problems, "\n".join(execution.problems)


def test_no_instruction_is_left_out(executions):
    """What runs with one set of features only, the other set does not reach."""
    one, other = executions
    assert all(max(execution.instructions) + 16 > execution.text.stop for execution in executions)
    assert names(one, one.left_out() & other.left_out()) <= UNREACHABLE
    visited = one.visited | other.visited
    print(f"{len(visited)} instructions, unwinding ends at {len(one.ends)}")
    assert len(visited) > 1800


def test_unwinding_ends_where_it_must(executions):
    for execution in executions:
        assert names(execution, execution.ends) <= set(ENDS)
        assert len(execution.ends) <= 24


def spoiled(execution, symbol, wanted, spoil):
    """The problems when the first wanted row behind symbol is another one."""
    at = execution.image.symbols[symbol]
    while not wanted(execution.covering[at].rows[at]):
        at += 1
    rows = execution.covering[at].rows
    before, rows[at] = rows[at], spoil(*rows[at])
    try:
        return execution.run()
    finally:
        rows[at] = before


@pytest.mark.parametrize("symbol", ["entry_SYSCALL_64", "exception_common", "hop_to_thread_stack",
                                    "nmi_repeat"])
def test_a_wrong_cfa_is_noticed(executions, symbol):
    assert spoiled(executions[0], symbol, lambda row: row[0][0] == "sum",
                   lambda cfa, rules: (("sum", (cfa[1][0], cfa[1][1] + 8)), rules))


def test_a_wrong_register_is_noticed(executions):
    assert spoiled(executions[0], "irq_common", lambda row: {"rdx", "rsi"} <= row[1].keys(),
                   lambda cfa, rules: (cfa, {**rules, "rdx": rules["rsi"]}))


def test_a_missing_signal_frame_is_noticed(executions):
    """Without augmentation "S" an interrupted RIP would be looked up one byte too low."""
    frame = next(frame for frame in executions[0].frames if frame.signal)
    frame.signal = False
    assert any("no signal frame" in problem for problem in executions[0].run())
