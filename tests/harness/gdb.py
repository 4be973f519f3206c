# SPDX-License-Identifier: MIT
"""A gdb session under "make debug" or "make rr": a script of commands, and what each printed."""

import os
import subprocess
import tempfile
from pathlib import Path

from .machine import BUILD, LOGS, ROOT

MARK = "==== command"
# An error of one command is its output, and the script goes on.
RUN = """python
def run(command):
    try:
        gdb.execute(command)
    except gdb.error as error:
        print(error)
end"""
LIMIT = 180     # seconds; gdb and QEMU need five on a quiet machine
RECORD = 900    # the same with a thousand steps, each of which waits for the host's scheduler twice


def session(name, commands, machine="", record=False, limit=LIMIT):
    """Runs the commands from the first instruction on; returns their outputs, in order.

    machine: options of run-qemu.sh.  record: as "make rr" does.  limit: seconds.  What gdb printed
    is kept in the logs as gdb-NAME.out.
    """
    lines = [RUN]
    for number, command in enumerate(commands):
        python = command.startswith("python")
        lines += [f"echo {MARK} {number}\\n", command if python else f"python run({command!r})"]
    lines += [f"echo {MARK} {len(commands)}\\n", "kill", "quit"]
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "script.gdb"
        script.write_text("\n".join(lines) + "\n")
        environment = {**os.environ, "GDB_ARGS": f"-batch -x {script}", "DEBUG_ARGS": machine}
        if record:
            environment["RECORD"] = "1"
        result = subprocess.run([ROOT / "tests/tools/debug.sh", BUILD / "paranoid.elf"], cwd=ROOT,
                                env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True,
                                timeout=RECORD if record else limit)
    LOGS.mkdir(parents=True, exist_ok=True)
    (LOGS / f"gdb-{name}.out").write_text(result.stdout)
    parts = result.stdout.split(MARK)
    assert len(parts) == len(commands) + 2, result.stdout
    return [part.split("\n", 1)[1] for part in parts[1:-1]]
