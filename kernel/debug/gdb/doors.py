# SPDX-License-Identifier: MIT
"""Backtraces name the doors.  One that waits for C is a signal frame (entry/cfi.inc), for which gdb
would write "<signal handler called>"; here it gets its name and the line of its CALL."""

import re

import gdb
import gdb.FrameDecorator


class Door(gdb.FrameDecorator.FrameDecorator):
    def __init__(self, base):
        super().__init__(base)
        frame = self.inferior_frame()
        self.door = frame if frame.type() == gdb.SIGTRAMP_FRAME and frame.name() else None

    def call(self):
        return gdb.find_pc_line(self.door.pc() - 1)

    def function(self):
        if self.door:
            return re.split(r"[.\[]", self.door.name())[0]     # without a local label
        name = super().function()
        return name if isinstance(name, str) or self.inferior_frame().name() else "??"

    def filename(self):
        return self.call().symtab.filename if self.door else super().filename()

    def line(self):
        return self.call().line if self.door else super().line()


class Doors:
    name, enabled, priority = "doors", True, 100

    def filter(self, frames):
        return map(Door, frames)


gdb.frame_filters["doors"] = Doors()
