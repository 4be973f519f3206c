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

python
def log_text():
    """What the ring of boot/console.c holds, oldest first."""
    ring, end = gdb.parse_and_eval("log_ring"), int(gdb.parse_and_eval("log_end"))
    text = bytes(gdb.selected_inferior().read_memory(ring.address, ring.type.sizeof))
    at = end % len(text)
    text = text[at:] + text[:at] if end > len(text) else text[:end]
    return text.decode(errors="replace").replace("\0", "")
end

define klog
	python print(log_text(), end="")
end
document klog
The kernel's log, from memory.
end

# One CPU at a time: the others wait while one steps.  QEMU itself holds interrupts and timers back
# during a step (qemu.sstep, all three bits by default).
set scheduler-locking step

hbreak kernel_main
echo Stopped before the first instruction.  "continue" runs to kernel_main; klog and console help, and \"help paranoid\".\n
