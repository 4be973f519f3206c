# SPDX-License-Identifier: MIT
"""Static checks on the linked kernel."""

import re
import subprocess

import pytest

from harness.machine import BUILD, ROOT

KERNEL = BUILD / "paranoid.elf"
# Registers and instructions that belong to user programs.  The kernel may save and load the whole
# state (XSAVE, FXRSTOR ...), and read the unit's status after a fault of it.
VECTOR = re.compile(r"%[xyz]mm\d|%mm\d|%st\b|%k[0-7]\b")
X87 = re.compile(r"\tf(?!xsave|xrstor|ninit|nclex|nstsw|nstcw)[a-z]+\b")


def run(*command):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          check=True).stdout


def test_no_segment_is_writable_and_executable():
    loads = [line.split() for line in run("readelf", "-lW", KERNEL).splitlines() if "LOAD" in line]
    assert len(loads) >= 4
    for fields in loads:
        flags = "".join(fields[6:-1])
        assert not ("W" in flags and "E" in flags), fields


def test_no_floating_point_in_kernel_code():
    """The user's registers stay in the CPU while the kernel runs, so it must not touch them."""
    found, function = [], ""
    for line in run("objdump", "-d", "--no-show-raw-insn", KERNEL).splitlines():
        if line.endswith(">:"):
            function = line.split("<")[1][:-2]
        elif VECTOR.search(line) or X87.search(line):
            found.append(f"{function}: {line.strip()}")
    assert not found, "\n".join(found[:20])


def test_multiboot2_header_where_grub_looks():
    """Within the first 32 KiB, 8-byte aligned, checksum right (Multiboot2 3.1.1)."""
    head = KERNEL.read_bytes()[:32768]
    at = head.find(bytes.fromhex("d65052e8"))
    assert at >= 0 and at % 8 == 0
    words = [int.from_bytes(head[at + i:at + i + 4], "little") for i in (0, 4, 8, 12)]
    assert sum(words) % 2**32 == 0


def test_pvh_note():
    assert re.search(r"Xen\s+0x00000008\s+.*0x00000012", run("readelf", "-nW", KERNEL))


def test_no_relocation_is_left():
    assert "no relocations" in run("readelf", "-rW", KERNEL)


def test_user_programs_are_static():
    for path in (BUILD / "user" / "test").glob("*/*"):
        assert "INTERP" not in run("readelf", "-lW", path), path


@pytest.mark.parametrize("script", sorted(
    str(path.relative_to(ROOT)) for pattern in ("run-qemu.sh", "*/*.sh", "tests/*/*.sh", ".ci/run")
    for path in ROOT.glob(pattern) if "build" not in path.parts))
def test_shellcheck(script):
    subprocess.run(["shellcheck", "-x", ROOT / script], check=True, cwd=ROOT)
