/* SPDX-License-Identifier: MIT */
/*
 * bench.c - microbenchmarks of the Linux system call interface.
 *
 * A freestanding static program that needs nothing but the kernel.  It prints
 * one "name value unit" line per benchmark.  The value is the smallest of
 * several repetitions, in time stamp counter ticks per operation, with two
 * decimals.  Under "qemu -icount shift=0" a tick is one guest instruction.
 *
 * Every benchmark runs in a forked child, so that one which the kernel does
 * not support prints "name n/a reason" and the rest go on.
 *
 *	bench [-v] [-i] [-n] [-r reps] [-k scale] [-x program] [name ...]
 *
 *	-v  also print all repetitions: "# name min median max count"
 *	-i  (32-bit) use INT 0x80 for all calls even if there is AT_SYSINFO
 *	-n  do not fork: run the benchmarks in this process
 *	-r  repetitions (default 9)
 *	-k  multiply the operations in each repetition (default 1)
 *	-x  program for the exec benchmarks (default /tiny64 or /tiny32)
 *
 * A name that ends in '*' selects all benchmarks with that prefix.
 */
#include "sys.h"

#define MAX_REPS 64

struct bench {
	const char *name;
	unsigned ops;			/* operations per repetition */
	u64 (*run)(unsigned ops);	/* returns ticks */
	int (*setup)(void);		/* returns 0 or a negative error */
	int manual;			/* run only when named */
};

static unsigned reps = 9, scale = 1, verbose, nofork;
static const char *tiny_path = BITS == 64 ? "/tiny64" : "/tiny32";
static const u8 *vdso;			/* AT_SYSINFO_EHDR */
static ulong at_sysinfo, hwcap2;
static unsigned done;			/* set by run() when it is not ops */
static u64 start_tsc;

/* ------------------------------------------------------------------ output */

static char line[256];
static unsigned line_len;

static void put(const char *s)
{
	while (*s && line_len < sizeof(line))
		line[line_len++] = *s++;
}

static void flush(void)
{
	sys3(NR_write, 1, line, line_len);
	line_len = 0;
}

/* Divide in 32-bit steps: there is no __udivdi3 here. */
static u64 div64(u64 n, u32 d, u32 *rem)
{
	u64 q = 0, r = 0;

	for (int i = 63; i >= 0; i--) {
		r = r << 1 | (n >> i & 1);
		if (r >= d) {
			r -= d;
			q |= 1ULL << i;
		}
	}
	if (rem)
		*rem = (u32)r;
	return q;
}

static void put_num(u64 n)
{
	char b[24];
	unsigned i = sizeof(b);
	u32 digit;

	b[--i] = 0;
	do {
		n = div64(n, 10, &digit);
		b[--i] = (char)('0' + digit);
	} while (n);
	put(b + i);
}

/* A number scaled by 100. */
static void put_fixed(u64 n)
{
	u32 frac;

	put_num(div64(n, 100, &frac));
	line[line_len++] = '.';
	line[line_len++] = (char)('0' + frac / 10);
	line[line_len++] = (char)('0' + frac % 10);
}

static void put_hex(ulong n)
{
	put("0x");
	for (int i = (int)sizeof(n) * 8 - 4; i >= 0; i -= 4)
		line[line_len++] = "0123456789abcdef"[n >> i & 15];
}

static void na(const char *name, const char *why, long n)
{
	put(name);
	put(" n/a ");
	put(why);
	if (n) {
		put(" ");
		put_num((u64)(n < 0 ? -n : n));
	}
	put("\n");
	flush();
}

/* ----------------------------------------------------------------- helpers */

static long sys_fork(void)
{
	return sys0(NR_fork);
}

static __attribute__((noreturn)) void sys_exit(int code)
{
	for (;;) {
		sys1(NR_exit_group, code);
		sys1(NR_exit, code);	/* a kernel without threads */
	}
}

static long wait_for(long pid, int *status)
{
	return sys4(NR_wait4, pid, (long)status, 0, 0);
}

static int old_signals;			/* 32-bit: 1 no SA_SIGINFO, 2 no rt_sigaction */

static long set_handler(int sig, void *fn)
{
	struct ksigaction sa = {
		fn, SA_SIGINFO | SA_RESTORER | SA_NODEFER, sig_restorer, 0
	};
	long ret = -ENOSYS;

	if (old_signals < 2)
		ret = sys4(NR_rt_sigaction, sig, (long)&sa, 0, 8);
#ifndef __x86_64__
	if (ret == -EINVAL) {			/* no SA_SIGINFO */
		struct ksigaction plain = {
			fn, SA_RESTORER | SA_NODEFER, old_sig_restorer, 0
		};

		ret = sys4(NR_rt_sigaction, sig, (long)&plain, 0, 8);
		old_signals = !ret;
	}
	if (ret == -ENOSYS) {
		long old[4] = {
			(long)fn, 0, SA_RESTORER | SA_NODEFER, (long)old_sig_restorer
		};

		old_signals = 2;
		ret = sys3(NR_old_sigaction, sig, old, 0);
	}
#endif
	return ret;
}

/*
 * The registers that a signal handler may change: the general registers of
 * the ucontext, its third argument, or (old signals) of the sigcontext that
 * starts where its second argument is.
 */
static inline __attribute__((always_inline)) volatile ulong *sig_regs(void *uc)
{
#ifndef __x86_64__
	if (old_signals)
		return (ulong *)__builtin_frame_address(0) + 3;
#endif
	return (ulong *)((u8 *)uc + NR(40, 20));
}

#define REG_IP    NR(16, 14)
#define REG_FLAGS NR(17, 16)

static void cpuid(u32 leaf, u32 sub, u32 r[4])
{
	__asm__ volatile("cpuid" : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3])
			 : "0"(leaf), "2"(sub));
}

/* ------------------------------------------------- calibration, pure user */

/* 2 instructions an operation: the check that a tick is an instruction. */
static u64 run_loop2(unsigned ops)
{
	u64 t = tsc();

	MARK(2);
	__asm__ volatile("1: dec %0; jnz 1b" : "+r"(ops));
	MARK(3);
	return tsc() - t;
}

/* 10 instructions an operation. */
static u64 run_loop10(unsigned ops)
{
	u64 t = tsc();

	__asm__ volatile("1: nop; nop; nop; nop; nop; nop; nop; nop; dec %0; jnz 1b"
			 : "+r"(ops));
	return tsc() - t;
}

static u64 run_rdtsc(unsigned ops)
{
	u64 t = tsc();

	__asm__ volatile("1: rdtsc; dec %0; jnz 1b" : "+r"(ops) :: "eax", "edx");
	return tsc() - t;
}

/* -------------------------------------------------------- null system call */

#ifdef __x86_64__

