# SPDX-License-Identifier: MIT
"""R2.29 and its kin on the linked kernel: whose GS is live, on every path,
in every mode (harness/entrypaths.py)."""

import pytest
from capstone import x86

from harness.entryimage import FENCE_SWAPGS, FSGSBASE, SMAP
from harness.entrypaths import Walk
from harness.machine import BUILD

KERNEL = BUILD / "paranoid.elf"


@pytest.mark.parametrize("features", [{FSGSBASE, SMAP, FENCE_SWAPGS}, {SMAP, FENCE_SWAPGS}],
                         ids=["fsgsbase", "nofsgsbase"])
def test_gs_on_every_path(features):
    walk = Walk(KERNEL, features)
    problems = walk.run()
    assert not problems, "\n".join(problems)
    assert len(walk.visited) > 900      # it did walk


class Calls(Walk):
    """Also notes which C function is called on which kind of stack."""
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.called = {}

    def call(self, state, after, insn):
        direct = insn.operands[0].type == x86.X86_OP_IMM
        if direct and not self.text[0] <= self.target(insn) < self.text[1]:
            name = self.image.name(self.target(insn)).split("+")[0]
            self.called.setdefault(state.stack, set()).add(name)
        return super().call(state, after, insn)


def test_what_is_called_on_which_stack():
    """R2.6: what user mode interrupted is handled on the thread's stack.  R2.34: an IST handler
    returns, and nothing that could schedule is called on its stack."""
    walk = Calls(KERNEL, {SMAP, FENCE_SWAPGS})
    walk.run()
    assert walk.called["ist"] == {"exc_debug_kernel", "exc_machine_check_kernel",
                                  "exc_double_fault", "nmi_handler"}
    assert {"exc_debug_user", "exc_machine_check_user", "nmi_handler",
            "exit_to_user"} <= walk.called["thread"]


def test_each_vector_has_its_stub():
    """Reserved vectors, too: the panic names what came."""
    image = Walk(KERNEL, set()).image
    stubs = [image.name(image.quad(image.symbols["entry_vectors"] + 8 * vector))
             for vector in range(256)]
    names = "DE DB NMI BP OF BR UD NM DF 9 TS NP SS GP PF 15 MF AC MC XM".split()
    names += [str(v) for v in range(20, 32)]
    expected = [f"entry_{'reserved_' if name.isdigit() else ''}{name}" for name in names]
    expected += ["entry_INT80" if vector == 0x80 else f"irq_stub_{vector}"
                 for vector in range(32, 256)]
    assert stubs == [f"{name}+0x0" for name in expected]


def test_a_missing_fence_is_noticed():
    """The checker itself: on a CPU that needs fences, a kernel without them has problems."""
    assert Walk(KERNEL, {FSGSBASE, SMAP}).run()
