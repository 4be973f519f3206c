/* SPDX-License-Identifier: MIT */
/*
 * sys.h - the few Linux system calls the benchmark needs, without a C library.
 *
 * 64-bit: SYSCALL.  32-bit: whatever AT_SYSINFO names (the vDSO's
 * __kernel_vsyscall), or INT 0x80 when the kernel gives no AT_SYSINFO or the
 * program was started with -i.  Every call returns the kernel's raw value,
 * so an error is a small negative number.
 */
#ifndef SYS_H
#define SYS_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef unsigned long ulong;

#define NULL ((void *)0)
#define NELEM(a) (sizeof(a) / sizeof((a)[0]))

#ifdef __x86_64__
#define BITS 64
#define NR(n64, n32) (n64)
#else
#define BITS 32
#define NR(n64, n32) (n32)
#endif

#define NR_read               NR(0, 3)
#define NR_write              NR(1, 4)
#define NR_open               NR(2, 5)
#define NR_close              NR(3, 6)
#define NR_mmap               NR(9, 192)        /* 32-bit: mmap2 */
#define NR_old_mmap           90                /* 32-bit, arguments in memory */
#define NR_old_sigaction      67                /* 32-bit */
#define NR_mprotect           NR(10, 125)
#define NR_munmap             NR(11, 91)
#define NR_rt_sigaction       NR(13, 174)
#define NR_rt_sigprocmask     NR(14, 175)
#define NR_rt_sigreturn       NR(15, 173)
#define NR_pipe               NR(22, 42)
#define NR_sched_yield        NR(24, 158)
#define NR_nanosleep          NR(35, 162)
#define NR_getpid             NR(39, 20)
#define NR_clone              NR(56, 120)
#define NR_fork               NR(57, 2)
#define NR_execve             NR(59, 11)
#define NR_exit               NR(60, 1)
#define NR_wait4              NR(61, 114)
#define NR_kill               NR(62, 37)
#define NR_ptrace             NR(101, 26)
#define NR_sched_setscheduler NR(144, 156)
#define NR_modify_ldt         NR(154, 123)
#define NR_arch_prctl         NR(158, 384)
#define NR_reboot             NR(169, 88)
#define NR_gettid             NR(186, 224)
#define NR_futex              NR(202, 240)
#define NR_clock_gettime      NR(228, 265)
#define NR_exit_group         NR(231, 252)
#define NR_set_thread_area    NR(205, 243)
#define NR_getcpu             NR(309, 318)
#define NR_finit_module       NR(313, 350)
#define NR_invalid            9999

#define EINVAL 22
#define ENOSYS 38

#define SIGILL   4
#define SIGTRAP  5
#define SIGFPE   8
#define SIGKILL  9
#define SIGUSR1 10
#define SIGSEGV 11
#define SIGCHLD 17
#define SIGSTOP 19

#define SA_SIGINFO  0x00000004
#define SA_RESTORER 0x04000000
#define SA_NODEFER  0x40000000

#define PROT_READ  1
#define PROT_WRITE 2
#define MAP_SHARED  0x01
#define MAP_PRIVATE 0x02
#define MAP_ANON    0x20

#define CLONE_VM             0x00000100
#define CLONE_FS             0x00000200
#define CLONE_FILES          0x00000400
#define CLONE_SIGHAND        0x00000800
#define CLONE_VFORK          0x00004000
#define CLONE_THREAD         0x00010000
#define CLONE_SYSVSEM        0x00040000
#define CLONE_PARENT_SETTID  0x00100000
#define CLONE_CHILD_CLEARTID 0x00200000
#define CLONE_PTHREAD (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | \
		       CLONE_THREAD | CLONE_SYSVSEM | CLONE_PARENT_SETTID | \
		       CLONE_CHILD_CLEARTID)

#define FUTEX_WAIT 0
#define FUTEX_WAKE 1

#define PTRACE_TRACEME    0
#define PTRACE_POKEUSER   6
#define PTRACE_CONT       7
#define PTRACE_SINGLESTEP 9

#define ARCH_SET_GS 0x1001
#define ARCH_SET_FS 0x1002
#define ARCH_GET_FS 0x1003

#define SCHED_FIFO 1

#define AT_NULL         0
#define AT_SYSINFO      32
#define AT_SYSINFO_EHDR 33
#define AT_HWCAP2       26
#define HWCAP2_FSGSBASE 2

/* The kernel's struct sigaction (not the C library's). */
struct ksigaction {
	void *handler;
	ulong flags;
	void (*restorer)(void);
	u64 mask;
};

/* struct user_desc of modify_ldt() and set_thread_area(). */
struct user_desc {
	u32 entry;
	u32 base;
	u32 limit;
	u32 flags;
};
#define DESC_DATA32 0x51	/* 32-bit, data, writable, limit in pages, usable */

/*
 * A marker for the icnt QEMU plugin: a 7-byte NOP whose displacement holds a
 * magic number and an id.  It does nothing on any processor.
 */
#define MARK_MAGIC 0x4d4b0000
#define MARK(id) __asm__ volatile(".byte 0x0f, 0x1f, 0x80; .long %c0" \
				  :: "i"(MARK_MAGIC | (id)))

static inline u64 tsc(void)
{
	u32 lo, hi;

	__asm__ volatile("lfence; rdtsc; lfence" : "=a"(lo), "=d"(hi) :: "memory");
	return (u64)hi << 32 | lo;
}

#ifdef __x86_64__

static inline long sys6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long ret;

	__asm__ volatile("syscall" : "=a"(ret)
			 : "0"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}

static inline long sys4(long nr, long a, long b, long c, long d)
{
	register long r10 __asm__("r10") = d;
	long ret;

	__asm__ volatile("syscall" : "=a"(ret)
			 : "0"(nr), "D"(a), "S"(b), "d"(c), "r"(r10)
			 : "rcx", "r11", "memory");
	return ret;
}

#else

extern void (*vsyscall_entry)(void);
long sys6(long nr, long a, long b, long c, long d, long e, long f);

static inline long sys4(long nr, long a, long b, long c, long d)
{
	long ret;

	__asm__ volatile("call *vsyscall_entry" : "=a"(ret)
			 : "0"(nr), "b"(a), "c"(b), "d"(c), "S"(d) : "memory");
	return ret;
}

#endif

#define sys3(n, a, b, c) sys4(n, (long)(a), (long)(b), (long)(c), 0)
#define sys2(n, a, b)    sys4(n, (long)(a), (long)(b), 0, 0)
#define sys1(n, a)       sys4(n, (long)(a), 0, 0, 0)
#define sys0(n)          sys4(n, 0, 0, 0, 0)

/*
 * clone() with a new stack; the child calls fn(arg) and then exit(0).
 * Implemented in crt.c.
 */
long clone_call(void (*fn)(void *), void *arg, void *stack_top, long flags,
		int *ptid, int *ctid);
void sig_restorer(void);
void old_sig_restorer(void);

static inline void *sys_mmap(void *at, ulong len, int prot, int flags)
{
	long ret = sys6(NR_mmap, (long)at, (long)len, prot, flags, -1, 0);

#ifndef __x86_64__
	if (ret == -ENOSYS) {
		long args[6] = { (long)at, (long)len, prot, flags, -1, 0 };

		ret = sys1(NR_old_mmap, args);
	}
#endif
	return (void *)ret;
}

static inline int is_err(const void *p)
{
	return (ulong)p > -4096UL;
}

static inline ulong str_len(const char *s)
{
	ulong n = 0;

	while (s[n])
		n++;
	return n;
}

static inline int str_eq(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

#endif