/* 4 instructions in user mode an operation. */
#define SYSCALL_LOOP(nr, ops) \
	__asm__ volatile("1: mov %1, %%eax; syscall; dec %0; jnz 1b" \
			 : "+r"(ops) : "i"(nr) : "rax", "rcx", "r11", "memory")

static u64 run_getpid_syscall(unsigned ops)
{
	u64 t = tsc();

	MARK(4);
	SYSCALL_LOOP(NR_getpid, ops);
	MARK(5);
	return tsc() - t;
}

static u64 run_badsys_syscall(unsigned ops)
{
	u64 t = tsc();

	SYSCALL_LOOP(NR_invalid, ops);
	return tsc() - t;
}

static int setup_syscall(void)
{
	return sys0(NR_invalid) == -ENOSYS ? 0 : -1;
}

#endif

/* INT 0x80 takes the 32-bit numbers in both modes. */
static u64 run_getpid_int80(unsigned ops)
{
	u64 t = tsc();

	__asm__ volatile("1: mov $20, %%eax; int $0x80; dec %0; jnz 1b"
			 : "+r"(ops) :: "eax", "memory");
	return tsc() - t;
}

static int setup_int80(void)
{
	int ret;

	__asm__ volatile("int $0x80" : "=a"(ret) : "0"(20) : "memory");
	return ret > 0 ? 0 : ret < 0 ? ret : -1;
}

static u64 run_badsys_int80(unsigned ops)
{
	u64 t = tsc();

	__asm__ volatile("1: mov %1, %%eax; int $0x80; dec %0; jnz 1b"
			 : "+r"(ops) : "i"(NR_invalid) : "eax", "memory");
	return tsc() - t;
}

#ifndef __x86_64__

/* Which instruction does __kernel_vsyscall use?  05 = SYSCALL, 34 = SYSENTER. */
static int vsyscall_kind(void)
{
	const u8 *p = (const u8 *)at_sysinfo;

	if (!p)
		return -1;
	for (int i = 0; i < 31; i++) {
		if (p[i] == 0x0f && (p[i + 1] == 0x05 || p[i + 1] == 0x34))
			return p[i + 1];
		if (p[i] == 0xcd && p[i + 1] == 0x80)
			return 0x80;
	}
	return 0;
}

static u64 run_getpid_vsyscall(unsigned ops)
{
	u64 t = tsc();

	__asm__ volatile("1: mov $20, %%eax; call *at_sysinfo; dec %0; jnz 1b"
			 : "+r"(ops) : "m"(at_sysinfo) : "eax", "memory");
	return tsc() - t;
}

static int setup_vsyscall(void)
{
	return vsyscall_kind() > 0 ? 0 : -ENOSYS;
}

static int setup_vsysenter(void)
{
	return vsyscall_kind() == 0x34 ? 0 : -ENOSYS;
}

static int setup_vsyscall32(void)
{
	return vsyscall_kind() == 0x05 ? 0 : -ENOSYS;
}

static int setup_vint80(void)
{
	return vsyscall_kind() == 0x80 ? 0 : -ENOSYS;
}

/*
 * SYSENTER and SYSCALL straight from the program.  The kernel returns to the
 * vDSO's landing pad, which pops %ebp, %edx, %ecx and returns, so the stack
 * must look as it does inside __kernel_vsyscall.
 */
#define FAST_LOOP(insn, ops) \
	__asm__ volatile("1: mov $20, %%eax; push $2f\n" \
			 "push %%ecx; push %%edx; push %%ebp; mov %%esp, %%ebp\n" \
			 insn "\n" \
			 "2: dec %0; jnz 1b" : "+S"(ops) :: "eax", "memory")

static u64 run_getpid_sysenter(unsigned ops)
{
	u64 t = tsc();

	FAST_LOOP("sysenter", ops);
	return tsc() - t;
}

static u64 run_getpid_syscall32(unsigned ops)
{
	u64 t = tsc();

	FAST_LOOP("syscall", ops);
	return tsc() - t;
}

static int setup_syscall32(void)
{
	u32 r[4];

	/*
	 * On Intel, SYSCALL in compatibility mode is an invalid opcode and
	 * kernels leave its entry address unset; an emulator may not know.
	 */
	cpuid(0, 0, r);
	return at_sysinfo && r[1] != 0x756e6547 ? 0 : -ENOSYS;
}

static int setup_sysenter(void)
{
	return at_sysinfo ? 0 : -ENOSYS;
}

#endif

/* -------------------------------------------------------------------- vDSO */

static void *vdso_func;

/* ELF, only as much as finding a symbol in the vDSO needs. */
#ifdef __x86_64__
struct ehdr { u8 id[16]; u16 type, machine; u32 version; u64 entry, phoff, shoff;
	u32 flags; u16 ehsize, phentsize, phnum, shentsize, shnum, shstrndx; };
struct phdr { u32 type, flags; u64 offset, vaddr, paddr, filesz, memsz, align; };
struct dyn { u64 tag, val; };
struct sym { u32 name; u8 info, other; u16 shndx; u64 value, size; };
struct shdr { u32 name, type; u64 flags, addr, offset, size; u32 link, info; u64 align, entsize; };
#else
struct ehdr { u8 id[16]; u16 type, machine; u32 version, entry, phoff, shoff;
	u32 flags; u16 ehsize, phentsize, phnum, shentsize, shnum, shstrndx; };
struct phdr { u32 type, offset, vaddr, paddr, filesz, memsz, flags, align; };
struct dyn { u32 tag, val; };
struct sym { u32 name, value, size; u8 info, other; u16 shndx; };
struct shdr { u32 name, type, flags, addr, offset, size, link, info, align, entsize; };
#endif

static void *vdso_lookup(const char *name)
{
	const struct ehdr *e = (const void *)vdso;
	const struct sym *symtab = NULL;
	const char *strtab = NULL;
	ulong bias = 0, count = 0;

	if (!vdso)
		return NULL;
	const struct phdr *p = (const void *)(vdso + e->phoff);
	for (int i = 0; i < e->phnum; i++)
		if (p[i].type == 1)
			bias = (ulong)vdso + p[i].offset - p[i].vaddr;
	for (int i = 0; i < e->phnum; i++) {
		if (p[i].type != 2)
			continue;
		const struct dyn *d = (const void *)(vdso + p[i].offset);
		for (; d->tag; d++) {
			if (d->tag == 4)	/* DT_HASH: nbucket, nchain */
				count = ((const u32 *)(d->val + bias))[1];
			else if (d->tag == 5)
				strtab = (const char *)(d->val + bias);
			else if (d->tag == 6)
				symtab = (const void *)(d->val + bias);
		}
	}
	if (!count && e->shnum) {
		const struct shdr *s = (const void *)(vdso + e->shoff);
		for (int i = 0; i < e->shnum; i++)
			if (s[i].type == 11)	/* SHT_DYNSYM */
				count = s[i].size / sizeof(struct sym);
	}
	if (!symtab || !strtab)
		return NULL;
	for (ulong i = 0; i < count; i++)
		if (symtab[i].shndx && str_eq(strtab + symtab[i].name, name))
			return (void *)(symtab[i].value + bias);
	return NULL;
}

