# SPDX-License-Identifier: MIT
"""R2.29 and its kin on the linked kernel: whose GS is live, on every path, in every mode (harness/entrypaths.py)."""

import pytest

from harness.entrypaths import FENCE_SWAPGS, FSGSBASE, SMAP, Walk
from harness.machine import BUILD

KERNEL = BUILD / "paranoid.elf"


@pytest.mark.parametrize("features", [{FSGSBASE, SMAP, FENCE_SWAPGS}, {SMAP, FENCE_SWAPGS}],
                         ids=["fsgsbase", "nofsgsbase"])
def test_gs_on_every_path(features):
    walk = Walk(KERNEL, features)
    problems = walk.run()
    assert not problems, "\n".join(problems)
    assert len(walk.visited) > 900      # it did walk


def test_a_missing_fence_is_noticed():
    """The checker itself: on a CPU that needs fences, a kernel without them has problems."""
    assert Walk(KERNEL, {FSGSBASE, SMAP}).run()
