/* SPDX-License-Identifier: MIT */
/*
 * Each CPU exception that ring 3 can cause, and the signal that it becomes (SDM vol. 3, chapter 6;
 * signal(7)).  A child has the exception; its wait status tells.  Then all of it again with flags
 * that an entry into the kernel must not run with: DF, AC, NT (spec R6.7, R6.26).
 */
#include "user/lib/regs.h"
#include "user/lib/test.h"

#ifdef __x86_64__
#define SP "rsp"
#define LRET "lretq"
#else
#define SP "esp"
#define LRET "lret"
static const int limits[2] = { 0, 3 };
#endif

static unsigned short scratch[8];

/* clang-format off: one exception a line */
#define FAULT(name, ...)                                                                           \
	static void name(void)                                                                     \
	{                                                                                          \
		__asm__ volatile(__VA_ARGS__);                                                     \
	}

FAULT(divide_by_0, "xor %%edx, %%edx; xor %%ecx, %%ecx; div %%ecx" ::: "eax", "ecx", "edx")
FAULT(divide_overflow, "mov $0x80000000, %%eax; cltd; mov $-1, %%ecx; idiv %%ecx"
      ::: "eax", "ecx", "edx")
FAULT(breakpoint, "int3")
FAULT(breakpoint_long, ".byte 0xcd, 3")
FAULT(overflow_gate, "int $4")
FAULT(undefined, "ud2")
FAULT(undefined_lock, ".byte 0xf0, 0x90")
FAULT(halt, "hlt")
FAULT(disable_interrupts, "cli")
FAULT(enable_interrupts, "sti")
FAULT(port_in, "in %%dx, %%al" ::: "eax")
FAULT(port_out, "out %%al, %%dx" ::)
FAULT(read_msr, "rdmsr" ::: "eax", "edx")
FAULT(write_msr, "wrmsr" ::)
FAULT(load_idt, "lidt (%0)" ::"r"(&halt))
FAULT(load_task, "ltr %w0" ::"r"(0x40))
FAULT(clear_ts, "clts" ::)
FAULT(write_cr0, "mov %0, %%cr0" ::"r"(0ul))
FAULT(read_cr3, "mov %%cr3, %0" ::"r"(0ul))
FAULT(write_dr7, "mov %0, %%dr7" ::"r"(0ul))
FAULT(int_0, "int $0")
FAULT(int_1, ".byte 0xcd, 1")
FAULT(int_2, "int $2")
FAULT(int_8, "int $8")
FAULT(int_14, "int $14")
FAULT(int_20, "int $0x20")
FAULT(int_81, "int $0x81")
FAULT(int_ef, "int $0xef")
FAULT(int_ff, "int $0xff")
FAULT(bad_selector, "mov %0, %%ds" ::"r"(0xfff8))
FAULT(kernel_selector, "mov %0, %%es" ::"r"(0x10))
FAULT(code_in_stack_segment, "mov %0, %%ss" ::"r"(0x33))
FAULT(single_step, "pushf; orl $0x100, (%%" SP "); popf; nop; nop" ::: "memory")
FAULT(null_read, "movb (%0), %%al" ::"r"(0ul) : "eax")
FAULT(kernel_jump, "jmp *%0" ::"r"(-4096l))
FAULT(bad_far_return, "push $0x1234; push $0; " LRET ::: "memory")
FAULT(kernel_far_return, "push $0x10; push $0; " LRET ::: "memory")
FAULT(x87_divide, "fninit; fnstcw (%0); andb $0xfb, (%0); fldcw (%0); fld1; fldz; fdivrp; fwait"
      ::"r"(scratch) : "memory")
#ifdef __x86_64__
FAULT(non_canonical, "movb (%0), %%al" ::"r"(0x800000000000) : "eax")
FAULT(non_canonical_jump, "jmp *%0" ::"r"(0x800000000000))
FAULT(into_is_invalid, ".byte 0xce")
FAULT(bad_iret, "push $0; push $0; push $2; push $0x10; push $0; iretq" ::: "memory")
FAULT(iret_nt, "pushfq; orl $0x4000, (%%rsp); popfq; iretq" ::: "memory")
FAULT(null_stack_selector, "mov %0, %%ss" ::"r"(0))
#else
FAULT(into, "mov $0x7fffffff, %%eax; inc %%eax; into" ::: "eax")
FAULT(bound, "mov $9, %%eax; bound %%eax, (%0)" ::"r"(limits) : "eax")
#endif

/* clang-format on */