static int setup_vdso_gettime(void)
{
	vdso_func = vdso_lookup("__vdso_clock_gettime");
	return vdso_func ? 0 : -ENOSYS;
}

static int setup_vdso_getcpu(void)
{
	vdso_func = vdso_lookup("__vdso_getcpu");
	return vdso_func ? 0 : -ENOSYS;
}

static int setup_vdso_time(void)
{
	vdso_func = vdso_lookup("__vdso_time");
	return vdso_func ? 0 : -ENOSYS;
}

static u64 run_vdso_gettime(unsigned ops)
{
	long (*fn)(int, long *) = vdso_func;
	long ts[2];
	u64 t = tsc();

	while (ops--)
		fn(1, ts);
	return tsc() - t;
}

static u64 run_vdso_getcpu(unsigned ops)
{
	long (*fn)(u32 *, u32 *, void *) = vdso_func;
	u32 cpu;
	u64 t = tsc();

	while (ops--)
		fn(&cpu, NULL, NULL);
	return tsc() - t;
}

static u64 run_vdso_time(unsigned ops)
{
	long (*fn)(long *) = vdso_func;
	u64 t = tsc();

	while (ops--)
		fn(NULL);
	return tsc() - t;
}

static int setup_sys_gettime(void)
{
	long ts[2];

	return (int)sys2(NR_clock_gettime, 1, ts);
}

static u64 run_sys_gettime(unsigned ops)
{
	long ts[2];
	u64 t = tsc();

	while (ops--)
		sys2(NR_clock_gettime, 1, ts);
	return tsc() - t;
}

/* ----------------------------------------------------------------- signals */

static volatile unsigned hits;
static unsigned skip_bytes;
static volatile unsigned steps_wanted;

static void on_signal(int sig, void *info, void *uc)
{
	(void)sig, (void)info, (void)uc;
	hits++;
}

static void on_fault(int sig, void *info, void *uc)
{
	(void)sig, (void)info;
	hits++;
	sig_regs(uc)[REG_IP] += skip_bytes;
}

static void on_step(int sig, void *info, void *uc)
{
	(void)sig, (void)info;
	if (++hits == steps_wanted)
		sig_regs(uc)[REG_FLAGS] &= ~0x100UL;
}

static int setup_sig_usr1(void)
{
	long ret = set_handler(SIGUSR1, on_signal);

	if (ret)
		return (int)ret;
	hits = 0;
	ret = sys2(NR_kill, sys0(NR_getpid), SIGUSR1);
	return ret ? (int)ret : hits == 1 ? 0 : -1;
}

static u64 run_sig_usr1(unsigned ops)
{
	long pid = sys0(NR_getpid);
	u64 t;

	hits = 0;
	t = tsc();
	for (unsigned i = 0; i < ops; i++)
		sys2(NR_kill, pid, SIGUSR1);
	t = tsc() - t;
	done = hits;
	return t;
}

static u64 run_sigaction(unsigned ops)
{
	u64 t;

	if (set_handler(SIGUSR1, on_signal))
		return 0;
	t = tsc();

	while (ops--)
		set_handler(SIGUSR1, on_signal);
	return tsc() - t;
}

static u64 run_sigprocmask(unsigned ops)
{
	u64 set = 1 << (SIGUSR1 - 1), old, t;

	if (sys4(NR_rt_sigprocmask, 0, (long)&set, (long)&old, 8))
		return 0;
	t = tsc();
	while (ops--)
		sys4(NR_rt_sigprocmask, 0, (long)&set, (long)&old, 8);
	return tsc() - t;
}

static int setup_sig_int3(void)
{
	return (int)set_handler(SIGTRAP, on_signal);
}

static u64 run_sig_int3(unsigned ops)
{
	u64 t;

	hits = 0;
	t = tsc();
	for (unsigned i = 0; i < ops; i++)
		__asm__ volatile("int3" ::: "memory");
	t = tsc() - t;
	done = hits;
	return t;
}

static int setup_sig_ill(void)
{
	skip_bytes = 2;
	return (int)set_handler(SIGILL, on_fault);
}

static u64 run_sig_ill(unsigned ops)
{
	u64 t;

	hits = 0;
	t = tsc();
	for (unsigned i = 0; i < ops; i++)
		__asm__ volatile("ud2" ::: "memory");
	t = tsc() - t;
	done = hits;
	return t;
}

static int setup_sig_fpe(void)
{
	skip_bytes = 2;
	return (int)set_handler(SIGFPE, on_fault);
}

static u64 run_sig_fpe(unsigned ops)
{
	u64 t;

	hits = 0;
	t = tsc();
	for (unsigned i = 0; i < ops; i++)	/* div %ecx: f7 f1 */
		__asm__ volatile(".byte 0xf7, 0xf1" :: "a"(1), "d"(0), "c"(0) : "memory");
	t = tsc() - t;
	done = hits;
	return t;
}

static u8 *hole;

static int setup_sig_segv(void)
{
	skip_bytes = 2;
	hole = sys_mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANON);
	if (is_err(hole))
		return -1;
	sys2(NR_munmap, hole, 4096);
	return (int)set_handler(SIGSEGV, on_fault);
}

static u64 run_sig_segv(unsigned ops)
{
	u64 t;

	hits = 0;
	t = tsc();
	for (unsigned i = 0; i < ops; i++)	/* mov (%ecx or %rcx), %al: 8a 01 */
		__asm__ volatile(".byte 0x8a, 0x01" :: "c"(hole) : "eax", "memory");
	t = tsc() - t;
	done = hits;
	return t;
}

/* EFLAGS.TF in the process itself: one #DB, SIGTRAP and sigreturn a step. */
static int setup_sig_step(void)
{
	return (int)set_handler(SIGTRAP, on_step);
}

static u64 run_sig_step(unsigned ops)
{
	u64 t;
	ulong n = ops;

	hits = 0;
	steps_wanted = ops;
	t = tsc();
	__asm__ volatile(
#ifdef __x86_64__
		"lea -128(%%rsp), %%rsp; pushf; orl $0x100, (%%rsp); popf\n"
		"1: dec %0; jnz 1b\n"
		"lea 128(%%rsp), %%rsp"
#else
		"pushf; orl $0x100, (%%esp); popf\n"
		"1: dec %0; jnz 1b"
#endif
		: "+r"(n) :: "memory", "cc");
	t = tsc() - t;
	done = hits;
	return t;
}

/* ------------------------------------------------------------------ memory */

#define FAULT_PAGES 256

