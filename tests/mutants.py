#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Mutants: known bugs, each a patch with its story in tests/mutants/, that the tests of the entry code must kill.

    make mutants                    all of them
    make mutants MUTANTS=nmi        those whose name contains it

A mutant that survives, or is killed by another check than the one that its story names, is a missing test.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / os.environ.get("BUILD", "build")
TREE = BUILD / "mutants"
SECONDS = 60        # a guest that spins is a kill as well

# In this order, the cheap ones first; name of the check: command line of the kernel, or None for the walk on the host.
CHECKS = {
    "paths": None,
    "ktest": [f"ktest={name}" for name in (
        "ist_stacks", "espfix_aliases", "sysret_decision_table", "sysretl_decision_table", "cr4_pinning",
        "execute_breakpoint_in_kernel")],
    "sweep": ["ktest=sweep", "nofsgsbase ktest=sweep"],
}


def copy_tree():
    """What git knows, and the objects of the last mutant, so that little has to be compiled."""
    TREE.mkdir(parents=True, exist_ok=True)
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in names.split():
        source, target = ROOT / name, TREE / name
        if source.is_file() and (not target.exists() or target.read_bytes() != source.read_bytes()):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)


def build():
    return subprocess.run(["make", "-s", "kernel", "BUILD=build"], cwd=TREE, capture_output=True, text=True,
                          env={**os.environ, "BUILD": "build", "MAKEFLAGS": "", "MAKELEVEL": ""})


def walk():
    """The paths of the image; a subprocess, for each mutant has an image of its own."""
    code = ("import sys; from pathlib import Path; sys.path.insert(0, 'tests'); from harness.entrypaths import *; "
            "sys.exit(any(Walk(Path('build/paranoid.elf'), f | {SMAP, FENCE_SWAPGS}).run() for f in ({FSGSBASE}, set())))")
    return subprocess.run([sys.executable, "-c", code], cwd=TREE, capture_output=True).returncode == 0


def boot(append):
    (TREE / "empty.cpio").touch()
    command = [str(ROOT / "run-qemu.sh"), "--accel", "tcg", "--cpus", "2", "--timeout", str(SECONDS),
               "--kernel", str(TREE / "build/paranoid.elf"), "--initrd", str(TREE / "empty.cpio"),
               "--append", append]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True).returncode == 0


def killer():
    """The first check that does not pass."""
    for check, lines in CHECKS.items():
        if not (walk() if lines is None else all(boot(line) for line in lines)):
            return check
    return None


def try_mutant(patch):
    expected = next(line.split(": ")[1] for line in patch.read_text().splitlines()
                    if line.startswith("Killed-by: "))
    copy_tree()
    if subprocess.run(["patch", "-s", "-p1", "-i", patch], cwd=TREE).returncode:
        return False, "does not apply"
    built = build()
    if built.returncode:
        return False, "does not build: " + built.stderr[-300:]
    found = killer()
    return found == expected, f"killed by {found}" if found else "SURVIVED"


def main():
    words = sys.argv[1:]
    patches = sorted((ROOT / "tests/mutants").glob("*.patch"))
    bad = 0
    copy_tree()
    built = build()
    if built.returncode or killer():
        sys.exit(f"the kernel without a mutant does not pass\n{built.stderr}")
    for patch in patches:
        if words and not any(word in patch.stem for word in words):
            continue
        good, text = try_mutant(patch)
        bad += not good
        print(f"{'ok    ' if good else 'NOT OK'} {patch.stem}: {text}", flush=True)
    return bad > 0


sys.exit(main())
