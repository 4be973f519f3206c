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

define gs
	printf "GS base %#018lx   KERNEL_GS_BASE %#018lx   FS base %#018lx\n", $gs_base, $k_gs_base, $fs_base
	printf "CS %#x   CR3 %#lx   CR2 %#lx   RFLAGS %#x\n", $cs, $cr3, $cr2, $eflags
end
document gs
Both GS bases, FS base and where we are.
end

hbreak kernel_main
echo Stopped before the first instruction.  "continue" runs to kernel_main; klog, gs and console help.\n