static u64 touch_pages(u8 *p, unsigned pages, int write)
{
	u64 t = tsc();

	for (unsigned i = 0; i < pages; i++, p += 4096) {
		if (write)
			*(volatile u8 *)p = 1;
		else
			(void)*(volatile u8 *)p;
	}
	return tsc() - t;
}

static u64 run_fault_write(unsigned ops)
{
	u8 *p = sys_mmap(NULL, ops * 4096UL, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON);
	u64 t;

	if (is_err(p))
		return 0;
	t = touch_pages(p, ops, 1);
	sys2(NR_munmap, p, ops * 4096UL);
	return t;
}

static u64 run_fault_read(unsigned ops)
{
	u8 *p = sys_mmap(NULL, ops * 4096UL, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON);
	u64 t;

	if (is_err(p))
		return 0;
	t = touch_pages(p, ops, 0);
	sys2(NR_munmap, p, ops * 4096UL);
	return t;
}

/* Copy on write: the child of a fork writes to pages that its parent filled. */
static u64 *cow_result;

static int setup_cow(void)
{
	cow_result = sys_mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANON);
	return is_err(cow_result) ? -1 : 0;
}

static u64 run_fault_cow(unsigned ops)
{
	u8 *p = sys_mmap(NULL, ops * 4096UL, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON);
	long pid;

	if (is_err(p))
		return 0;
	touch_pages(p, ops, 1);
	*cow_result = 0;
	pid = sys_fork();
	if (pid == 0) {
		*cow_result = touch_pages(p, ops, 1);
		sys_exit(0);
	}
	wait_for(pid, NULL);
	sys2(NR_munmap, p, ops * 4096UL);
	return *cow_result;
}

static u64 run_mmap_munmap(unsigned ops)
{
	u64 t = tsc();

	while (ops--) {
		void *p = sys_mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON);
		sys2(NR_munmap, p, 4096);
	}
	return tsc() - t;
}

static u64 run_mmap_touch_munmap(unsigned ops)
{
	u64 t = tsc();

	while (ops--) {
		u8 *p = sys_mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON);
		if (is_err(p))
			return 0;
		*(volatile u8 *)p = 1;
		sys2(NR_munmap, p, 4096);
	}
	return tsc() - t;
}

static u8 *prot_page;

static int setup_mprotect(void)
{
	prot_page = sys_mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON);
	if (is_err(prot_page))
		return -1;
	*(volatile u8 *)prot_page = 1;
	return (int)sys3(NR_mprotect, prot_page, 4096, PROT_READ);
}

static u64 run_mprotect_pair(unsigned ops)
{
	u64 t = tsc();

	while (ops--) {
		sys3(NR_mprotect, prot_page, 4096, PROT_READ | PROT_WRITE);
		sys3(NR_mprotect, prot_page, 4096, PROT_READ);
	}
	return tsc() - t;
}

/* --------------------------------------------------------------- processes */

static u64 run_fork_exit_wait(unsigned ops)
{
	u64 t = tsc();

	for (unsigned i = 0; i < ops; i++) {
		long pid = sys_fork();

		if (pid == 0)
			sys_exit(0);
		if (pid < 0 || wait_for(pid, NULL) != pid)
			return 0;
	}
	return tsc() - t;
}

/* The same in a process that has 1 MiB of written memory. */
static int setup_fork_1m(void)
{
	u8 *p = sys_mmap(NULL, FAULT_PAGES * 4096UL, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANON);

	if (is_err(p))
		return -1;
	touch_pages(p, FAULT_PAGES, 1);
	return 0;
}

static int setup_exec(void)
{
	long fd = sys3(NR_open, tiny_path, 0, 0);

	if (fd < 0)
		return (int)fd;
	sys1(NR_close, fd);
	return 0;
}

static void exec_tiny(void *unused)
{
	const char *argv[] = { tiny_path, NULL };
	const char *envp[] = { NULL };

	(void)unused;
	sys3(NR_execve, tiny_path, argv, envp);
	sys_exit(127);
}

static u64 run_fork_exec_wait(unsigned ops)
{
	u64 t = tsc();

	for (unsigned i = 0; i < ops; i++) {
		int status = 0;
		long pid = sys_fork();

		if (pid == 0)
			exec_tiny(NULL);
		if (pid < 0 || wait_for(pid, &status) != pid || status)
			return 0;
	}
	return tsc() - t;
}

static u8 thread_stack[65536] __attribute__((aligned(16)));
#define STACK_TOP (thread_stack + sizeof(thread_stack))

static u64 run_vfork_exec_wait(unsigned ops)
{
	u64 t = tsc();

	for (unsigned i = 0; i < ops; i++) {
		int status = 0;
		long pid = clone_call(exec_tiny, NULL, STACK_TOP,
				      CLONE_VM | CLONE_VFORK | SIGCHLD, NULL, NULL);

		if (pid < 0 || wait_for(pid, &status) != pid || status)
			return 0;
	}
	return tsc() - t;
}

/* ----------------------------------------------------------------- threads */

static volatile int thread_tid;

static void thread_nothing(void *unused)
{
	(void)unused;
}

static long thread_start(void (*fn)(void *), void *arg)
{
	thread_tid = -1;
	return clone_call(fn, arg, STACK_TOP, CLONE_PTHREAD,
			  (int *)&thread_tid, (int *)&thread_tid);
}

static void thread_join(void)
{
	int tid;

	while ((tid = thread_tid) != 0)
		sys4(NR_futex, (long)&thread_tid, FUTEX_WAIT, tid, 0);
}

static u64 run_thread_create_join(unsigned ops)
{
	u64 t = tsc();

	while (ops--) {
		if (thread_start(thread_nothing, NULL) < 0)
			return 0;
		thread_join();
	}
	return tsc() - t;
}

static volatile int futex_word;

static u64 run_futex_wake(unsigned ops)
{
	u64 t = tsc();

	while (ops--)
		sys3(NR_futex, &futex_word, FUTEX_WAKE, 1);
	return tsc() - t;
}

/* Two threads hand a token to and fro by futexes. */
static volatile int token[2] __attribute__((aligned(64)));

static int token_wait(int me)
{
	int value;

	while (!(value = token[me]))
		sys4(NR_futex, (long)&token[me], FUTEX_WAIT, 0, 0);
	token[me] = 0;
	return value;
}

static void token_pass(int to, int value)
{
	token[to] = value;
	sys3(NR_futex, &token[to], FUTEX_WAKE, 1);
}

#define TOKEN_QUIT 2

static void futex_partner(void *unused)
{
	(void)unused;
	while (token_wait(1) != TOKEN_QUIT)
		token_pass(0, 1);
}

static u64 run_futex_pingpong(unsigned ops)
{
	u64 t;

	token[0] = token[1] = 0;
	if (thread_start(futex_partner, NULL) < 0)
		return 0;
	for (int i = 0; i < 10; i++) {
		token_pass(1, 1);
		token_wait(0);
	}
	t = tsc();
	for (unsigned i = 0; i < ops; i++) {
		token_pass(1, 1);
		token_wait(0);
	}
	t = tsc() - t;
	token_pass(1, TOKEN_QUIT);
	thread_join();
	return t;
}

