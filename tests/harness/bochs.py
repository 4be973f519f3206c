# SPDX-License-Identifier: MIT
"""A boot in Bochs (run-bochs.sh): time is counted in instructions there, so runs are identical."""

import subprocess

from .machine import LOGS, ROOT

LIMIT = 1800    # seconds
FAILED = 250    # a panic or a refusal, of which it knows no more


def boot(name, cpu, *words, cpus=1, firmware=None):
    """Boots with these words on the command line, and a directory that harness/firmware.py made.
    What the machine printed, and its status."""
    LOGS.mkdir(parents=True, exist_ok=True)
    command = [ROOT / "run-bochs.sh", "--cpu", cpu, "--cpus", str(cpus), "--timeout", str(LIMIT),
               "--log", LOGS / f"bochs-{name}.bochs",
               *(["--firmware", firmware] if firmware else []), *words]
    result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    (LOGS / f"bochs-{name}.out").write_text(result.stdout + result.stderr)
    return result.stdout + result.stderr, result.returncode
