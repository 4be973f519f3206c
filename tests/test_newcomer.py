# SPDX-License-Identifier: MIT
"""The newcomer's path: what README says leads from a clone into the first system call, as typed."""

import os
import re
import subprocess

import pytest

from harness.machine import BUILD, LOGS, ROOT

LIMIT = 3600        # seconds; a clone has everything to build
OURS = ("BUILD", "DEBUG_ARGS", "GDB_ARGS", "MAKEFLAGS", "MAKELEVEL", "MFLAGS")
FIVE = re.compile(r"^    (make .*)\n((?:    \(gdb\) .*\n)+)", re.M)


def commands():
    """The shell's command, and gdb's."""
    shell, lines = FIVE.search((ROOT / "README.md").read_text()).groups()
    return shell, [line.split("(gdb) ")[1].partition("#")[0].strip() for line in lines.splitlines()]


def walk(name, folder, shell, gdb, **more):
    """Types them, and then looks where one is."""
    typed = "\n".join([*gdb, "paranoid gs", "kill", "quit", ""])
    fresh = {name: value for name, value in os.environ.items() if name not in OURS}
    fresh |= more
    result = subprocess.run(shell.split(), cwd=folder, env=fresh, input=typed, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT)
    LOGS.mkdir(parents=True, exist_ok=True)
    (LOGS / f"newcomer-{name}.out").write_text(result.stdout)
    assert result.returncode == 0, result.stdout[-4000:]
    text = result.stdout
    assert re.search(r"Breakpoint \d+, entry_SYSCALL_64 \(\) at entry/syscall64\.asm", text), text
    assert re.search(r"^CPL +0 .*entry_SYSCALL_64\S*$", text, re.M), text
    assert re.search(r"^live +kernel's: ring 0 behind SWAPGS", text, re.M), text


def test_five_commands():
    """Here, where all is built: what "make debug" starts."""
    shell, gdb = commands()
    assert shell == "make setup debug" and 1 + len(gdb) <= 5, (shell, gdb)
    walk("here", ROOT, f"tests/tools/debug.sh {BUILD}/paranoid.elf", gdb, BUILD=str(BUILD))


@pytest.mark.full
def test_five_commands_in_a_clean_clone(tmp_path):
    shell, gdb = commands()
    clone = tmp_path / "paranoid"
    subprocess.run(["git", "clone", "-q", ROOT, clone], check=True)
    walk("clone", clone, shell, gdb)