/* ------------------------------------------------------------------- pipes */

static int pipe_a[2], pipe_b[2];

static int setup_pipe(void)
{
	long ret = sys1(NR_pipe, pipe_a);

	return ret ? (int)ret : (int)sys1(NR_pipe, pipe_b);
}

static u64 run_pipe_write_read(unsigned ops)
{
	char c = 'x';
	u64 t = tsc();

	while (ops--) {
		sys3(NR_write, pipe_a[1], &c, 1);
		sys3(NR_read, pipe_a[0], &c, 1);
	}
	return tsc() - t;
}

/* ops must stay below the smallest pipe: 512 bytes. */
static u64 run_pipe_write1(unsigned ops)
{
	char buf[512];
	char c = 'x';
	u64 t;

	ops = ops > 500 ? 500 : ops;
	done = ops;
	t = tsc();
	for (unsigned i = 0; i < ops; i++)
		sys3(NR_write, pipe_a[1], &c, 1);
	t = tsc() - t;
	sys3(NR_read, pipe_a[0], buf, ops);
	return t;
}

static u64 run_pipe_read1(unsigned ops)
{
	static char buf[512];
	char c;
	u64 t;

	ops = ops > 500 ? 500 : ops;
	done = ops;
	sys3(NR_write, pipe_a[1], buf, ops);
	t = tsc();
	for (unsigned i = 0; i < ops; i++)
		sys3(NR_read, pipe_a[0], &c, 1);
	return tsc() - t;
}

static long pipe_child;

static void pipe_partner(void *unused)
{
	char c;

	(void)unused;
	while (sys3(NR_read, pipe_a[0], &c, 1) == 1 && c == 'x')
		sys3(NR_write, pipe_b[1], &c, 1);
}

static u64 pipe_rounds(unsigned ops)
{
	char c = 'x';
	u64 t;

	for (int i = 0; i < 10; i++) {
		sys3(NR_write, pipe_a[1], &c, 1);
		sys3(NR_read, pipe_b[0], &c, 1);
	}
	t = tsc();
	for (unsigned i = 0; i < ops; i++) {
		sys3(NR_write, pipe_a[1], &c, 1);
		sys3(NR_read, pipe_b[0], &c, 1);
	}
	return tsc() - t;
}

static u64 run_pipe_pingpong_proc(unsigned ops)
{
	char quit = 'q';
	u64 t;

	pipe_child = sys_fork();
	if (pipe_child == 0) {
		pipe_partner(NULL);
		sys_exit(0);
	}
	t = pipe_rounds(ops);
	sys3(NR_write, pipe_a[1], &quit, 1);
	wait_for(pipe_child, NULL);
	return t;
}

static u64 run_pipe_pingpong_thread(unsigned ops)
{
	char quit = 'q';
	u64 t;

	if (thread_start(pipe_partner, NULL) < 0)
		return 0;
	t = pipe_rounds(ops);
	sys3(NR_write, pipe_a[1], &quit, 1);
	thread_join();
	return t;
}

static int null_fd;

static int setup_devnull(void)
{
	null_fd = (int)sys3(NR_open, "/dev/null", 1, 0);
	return null_fd < 0 ? null_fd : 0;
}

static u64 run_devnull_write1(unsigned ops)
{
	char c = 'x';
	u64 t = tsc();

	while (ops--)
		sys3(NR_write, null_fd, &c, 1);
	return tsc() - t;
}

static u64 run_open_close(unsigned ops)
{
	u64 t = tsc();

	while (ops--)
		sys1(NR_close, sys3(NR_open, tiny_path, 0, 0));
	return tsc() - t;
}

/* ------------------------------------------------------ sched_yield switch */

static struct yield_share {
	volatile int turn;
	volatile unsigned switches;
	volatile int ready, stop, broken;
} *ys;

static int yield_threads, yield_fifo;
static void (*yield_prepare)(int me);	/* gives each side its segment state */
static int (*yield_check)(int me);	/* is that state still there? */

static void sys_yield(void)
{
	sys0(NR_sched_yield);
}

static void note_turn(int me)
{
	if (ys->turn != me) {
		ys->turn = me;
		ys->switches++;
	}
}

static void yield_partner(void *unused)
{
	(void)unused;
	if (yield_prepare)
		yield_prepare(1);
	ys->ready = 1;
	while (!ys->stop) {
		note_turn(1);
		sys_yield();
	}
	if (yield_check && !yield_check(1))
		ys->broken = 1;
}

static int setup_yield(void)
{
	ys = sys_mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANON);
	if (is_err(ys))
		ys = sys_mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON);
	return is_err(ys) ? -1 : 0;
}

static u64 run_yield_pair(unsigned ops)
{
	int prio = 1;
	unsigned before;
	long pid = 0;
	u64 t;

	ys->turn = ys->ready = ys->stop = ys->broken = 0;
	ys->switches = 0;
	if (yield_fifo && sys3(NR_sched_setscheduler, 0, SCHED_FIFO, &prio) < 0)
		return 0;
	if (yield_threads) {
		if (thread_start(yield_partner, NULL) < 0)
			return 0;
	} else {
		pid = sys_fork();
		if (pid == 0) {
			yield_partner(NULL);
			sys_exit(0);
		}
	}
	if (yield_prepare)
		yield_prepare(0);
	/* A scheduler may let a new task wait; give up on one without MAP_SHARED. */
	for (int i = 0; i < 300000 && !ys->ready; i++)
		sys_yield();
	for (int i = 0; i < 20; i++) {
		note_turn(0);
		sys_yield();
	}
	before = ys->switches;
	t = tsc();
	for (unsigned i = 0; i < ops; i++) {
		note_turn(0);
		sys_yield();
	}
	t = tsc() - t;
	done = ys->switches - before;
	if (yield_check && !yield_check(0))
		ys->broken = 1;
	ys->stop = 1;
	if (yield_threads)
		thread_join();
	else
		wait_for(pid, NULL);
	return ys->broken ? 0 : t;
}

static u64 run_yield_alone(unsigned ops)
{
	u64 t = tsc();

	while (ops--)
		sys_yield();
	return tsc() - t;
}

static int setup_yield_thread(void)
{
	yield_threads = 1;
	return setup_yield();
}

static int setup_yield_proc_fifo(void)
{
	yield_fifo = 1;
	return setup_yield();
}

static int setup_yield_thread_fifo(void)
{
	yield_fifo = yield_threads = 1;
	return setup_yield();
}

/* Segment state.  Each side owns one 8-byte slot in each area. */
static ulong seg_area[2][2][2] __attribute__((aligned(64)));

