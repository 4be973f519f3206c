#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prints the table of doors and states for docs/ENTRY.md,
from the linked kernel and entry/states.txt."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness import entrystates     # noqa: E402
from harness.machine import BUILD   # noqa: E402

print("\n".join(entrystates.markdown(entrystates.States(BUILD / "paranoid.elf"))))
