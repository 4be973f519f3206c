# SPDX-License-Identifier: MIT
"""make debug: gdb with symbols from the first instruction to a system call."""

import os
import re
import subprocess

from harness.gdb import session
from harness.machine import BUILD, LOGS, ROOT

SCRIPT = """
printf "first %#lx\\n", $pc
continue
backtrace 1
hbreak syscall_64_end
continue
backtrace 1
info args
paranoid gs
klog
console
kill
quit
"""


def test_gdb_session(tmp_path):
    script = tmp_path / "script.gdb"
    script.write_text(SCRIPT)
    environment = {**os.environ, "GDB_ARGS": f"-batch -x {script}",
                   "DEBUG_ARGS": "--append nofsgsbase"}
    result = subprocess.run([ROOT / "tests" / "tools" / "debug.sh", BUILD / "paranoid.elf"],
                            cwd=ROOT,
                            env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                            text=True, timeout=120)
    text = result.stdout + result.stderr
    LOGS.mkdir(parents=True, exist_ok=True)
    (LOGS / "debug.out").write_text(text)
    assert "first 0xfff0" in text, text                     # the reset vector
    assert re.search(r"#0 .*kernel_main \(magic=", text), text
    assert re.search(r"#0 .*syscall_64_end \(", text), text
    assert re.search(r"GS base +0xffffffff8\w+ ", text), text
    assert "selftest: " in text, text                       # klog and console


def test_panic_waits_once_for_the_console():
    """A CPU that was stopped with the console's lock keeps no line of the page from being printed,
    and only the first one waits for it."""
    commands = {"stop": "hbreak panic_report", "start": "continue", "there": "continue",
                "stopped CPU": "set var owner = 2", "end": "hbreak machine_fail", "on": "continue",
                "owner": "print owner", "log": "klog"}
    got = dict(zip(commands, session("console", list(commands.values()),
                                     "--append ktest=panic_unknown_nmi")))
    assert "= 0\n" in got["owner"], f"owner: expected 0 (free), got {got['owner']}"
    assert "backtrace:" in got["log"], got["log"]