static ulong read_fs0(void)
{
	ulong v;

	__asm__ volatile("mov %%fs:0, %0" : "=r"(v));
	return v;
}

static ulong read_gs0(void)
{
	ulong v;

	__asm__ volatile("mov %%gs:0, %0" : "=r"(v));
	return v;
}

static int seg_check(int me)
{
	return read_fs0() == 0xf500u + (u32)me && read_gs0() == 0x6500u + (u32)me;
}

static void load_fs(u16 sel)
{
	__asm__ volatile("mov %0, %%fs" :: "r"((u32)sel));
}

static void load_gs(u16 sel)
{
	__asm__ volatile("mov %0, %%gs" :: "r"((u32)sel));
}

static ulong *seg_slot(int me, int gs)
{
	ulong *slot = seg_area[me][gs];

	*slot = (gs ? 0x6500u : 0xf500u) + (u32)me;
	return slot;
}

/* LDT entries 2*me and 2*me+1, through FS and GS. */
static int ldt_status;

static void prepare_ldt(int me)
{
	for (int gs = 0; gs < 2; gs++) {
		struct user_desc d = {
			(u32)(2 * me + gs), (u32)(ulong)seg_slot(me, gs), 0xfffff, DESC_DATA32
		};

		ldt_status = (int)sys3(NR_modify_ldt, 1, &d, sizeof(d));
		if (ldt_status < 0)
			sys_exit(99);
	}
	load_fs((u16)(2 * me << 3 | 7));
	load_gs((u16)((2 * me + 1) << 3 | 7));
}

static int setup_ldt(void)
{
	struct user_desc d = { 0, (u32)(ulong)seg_slot(0, 0), 0xfffff, DESC_DATA32 };
	long ret = sys3(NR_modify_ldt, 1, &d, sizeof(d));

	yield_prepare = prepare_ldt;
	yield_check = seg_check;
	return ret < 0 ? (int)ret : setup_yield();
}

static int setup_ldt_fifo(void)
{
	yield_fifo = 1;
	return setup_ldt();
}

static int setup_ldt_thread_fifo(void)
{
	yield_fifo = yield_threads = 1;
	return setup_ldt();
}

#ifdef __x86_64__

static void wrfsbase(ulong v)
{
	__asm__ volatile("wrfsbase %0" :: "r"(v));
}

static void wrgsbase(ulong v)
{
	__asm__ volatile("wrgsbase %0" :: "r"(v));
}

static int have_fsgsbase(void)
{
	u32 r[4];

	cpuid(7, 0, r);
	return (r[1] & 1) && (hwcap2 & HWCAP2_FSGSBASE);
}

static ulong *high_slot(int me, int gs)
{
	ulong *p = sys_mmap((void *)(0x200000000UL + (ulong)(2 * me + gs) * 0x100000),
			    4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON);

	if (is_err(p) || (ulong)p >> 32 == 0)
		sys_exit(98);
	*p = (gs ? 0x6500u : 0xf500u) + (u32)me;
	return p;
}

static void prepare_fsgs_insn(int me)
{
	wrfsbase((ulong)high_slot(me, 0));
	wrgsbase((ulong)high_slot(me, 1));
}

static void prepare_fsgs_prctl(int me)
{
	if (sys2(NR_arch_prctl, ARCH_SET_FS, high_slot(me, 0)) < 0 ||
	    sys2(NR_arch_prctl, ARCH_SET_GS, high_slot(me, 1)) < 0)
		sys_exit(97);
}

static int setup_fsgs_insn(void)
{
	yield_prepare = prepare_fsgs_insn;
	yield_check = seg_check;
	return have_fsgsbase() ? setup_yield() : -ENOSYS;
}

static int setup_fsgs_insn_fifo(void)
{
	yield_fifo = 1;
	return setup_fsgs_insn();
}

static int setup_fsgs_insn_thread_fifo(void)
{
	yield_fifo = yield_threads = 1;
	return setup_fsgs_insn();
}

static int setup_fsgs_prctl(void)
{
	yield_prepare = prepare_fsgs_prctl;
	yield_check = seg_check;
	return setup_yield();
}

static int setup_fsgs_prctl_fifo(void)
{
	yield_fifo = 1;
	return setup_fsgs_prctl();
}

static u64 run_arch_prctl_set_fs(unsigned ops)
{
	ulong *slot = high_slot(0, 0);
	u64 t = tsc();

	while (ops--)
		sys2(NR_arch_prctl, ARCH_SET_FS, slot);
	return tsc() - t;
}

static u64 run_wrfsbase(unsigned ops)
{
	ulong *slot = high_slot(0, 0);
	u64 t = tsc();

	while (ops--)
		wrfsbase((ulong)slot);
	return tsc() - t;
}

static int setup_wrfsbase(void)
{
	return have_fsgsbase() ? 0 : -ENOSYS;
}

#else

/*
 * 32-bit thread-local storage: GDT entries by set_thread_area().  The first
 * call lets the kernel choose the two entries, later ones use them again.
 */
static u32 tls_entry[2] = { -1U, -1U };

static void prepare_tls(int me)
{
	for (int gs = 0; gs < 2; gs++) {
		struct user_desc d = {
			tls_entry[gs], (u32)seg_slot(me, gs), 0xfffff, DESC_DATA32
		};

		if (sys1(NR_set_thread_area, &d) < 0)
			sys_exit(96);
		tls_entry[gs] = d.entry;
		if (gs)
			load_gs((u16)(d.entry << 3 | 3));
		else
			load_fs((u16)(d.entry << 3 | 3));
	}
}

static int setup_tls(void)
{
	prepare_tls(0);
	yield_prepare = prepare_tls;
	yield_check = seg_check;
	return setup_yield();
}

static int setup_tls_fifo(void)
{
	yield_fifo = 1;
	return setup_tls();
}

#endif

/* ------------------------------------------------------------------ ptrace */

static long traced;

extern u8 step_here[];

/* A child that stops, and once continued spins over step_here. */
static int start_traced(void)
{
	int status = 0;

	traced = sys_fork();
	if (traced == 0) {
		if (sys4(NR_ptrace, PTRACE_TRACEME, 0, 0, 0) < 0)
			sys_exit(1);
		sys2(NR_kill, sys0(NR_getpid), SIGSTOP);
		__asm__ volatile(".globl step_here\n"
				 "1: nop\n"
				 "step_here: incl %0\n"
				 "jmp 1b"
				 :: "m"(futex_word));
	}
	if (traced < 0)
		return (int)traced;
	wait_for(traced, &status);
	return (status & 0xff) == 0x7f ? 0 : -1;
}

static void stop_traced(void)
{
	sys2(NR_kill, traced, SIGKILL);
	wait_for(traced, NULL);
}

