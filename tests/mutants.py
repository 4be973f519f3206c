#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Mutants: known bugs (tests/mutants/), each of which the tests of the entry code must kill.

    make mutants                    all of them
    make mutants MUTANTS=nmi        those whose name contains it

The walk over the linked image comes first, for it costs nothing; then the check that the patch
names.  A mutant that survives it, or that the walk finds although another check is named, is a
missing test or a wrong story.
"""

import os
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))

from harness.machine import BUILD, ROOT  # noqa: E402  (after the path is set)
from harness.mutants import Check, mutants, symptom  # noqa: E402

TREE = BUILD / "mutants"
INITRD = BUILD / "initramfs.cpio"
PATHS = Check("paths")


def copy_tree():
    """What git knows; a file is written only if it differs, so that little has to be compiled."""
    TREE.mkdir(parents=True, exist_ok=True)
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True,
                           check=True).stdout
    for name in filter(None, names.split("\0")):
        source, target = ROOT / name, TREE / name
        if source.is_file() and (not target.exists() or target.read_bytes() != source.read_bytes()):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)


def build():
    done = subprocess.run(["make", "-s", f"-j{os.cpu_count()}", "kernel", "BUILD=build"], cwd=TREE,
                          capture_output=True, text=True,
                          env={**os.environ, "BUILD": "build", "MAKEFLAGS": "", "MAKELEVEL": ""})
    return None if done.returncode == 0 else "does not build: " + done.stderr[-400:]


def walk(code):
    """A subprocess, for each mutant has a header with the features and an image of its own."""
    start = ("import sys; from pathlib import Path; sys.path.insert(0, 'tests'); "
             "from harness.entryimage import *; from harness.entrypaths import *\n")
    done = subprocess.run([sys.executable, "-c", start + code], cwd=TREE, capture_output=True,
                          text=True)
    return done.stderr.strip().splitlines()[-1] if done.returncode else None


WALKS = {
    PATHS: "for f in {FSGSBASE}, set():\n"
           "    found = Walk(Path('build/paranoid.elf'), f | {SMAP, FENCE_SWAPGS}).run()\n"
           "    if found: sys.exit(found[0])",
    Check("states"): "from harness.entrystates import States\n"
                     "found = States(Path('build/paranoid.elf')).compare()[0]\n"
                     "if found: sys.exit(found[0])",
}


def kills(check, name):
    """The first symptom, or None."""
    if check in WALKS:
        return walk(WALKS[check])
    for number, boot in enumerate(check.boots()):
        found = symptom(TREE / "build/paranoid.elf", INITRD if boot[1] else TREE / "empty.cpio",
                        f"mutant-{name}-{number}", boot)
        if found:
            return found
    return None


def try_mutant(mutant, others):
    """True if the right check kills it; and what there is to say."""
    copy_tree()
    if subprocess.run(["patch", "-s", "-f", "-p1", "-i", mutant.patch], cwd=TREE).returncode:
        return False, "does not apply"
    trouble = build()
    if trouble:
        return False, trouble
    for check in dict.fromkeys([PATHS, mutant.check, *others]):
        found = kills(check, mutant.name)
        if found:
            right = check == mutant.check
            missed = "" if right else f" - expected {mutant.check.text}"
            return right, f"{check.text}: {found}{missed}"
    return False, "SURVIVED"


def check_original(checks):
    """What kills a sound kernel proves nothing."""
    copy_tree()
    (TREE / "empty.cpio").touch()
    trouble = build()
    for check in checks:
        found = trouble or kills(check, "none")
        if found:
            sys.exit(f"the kernel without a mutant does not pass: {check.text}: {found}")


def main():
    words, start = sys.argv[1:], time.monotonic()
    chosen = [m for m in mutants() if not words or any(word in m.name for word in words)]
    if not chosen:
        there = " ".join(mutant.name for mutant in mutants())
        sys.exit(f"no mutant matches {' '.join(words)}; there are {there}")
    checks = list(dict.fromkeys([PATHS, *(m.check for m in chosen)]))
    check_original(checks)
    right = walked = 0
    for mutant in chosen:
        good, text = try_mutant(mutant, checks)
        right += good
        walked += good and mutant.check in WALKS
        print(f"{'ok    ' if good else 'NOT OK'} {mutant.name}: {text}", flush=True)
    print(f"{len(chosen)} mutants, {right} killed by the check that ought to, {walked} of them by "
          f"the walk over the image alone; {time.monotonic() - start:.0f} s")
    return right != len(chosen)


sys.exit(main())
