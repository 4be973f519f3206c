# SPDX-License-Identifier: MIT
#
# Settings and commands for "make debug".  No "set architecture": the 64-bit symbol file serves
# the 32-bit start as well, and QEMU's register packet keeps its size ("monitor x/4i $pc"
# disassembles 32-bit code rightly).

set pagination off
set confirm off
set disassemble-next-line on
set print pretty on

define console
	shell tail -n 40 ${BUILD:-build}/debug.out
end
document console
The last lines of the guest's console.
end

define klog
	if log_end > sizeof(log_ring)
		printf "%s", &log_ring[log_end % sizeof(log_ring)]
	end
	printf "%s", (char *)log_ring
end
document klog
The kernel's log, from memory.
end

# One CPU at a time: the others wait while one steps.  QEMU itself holds interrupts and timers back
# during a step (qemu.sstep, all three bits by default).
set scheduler-locking step

# A door that waits for C is a signal frame (entry/cfi.inc).  gdb writes "<signal handler called>" for
# these; here they get the door's name and the line of its CALL.
python
import re
import gdb.FrameDecorator

class Door(gdb.FrameDecorator.FrameDecorator):
    def __init__(self, base):
        super().__init__(base)
        frame = self.inferior_frame()
        self.door = frame if frame.type() == gdb.SIGTRAMP_FRAME else None

    def function(self):
        if self.door and self.door.name():
            return re.split(r"[.\[]", self.door.name())[0]
        name = super().function()
        return name if isinstance(name, str) or self.inferior_frame().name() else "??"

    def call(self):
        return gdb.find_pc_line(self.door.pc() - 1)

    def filename(self):
        return self.call().symtab.filename if self.door else super().filename()

    def line(self):
        return self.call().line if self.door else super().line()

class Doors:
    name, enabled, priority = "doors", True, 100

    def filter(self, frames):
        return map(Door, frames)

gdb.frame_filters["doors"] = Doors()
end

hbreak kernel_main
echo Stopped before the first instruction.  "continue" runs to kernel_main; klog and console help, and \"help paranoid\".\n