static u64 trace_rounds(unsigned ops, long request)
{
	int status;
	u64 t;

	t = tsc();
	for (unsigned i = 0; i < ops; i++) {
		if (sys4(NR_ptrace, request, traced, 0, 0) < 0)
			return 0;
		wait_for(traced, &status);
		if (status != (SIGTRAP << 8 | 0x7f))
			return 0;
	}
	return tsc() - t;
}

static u64 run_ptrace_step(unsigned ops)
{
	u64 t;

	if (start_traced())
		return 0;
	t = trace_rounds(ops, PTRACE_SINGLESTEP);
	stop_traced();
	return t;
}

#define USER_DEBUGREG NR(848, 252)	/* offsetof(struct user, u_debugreg) */

static long poke_debugreg(int i, ulong v)
{
	return sys4(NR_ptrace, PTRACE_POKEUSER, traced,
		    USER_DEBUGREG + i * (long)sizeof(long), (long)v);
}

static u64 run_ptrace_hwbreak(unsigned ops)
{
	u64 t;

	if (start_traced() || poke_debugreg(0, (ulong)step_here) || poke_debugreg(7, 1))
		return 0;
	t = trace_rounds(ops, PTRACE_CONT);
	stop_traced();
	return t;
}

static u64 run_ptrace_hwwatch(unsigned ops)
{
	u64 t;

	if (start_traced() || poke_debugreg(0, (ulong)&futex_word) ||
	    poke_debugreg(7, 1 | 0xdul << 16))
		return 0;
	t = trace_rounds(ops, PTRACE_CONT);
	stop_traced();
	return t;
}

/* ------------------------------------------------------------ interruptions */

/*
 * Spin on RDTSC and print every gap above 100 ticks that comes from outside:
 * timer interrupts, and NMIs that the emulator's monitor injects.
 */
static u64 run_gaps(unsigned ops)
{
	static u32 gap[4096];
	unsigned n = 0;
	u64 last = tsc(), end = last + (u64)ops * 1000000;

	while (last < end && n < NELEM(gap)) {
		u64 now = tsc();

		if (now - last > 100)
			gap[n++] = (u32)(now - last);
		last = now;
	}
	for (unsigned i = 0; i < n; i++) {
		put("gap ");
		put_num(gap[i]);
		put("\n");
		flush();
	}
	done = 1;
	return n;
}

/* -------------------------------------------------------------------- main */

static const struct bench benches[] = {
	{ "loop2", 100000, run_loop2 },
	{ "loop10", 100000, run_loop10 },
	{ "rdtsc", 10000, run_rdtsc },
#ifdef __x86_64__
	{ "getpid_syscall", 2000, run_getpid_syscall, setup_syscall },
	{ "badsys_syscall", 2000, run_badsys_syscall, setup_syscall },
#endif
	{ "getpid_int80", 2000, run_getpid_int80, setup_int80 },
	{ "badsys_int80", 2000, run_badsys_int80, setup_int80 },
#ifndef __x86_64__
	{ "getpid_vsyscall", 2000, run_getpid_vsyscall, setup_vsyscall },
	{ "getpid_vdso_sysenter", 2000, run_getpid_vsyscall, setup_vsysenter },
	{ "getpid_vdso_syscall32", 2000, run_getpid_vsyscall, setup_vsyscall32 },
	{ "getpid_vdso_int80", 2000, run_getpid_vsyscall, setup_vint80 },
	{ "getpid_sysenter", 2000, run_getpid_sysenter, setup_sysenter },
	{ "getpid_syscall32", 2000, run_getpid_syscall32, setup_syscall32 },
#endif
	{ "vdso_clock_gettime", 2000, run_vdso_gettime, setup_vdso_gettime },
	{ "vdso_getcpu", 2000, run_vdso_getcpu, setup_vdso_getcpu },
	{ "vdso_time", 2000, run_vdso_time, setup_vdso_time },
	{ "sys_clock_gettime", 2000, run_sys_gettime, setup_sys_gettime },
	{ "sigaction", 1000, run_sigaction },
	{ "sigprocmask", 1000, run_sigprocmask },
	{ "sig_usr1", 300, run_sig_usr1, setup_sig_usr1 },
	{ "sig_int3", 300, run_sig_int3, setup_sig_int3 },
	{ "sig_ud2", 300, run_sig_ill, setup_sig_ill },
	{ "sig_div0", 300, run_sig_fpe, setup_sig_fpe },
	{ "sig_segv", 300, run_sig_segv, setup_sig_segv },
	{ "sig_tf_step", 300, run_sig_step, setup_sig_step },
	{ "fault_write", FAULT_PAGES, run_fault_write },
	{ "fault_read", FAULT_PAGES, run_fault_read },
	{ "fault_cow", FAULT_PAGES, run_fault_cow, setup_cow },
	{ "mmap_munmap", 300, run_mmap_munmap },
	{ "mmap_touch_munmap", 200, run_mmap_touch_munmap },
	{ "mprotect_pair", 300, run_mprotect_pair, setup_mprotect },
	{ "fork_exit_wait", 10, run_fork_exit_wait },
	{ "fork_exit_wait_1m", 10, run_fork_exit_wait, setup_fork_1m },
	{ "fork_exec_wait", 5, run_fork_exec_wait, setup_exec },
	{ "vfork_exec_wait", 5, run_vfork_exec_wait, setup_exec },
	{ "thread_create_join", 30, run_thread_create_join },
	{ "futex_wake", 1000, run_futex_wake },
	{ "futex_pingpong", 100, run_futex_pingpong },
	{ "pipe_write_read", 500, run_pipe_write_read, setup_pipe },
	{ "pipe_write1", 500, run_pipe_write1, setup_pipe },
	{ "pipe_read1", 500, run_pipe_read1, setup_pipe },
	{ "pipe_pingpong_proc", 100, run_pipe_pingpong_proc, setup_pipe },
	{ "pipe_pingpong_thread", 100, run_pipe_pingpong_thread, setup_pipe },
	{ "devnull_write1", 1000, run_devnull_write1, setup_devnull },
	{ "open_close", 200, run_open_close, setup_exec },
	{ "yield_alone", 500, run_yield_alone },
	{ "yield_proc", 300, run_yield_pair, setup_yield },
	{ "yield_proc_fifo", 300, run_yield_pair, setup_yield_proc_fifo },
	{ "yield_thread", 300, run_yield_pair, setup_yield_thread },
	{ "yield_thread_fifo", 300, run_yield_pair, setup_yield_thread_fifo },
#ifdef __x86_64__
	{ "yield_proc_fsgs", 300, run_yield_pair, setup_fsgs_insn },
	{ "yield_proc_fsgs_fifo", 300, run_yield_pair, setup_fsgs_insn_fifo },
	{ "yield_thread_fsgs_fifo", 300, run_yield_pair, setup_fsgs_insn_thread_fifo },
	{ "yield_proc_prctl", 300, run_yield_pair, setup_fsgs_prctl },
	{ "yield_proc_prctl_fifo", 300, run_yield_pair, setup_fsgs_prctl_fifo },
	{ "arch_prctl_set_fs", 1000, run_arch_prctl_set_fs },
	{ "wrfsbase", 1000, run_wrfsbase, setup_wrfsbase },
#else
	{ "yield_proc_tls", 300, run_yield_pair, setup_tls },
	{ "yield_proc_tls_fifo", 300, run_yield_pair, setup_tls_fifo },
#endif
	{ "yield_proc_ldt", 300, run_yield_pair, setup_ldt },
	{ "yield_proc_ldt_fifo", 300, run_yield_pair, setup_ldt_fifo },
	{ "yield_thread_ldt_fifo", 300, run_yield_pair, setup_ldt_thread_fifo },
	{ "ptrace_step", 100, run_ptrace_step },
	{ "ptrace_hwbreak", 100, run_ptrace_hwbreak },
	{ "ptrace_hwwatch", 100, run_ptrace_hwwatch },
	{ "gaps", 20, run_gaps, NULL, 1 },
};

