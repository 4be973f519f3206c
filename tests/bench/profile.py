#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""profile.py NAME [32|64]: the kernel's instructions for one operation of a benchmark, by function.

Two runs that differ only in the number of operations; the difference, for one operation.
Static functions that the compiler put inside others count there.  The build is
build/release (make DEBUG=0 BUILD=build/release all build/release/host/icnt.so),
or that of the variable BUILD."""

import bisect
import collections
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("BUILD", "build/release")
KERNEL = BUILD / "paranoid.elf"
REPETITIONS, FEW, MANY = 3, 1, 11


def functions():
    lines = subprocess.run(["nm", "-n", KERNEL], capture_output=True, text=True,
                           check=True).stdout.splitlines()
    words = [line.split() for line in lines]
    return [(int(word[0], 16), word[2]) for word in words
            if word[1] in "tT" and word[0] >= "8" and not word[2].startswith("__")]


def run(job, scale, table):
    out = BUILD / "profile.out"
    starts = [start for start, _ in table]
    plugin = f"{BUILD}/host/icnt.so,out={out},text={starts[0]:x}:{starts[-1] + 4096:x}"
    subprocess.run([ROOT / "run-qemu.sh", "--accel", "tcg", "--cpus", "1", "--icount",
                    "--kernel", KERNEL, "--initrd", BUILD / "initramfs.cpio",
                    "--cpu", "max,-erms,-fsrm",
                    "--qemu", "-plugin", "--qemu", plugin, "--qemu", "-seed", "--qemu", "1",
                    "--", job[0], "-r", str(REPETITIONS), "-k", str(scale), *job[1:]],
                   stdin=subprocess.DEVNULL, check=True)
    counts = collections.Counter()
    for pc, count in re.findall(r"^pc (\w+) (\d+)$", out.read_text(), re.M):
        counts[table[bisect.bisect_right(starts, int(pc, 16)) - 1][1]] += int(count)
    return counts


def main():
    name, bits = sys.argv[1], (sys.argv[2:] + ["64"])[0]
    source = (ROOT / "user" / "bench" / "bench.c").read_text()
    operations = int(re.search(rf'{{ "{name}", (\d+),', source).group(1))
    job = [BUILD / "user" / "bench" / f"bench{bits}", name]
    table = functions()
    counts = run(job, MANY, table)
    counts.subtract(run(job, FEW, table))
    each = {key: count / (operations * REPETITIONS * (MANY - FEW)) for key, count in counts.items()}
    for key, count in sorted(each.items(), key=lambda item: -item[1]):
        if count >= 0.5:
            print(f"{count:8.1f} {key}")
    print(f"{sum(each.values()):8.1f} of {name}, {bits}-bit")


main()