#define ENTRY(name, signal) { #name, name, signal }
static const struct fault {
	const char *name;
	void (*run)(void);
	int signal;
} table[] = {
	ENTRY(divide_by_0, SIGFPE),
	ENTRY(divide_overflow, SIGFPE),
	ENTRY(breakpoint, SIGTRAP),
	ENTRY(breakpoint_long, SIGTRAP),
	ENTRY(overflow_gate, SIGSEGV),
	ENTRY(undefined, SIGILL),
	ENTRY(undefined_lock, SIGILL),
	ENTRY(halt, SIGSEGV),
	ENTRY(disable_interrupts, SIGSEGV),
	ENTRY(enable_interrupts, SIGSEGV),
	ENTRY(port_in, SIGSEGV),
	ENTRY(port_out, SIGSEGV),
	ENTRY(read_msr, SIGSEGV),
	ENTRY(write_msr, SIGSEGV),
	ENTRY(load_idt, SIGSEGV),
	ENTRY(load_task, SIGSEGV),
	ENTRY(clear_ts, SIGSEGV),
	ENTRY(write_cr0, SIGSEGV),
	ENTRY(read_cr3, SIGSEGV),
	ENTRY(write_dr7, SIGSEGV),
	ENTRY(int_0, SIGSEGV),
	ENTRY(int_1, SIGSEGV),
	ENTRY(int_2, SIGSEGV),
	ENTRY(int_8, SIGSEGV),
	ENTRY(int_14, SIGSEGV),
	ENTRY(int_20, SIGSEGV),
	ENTRY(int_81, SIGSEGV),
	ENTRY(int_ef, SIGSEGV),
	ENTRY(int_ff, SIGSEGV),
	ENTRY(bad_selector, SIGSEGV),
	ENTRY(kernel_selector, SIGSEGV),
	ENTRY(code_in_stack_segment, SIGSEGV),
	ENTRY(single_step, SIGTRAP),
	ENTRY(null_read, SIGSEGV),
	ENTRY(kernel_jump, SIGSEGV),
	ENTRY(bad_far_return, SIGSEGV),
	ENTRY(kernel_far_return, SIGSEGV),
	ENTRY(x87_divide, SIGFPE),
#ifdef __x86_64__
	ENTRY(non_canonical, SIGSEGV),
	ENTRY(non_canonical_jump, SIGSEGV),
	ENTRY(into_is_invalid, SIGILL),
	ENTRY(bad_iret, SIGSEGV),
	ENTRY(iret_nt, SIGSEGV),
	ENTRY(null_stack_selector, SIGSEGV),
#else
	ENTRY(into, SIGSEGV),
	ENTRY(bound, SIGSEGV),
#endif
};

static unsigned long extra_flags;

static int have_fault(void *fault)
{
	unsigned long flags = FLAG_IF | FLAG_FIXED | extra_flags;

	__asm__ volatile("push %0; popf" : : "r"(flags) : "memory", "cc");
	((const struct fault *)fault)->run();
	return 99;
}

static void run_all(unsigned long flags, bool quiet)
{
	extra_flags = flags;
	for (unsigned i = 0; i < COUNT(table); i++) {
		int status = child_run(have_fault, (void *)(uintptr_t)&table[i]);

		if (!quiet)
			expect_status(table[i].name, status, KILLED(table[i].signal));
		else if (status != KILLED(table[i].signal))
			fail("%s: expected signal %d, got status 0x%x", table[i].name,
			     table[i].signal, (unsigned)status);
	}
	if (quiet)
		note("%u exceptions with flags 0x%lx", (unsigned)COUNT(table), flags);
}

static void plain(void)
{
	run_all(0, false);
}

/* AC needs no unaligned access here to be dangerous: in the kernel it would switch SMAP off. */
static void with_flags(void)
{
	run_all(FLAG_DF, true);
	run_all(FLAG_AC, true);
	run_all(FLAG_DF | FLAG_AC | FLAG_CF | FLAG_OF | FLAG_ID, true);
}

/* NT changes IRET in ring 3 itself, and a far return does not care. */
static void with_nt(void)
{
	run_all(FLAG_NT, true);
}

/* #SS.  QEMU's TCG raises #GP here (spec 10.2 is about such differences): either will do. */
static int wild_stack(void *unused)
{
	(void)unused;
#ifdef __x86_64__
	__asm__ volatile("mov %0, %%rsp; push %%rax" : : "r"(0x8000000000000000) : "memory");
#else
	__asm__ volatile("mov %0, %%esp; push %%eax" : : "r"(16) : "memory");
#endif
	return 0;
}

static void stack_exception(void)
{
	int status = child_run(wild_stack, NULL);

	if (IS_64BIT && status == KILLED(SIGBUS))
		expect_status("push to a non-canonical address", status, KILLED(SIGBUS));
	else
		expect_status("push to a bad address", status, KILLED(SIGSEGV));
}

#ifdef __i386__
static int null_segment(void *unused)
{
	(void)unused;
	__asm__ volatile("mov %0, %%es; movb %%es:(%1), %%al" : : "r"(0), "r"(limits) : "eax");
	return 0;
}

static void null_segment_access(void)
{
	int status = child_run(null_segment, NULL);

	if (status == EXITED(0))
		return skip("this CPU does not check null segments (QEMU's TCG does not)");
	expect_status("read through a null ES", status, KILLED(SIGSEGV));
}
#endif

static int unaligned(void *unused)
{
	static int words[2];

	(void)unused;
	__asm__ volatile("pushf; orl $0x40000, (%%" SP "); popf; movl 1(%0), %%eax"
			 : : "r"(words) : "eax", "memory");
	return 0;
}

static void alignment_check(void)
{
	int status = child_run(unaligned, NULL);

	/* QEMU's TCG before 9 has no alignment check; hardware has. */
	if (status == EXITED(0))
		return skip("this CPU does not check alignment");
	expect_status("unaligned access with AC", status, KILLED(SIGBUS));
}

static int sse_divide(void *unused)
{
	static const unsigned mxcsr = 0x1d80;	/* divide-by-zero unmasked */
	static const float one[4] __attribute__((aligned(16))) = { 1, 1, 1, 1 };

	(void)unused;
	__asm__ volatile("ldmxcsr %0; xorps %%xmm1, %%xmm1; movaps %1, %%xmm0; divps %%xmm1, %%xmm0"
			 : : "m"(mxcsr), "m"(one));
	return 0;
}

static void simd_exception(void)
{
	int status = child_run(sse_divide, NULL);

	if (status == EXITED(0))
		return skip("this CPU raises no SIMD exception");
	expect_status("SSE division by 0", status, KILLED(SIGFPE));
}

static const struct test_case cases[] = {
	{ "every exception", plain },
	{ "with DF and AC set", with_flags },
	{ "with NT set", with_nt },
	{ "stack exception", stack_exception },
#ifdef __i386__
	{ "null segment", null_segment_access },
#endif
	{ "alignment check", alignment_check },
	{ "SIMD exception", simd_exception },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	return RUN_CASES(cases);
}