static void sort(u64 *v, unsigned n)
{
	for (unsigned i = 1; i < n; i++) {
		u64 x = v[i];
		unsigned j = i;

		for (; j && v[j - 1] > x; j--)
			v[j] = v[j - 1];
		v[j] = x;
	}
}

static void run_bench(const struct bench *b)
{
	u64 sample[MAX_REPS];
	unsigned ops = b->ops * scale;

	/* The two page-count benchmarks must stay below a huge page. */
	if (b->ops == FAULT_PAGES)
		ops = FAULT_PAGES;
	if (b->setup) {
		int ret = b->setup();

		if (ret < 0) {
			na(b->name, "error", ret);
			return;
		}
	}
	for (unsigned r = 0; r < reps; r++) {
		u64 t;

		done = ops;
		t = b->run(ops);
		if (t == 0 || done == 0) {
			na(b->name, "failed", 0);
			return;
		}
		sample[r] = div64(t * 100 + done / 2, done, NULL);
	}
	sort(sample, reps);
	put(b->name);
	put(" ");
	put_fixed(sample[0]);
	put(" ticks\n");
	if (verbose) {
		put("# ");
		put(b->name);
		put(" ");
		put_fixed(sample[0]);
		put(" ");
		put_fixed(sample[reps / 2]);
		put(" ");
		put_fixed(sample[reps - 1]);
		put(" ");
		put_num(done);
		put("\n");
	}
	flush();
}

static void run_isolated(const struct bench *b)
{
	int status = 0;
	long pid;

	if (nofork) {
		run_bench(b);
		return;
	}
	pid = sys_fork();
	if (pid < 0) {
		na(b->name, "fork", pid);
		return;
	}
	if (pid == 0) {
		run_bench(b);
		sys_exit(0);
	}
	wait_for(pid, &status);
	if (status & 0x7f)
		na(b->name, "signal", status & 0x7f);
	else if (status)
		na(b->name, "exit", status >> 8);
}

static int selected(const struct bench *b, const char *const *names)
{
	if (!*names)
		return !b->manual;
	for (; *names; names++) {
		ulong n = str_len(*names);

		if (str_eq(*names, b->name))
			return 1;
		if (n && (*names)[n - 1] == '*') {
			ulong i = 0;

			while (i < n - 1 && (*names)[i] == b->name[i])
				i++;
			if (i == n - 1)
				return !b->manual;
		}
	}
	return 0;
}

static unsigned number(const char *s)
{
	unsigned n = 0;

	while (s && *s >= '0' && *s <= '9')
		n = n * 10 + (unsigned)(*s++ - '0');
	return n;
}

static void report_environment(void)
{
	u32 r[4];
	char vendor[13];
	long a[2], b[2];

	put("# bench" );
	put_num(BITS);
	cpuid(0, 0, r);
	for (int i = 0; i < 4; i++) {
		vendor[i] = (char)(r[1] >> i * 8);
		vendor[4 + i] = (char)(r[3] >> i * 8);
		vendor[8 + i] = (char)(r[2] >> i * 8);
	}
	vendor[12] = 0;
	put(" cpu ");
	put(vendor);
	put(" hwcap2 ");
	put_hex(hwcap2);
	put(" sysinfo ");
	put_hex(at_sysinfo);
#ifndef __x86_64__
	int kind = vsyscall_kind();
	put(kind == 0x34 ? " sysenter" : kind == 5 ? " syscall32" : kind == 0x80 ? " int80" : " none");
#endif
	put(" start_tsc ");
	put_num(start_tsc);
	put("\n");
	flush();

	/* Ticks in 10 ms of the kernel's clock, by spinning. */
	if (sys2(NR_clock_gettime, 1, a) == 0) {
		u64 t = tsc();
		long ns;

		do {
			sys2(NR_clock_gettime, 1, b);
			ns = (b[0] - a[0]) * 1000000000L + b[1] - a[1];
		} while (ns >= 0 && ns < 10000000);
		put("tsc_khz ");
		put_num(div64((tsc() - t) * 1000, (u32)(ns / 1000), NULL));
		put(" kHz\n");
		flush();
	}
}

__attribute__((noreturn, used)) void start_c(ulong *sp, u64 entry_tsc)
{
	ulong argc = sp[0];
	const char **argv = (const char **)(sp + 1), **p = argv + argc + 1;
	int force_int80 = 0;

	start_tsc = entry_tsc;
	while (*p)
		p++;
	for (ulong *aux = (ulong *)(p + 1); aux[0] != AT_NULL; aux += 2) {
		if (aux[0] == AT_SYSINFO)
			at_sysinfo = aux[1];
		else if (aux[0] == AT_SYSINFO_EHDR)
			vdso = (const u8 *)aux[1];
		else if (aux[0] == AT_HWCAP2)
			hwcap2 = aux[1];
	}
	p = argv + (argc ? 1 : 0);
	for (; *p && (*p)[0] == '-'; p++) {
		switch ((*p)[1]) {
		case 'v': verbose = 1; break;
		case 'n': nofork = 1; break;
		case 'i': force_int80 = 1; break;
		case 'r': if (p[1]) reps = number(*++p); break;
		case 'k': if (p[1]) scale = number(*++p); break;
		case 'x': if (p[1]) tiny_path = *++p; break;
		}
	}
	reps = reps < 1 ? 1 : reps > MAX_REPS ? MAX_REPS : reps;
	scale = scale ? scale : 1;
#ifdef __x86_64__
	(void)force_int80;
#else
	if (at_sysinfo && !force_int80)
		vsyscall_entry = (void (*)(void))at_sysinfo;
#endif
	report_environment();
	for (ulong i = 0; i < NELEM(benches); i++)
		if (selected(&benches[i], p))
			run_isolated(&benches[i]);
	put("# end\n");
	flush();
	sys_exit(0);
}
