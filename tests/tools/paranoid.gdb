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

hbreak kernel_main
echo Stopped before the first instruction.  "continue" runs to kernel_main; klog and console help, and \"help paranoid\".\n
