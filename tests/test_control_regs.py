# SPDX-License-Identifier: MIT
"""R1.7, spec 8.1 and 8.2: a pinned bit that changes behind the kernel's back is found when the
kernel returns to user mode.

gdb plays the driver that means well: in a system call it flips the bit of the stopped CPU.
"""

import pytest

from harness.gdb import session

FSGSBASE, SMEP, WP, SCE = 1 << 16, 1 << 20, 1 << 16, 1 << 0


@pytest.mark.parametrize("register, bit, mode", [
    ("cr4", FSGSBASE, "nofsgsbase"),
    pytest.param("cr4", FSGSBASE, "", marks=pytest.mark.full),
    pytest.param("cr4", SMEP, "", marks=pytest.mark.full),
    pytest.param("cr0", WP, "", marks=pytest.mark.full),
    pytest.param("efer", SCE, "", marks=pytest.mark.full),
])
def test_flipped_behind_the_kernel(register, bit, mode):
    printed = session(f"flip-{register}-{bit:x}{mode}", [
        "continue", "delete", "hbreak sys_uname", "continue", "delete",
        f"set ${register} = ${register} ^ {bit:#x}",
        "hbreak panic", "continue", "printf \"%s, %s\\n\", (char *)$rsi, (char *)$rdx"],
        f"--append '{mode}'" if mode else "")
    read = "rdmsr(MSR_EFER)" if register == "efer" else f"read_{register}()"
    assert printed[-1].startswith("CR-1, ") and read in printed[-1], \
        f"expected a panic that names CR-1 and {register}, got {''.join(printed[-2:])}"
