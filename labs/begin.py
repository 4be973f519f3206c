#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make lab N, make hunt N: gdb at the lab's first stop, in the kernel or in a copy with a fault.

APPEND=WORDS puts words on the kernel's command line: nofsgsbase.
"""

import os
import shlex
import subprocess
import sys

from lab import BUILD, ROOT, Lab, build_tree, with_append


def start_script(lab, part):
    """The commands that lead to the first stop."""
    script = lab.work / f"{'hunt' if part is not lab.config else 'lab'}.gdb"
    script.write_text("\n".join(["set prompt (paranoid) ", *part["start"]]) + "\n")
    return script


def debug(kernel, part, script, folder):
    machine = with_append(part["machine"], os.environ.get("APPEND"))
    environment = {**os.environ, "BUILD": str(BUILD), "GDB_ARGS": shlex.join(["-x", str(script)]),
                   "DEBUG_ARGS": f"--kernel {shlex.quote(str(kernel))} {machine}"}
    return subprocess.run([ROOT / "tests/tools/debug.sh", kernel], cwd=folder,
                          env=environment).returncode


def announce(lab, words):
    print(f"Lab {lab.number}: {lab.config['title']}\n{words}")
    print(f"  text      {lab.text.relative_to(ROOT)}")
    print(f"  answers   {(lab.work / 'answers.txt').relative_to(ROOT)}")
    print(f"  points    make grade {lab.number}", flush=True)


def begin(lab):
    announce(lab, f"  goal      {lab.config['goal']}")
    return debug(BUILD / "paranoid.elf", lab.config, start_script(lab, lab.config), ROOT)


def hunt(lab):
    lab.place_tree()
    part = lab.config["hunt"]
    announce(lab, f"  symptom   {part['symptom']}\n"
                  f"  repair    {lab.tree.relative_to(ROOT)}, and \"make hunt {lab.number}\" again")
    trouble = build_tree(lab.tree)
    if trouble:
        sys.exit(f"your copy does not build:\n{trouble}")
    return debug(lab.tree / "build/paranoid.elf", part, start_script(lab, part), lab.tree)


def main():
    kind, number = sys.argv[1], (sys.argv[2:] or [""])[0]
    lab = Lab(number)
    lab.place_answers()
    return begin(lab) if kind == "lab" else hunt(lab)


sys.exit(main())
