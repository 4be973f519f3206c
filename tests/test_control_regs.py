# SPDX-License-Identifier: MIT
"""R1.7, spec 8.1 and 8.2: a pinned bit that changes behind the kernel's back is found when the
kernel returns to user mode.

gdb plays the driver that means well: in a system call it flips the bit of the stopped CPU.
"""

import re

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


def test_breakpoint_of_the_loader():
    """R2.10: what is armed when the kernel starts is taken away.  gdb arms DR0 by two instructions
    in the place of kernel_main's next one; kthread_create runs when the doors are live.  The other
    CPU comes from an INIT, which clears its DR7: the two have taken the same number of #DBs.
    """
    printed = session("armed", [
        "continue", "delete", "set $next = $rip", "set $bytes = *(unsigned long long *)$rip",
        # rax to DR0, rcx to DR7
        "set {unsigned char[6]}$rip = {0x0f, 0x23, 0xc0, 0x0f, 0x23, 0xf9}",
        "set $rax = kthread_create", "set $rcx = 0x402",
        "stepi 2", "printf \"%d\\n\", $rip - $next",
        "set *(unsigned long long *)$next = $bytes", "set $rip = $next",
        "hbreak sys_uname", "continue",
        "printf \"%d and %d\\n\", percpu_table[0].db_count, percpu_table[1].db_count"], "--cpus 2")
    assert printed[8].strip() == "6", "".join(printed)
    got = re.fullmatch(r"(\d+) and (\d+)", printed[-1].strip())
    assert got and got[1] == got[2], f"#DBs: expected the same, got {printed[-1]}"
