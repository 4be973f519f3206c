/* SPDX-License-Identifier: MIT */
/*
 * The memory system calls of both tables, for kernel/process/syscall_table_{64,32}.c: define
 * SYS64(nr, handler) and SYS32(nr, handler), then include.  nr is the name behind __NR_.
 */

SYS64(mmap, sys_mmap)
SYS64(mprotect, sys_mprotect)
SYS64(munmap, sys_munmap)
SYS64(brk, sys_brk)
SYS64(mremap, sys_mremap)
SYS64(msync, sys_msync)
SYS64(mincore, sys_mincore)
SYS64(madvise, sys_madvise)
SYS64(mlock, sys_mlock)
SYS64(munlock, sys_munlock)
SYS64(mlockall, sys_mlockall)
SYS64(munlockall, sys_munlockall)
SYS64(mlock2, sys_mlock2)

SYS32(brk, sys_brk)
SYS32(mmap, compat_sys_old_mmap)
SYS32(munmap, sys_munmap)
SYS32(mprotect, sys_mprotect)
SYS32(msync, sys_msync)
SYS32(mlock, sys_mlock)
SYS32(munlock, sys_munlock)
SYS32(mlockall, sys_mlockall)
SYS32(munlockall, sys_munlockall)
SYS32(mremap, sys_mremap)
SYS32(mmap2, compat_sys_mmap2)
SYS32(mincore, sys_mincore)
SYS32(madvise, sys_madvise)
SYS32(mlock2, sys_mlock2)
