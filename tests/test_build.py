# SPDX-License-Identifier: MIT
"""What make builds anew: neither a source that is gone nor another variable leaves an old image."""

import os
import re
import subprocess

from harness.machine import ROOT

STAMPS = ["flags", "kernel.parts", "user.parts", "initramfs.parts"]
OBJECT = "kernel/lib/print.o"


def make(folder, *words):
    clean = {name: value for name, value in os.environ.items()
             if not name.startswith(("MAKE", "MFLAGS"))
             and name not in ("CC", "DEBUG", "WERROR", "BUSYBOX")}
    return subprocess.run(["make", f"BUILD={folder}", *words], cwd=ROOT, env=clean,
                          capture_output=True, text=True, check=True).stdout


def times(folder, *words):
    """When each stamp and the object were written, after a make with these words."""
    make(folder, *words, *(str(folder / name) for name in [*STAMPS, OBJECT]))
    return {name: (folder / name).stat().st_mtime_ns for name in [*STAMPS, OBJECT]}


def test_only_what_changed_is_written(tmp_path):
    first = times(tmp_path)
    words = []
    for more, expected in ([], set()), (["DEBUG=0", "CC=gcc"], {"flags", "kernel.parts", OBJECT}), \
            (["USER_TEST_NAMES=smoke"], {"initramfs.parts"}), (["KERNEL_C="], {"kernel.parts"}), \
            (["USER_LIB_C="], {"user.parts"}):
        words += more
        second = times(tmp_path, *words)
        changed = {name for name in second if second[name] != first[name]}
        assert changed == expected, f"{words}: expected {expected}, got {changed}"
        first = second


def test_images_depend_on_the_stamps(tmp_path):
    rules = make(tmp_path, "-pn", "all").replace(f"{tmp_path}/", "")
    for target, stamp in [
            ("paranoid.elf", "kernel.parts"), ("kernel.pre.elf", "kernel.parts"),
            ("user/debug/sbin/init", "user.parts"), ("user/debug/test/64/smoke", "user.parts"),
            ("initramfs.cpio", "initramfs.parts"), ("shell.cpio", "initramfs.parts"),
            ("entry/espfix.asm.o", "flags"), ("offsets.inc", "flags"),
            ("user/obj32/lib/test.o", "flags")]:
        found = re.search(rf"^{re.escape(target)}: .*", rules, re.M)
        assert found and stamp in found.group().split(), f"{target}: expected {stamp}, got {found}"
