# SPDX-License-Identifier: MIT
"""The "paranoid" commands for gdb: loaded with the kernel's symbols (build/paranoid.elf-gdb.py)."""

import gdb

from machine import PREFIX


class Paranoid(gdb.Command):
    """Commands for this kernel: help paranoid lists them."""

    def __init__(self):
        super().__init__(PREFIX, gdb.COMMAND_DATA, gdb.COMPLETE_NONE, prefix=True)


Paranoid()
for name in ("printers", "gs", "frame", "ist", "threads", "alternatives", "crossing", "program",
             "doors", "back", "trace"):
    __import__(name)

gdb.execute("alias -a pa = paranoid")
