/* SPDX-License-Identifier: MIT */
/*
 * What a system call leaves in the registers (spec 6.8, 6.9, R6.7, R6.25).
 *
 * INT 0x80 changes nothing but (R/E)AX: in 64-bit code that includes R8-R15.  SYSCALL, by its
 * definition, also puts the return address into RCX and the flags into R11.  The flags survive
 * both, even those that the kernel must not run with: DF, AC, NT.  Calls that fail, that switch
 * to another process and that the kernel does not have are no different.
 */
#include "user/lib/regs.h"
#include "user/lib/test.h"

#define FLAGS_BASE (FLAG_IF | FLAG_FIXED)

static const unsigned long flag_sets[] = {
	FLAGS_BASE,
	FLAGS_BASE | FLAG_CF | FLAG_PF | FLAG_AF | FLAG_ZF | FLAG_SF | FLAG_OF,
	FLAGS_BASE | FLAG_DF,
	FLAGS_BASE | FLAG_NT,
	FLAGS_BASE | FLAG_AC,
	FLAGS_BASE | FLAG_ID,
	FLAGS_BASE | FLAG_CF | FLAG_DF | FLAG_NT | FLAG_AC | FLAG_OF | FLAG_ID,
};

#ifdef __x86_64__
static const char *const names[] = { "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp", "r8",
				     "r9", "r10", "r11", "r12", "r13", "r14", "r15", "rflags" };
#define CX 2
#define R11 11
#else
static const char *const names[] = { "eax", "ebx", "ecx", "edx", "esi", "edi", "ebp", "esp",
				     "eflags" };
#endif

struct call {
	const char *name;
	unsigned long nr64, nr32;
	long a, b;
	long result;
};

static struct __kernel_old_timespec moment = { 0, 2000000 };
static int moment32[2] = { 0, 2000000 };

/* Fills every register with something that is easy to recognise, then the call's own. */
static void fill(struct regs *in, const struct call *c, bool by_int80, unsigned long flags)
{
	unsigned long *r = (unsigned long *)in;
	bool table32 = by_int80 || !IS_64BIT;

	for (unsigned i = 0; i < sizeof(*in) / sizeof(*r); i++)
		r[i] = (unsigned long)0xa5a5000011110000ull + i * (unsigned long)0x101000001ull;
	in->ax = table32 ? c->nr32 : c->nr64;
	if (table32) {
		in->bx = (unsigned long)c->a;
		in->cx = (unsigned long)c->b;
	} else {
		in->di = (unsigned long)c->a;
		in->si = (unsigned long)c->b;
	}
	in->flags = flags;
}

static void compare(const struct call *c, const struct regs *in, const struct regs *out,
		    bool by_syscall)
{
	const unsigned long *want = (const unsigned long *)in;
	const unsigned long *got = (const unsigned long *)out;

	for (unsigned i = 1; i < COUNT(names); i++) {
		unsigned long w = want[i];

#ifdef __x86_64__
		if (by_syscall && i == CX)
			w = out->ip;
		if (by_syscall && i == R11)
			w = in->flags;
#else
		(void)by_syscall;
#endif
		if (got[i] != w)
			fail("%s, flags 0x%lx: %s expected 0x%lx, got 0x%lx", c->name, in->flags,
			     names[i], w, got[i]);
	}
	if (c->result != 1 && (long)out->ax != c->result)
		fail("%s: result expected %ld, got %ld", c->name, c->result, (long)out->ax);
}

static void run_calls(void (*enter)(struct regs *, struct regs *), bool by_int80)
{
	const struct call calls[] = {
		{ "getpid", 39, 20, 0, 0, 1 },
		{ "sched_yield", 24, 158, 0, 0, 0 },
		{ "nanosleep", 35, 162,
		  by_int80 ? (long)moment32 : (long)&moment, 0, 0 },
		{ "close(-1)", 3, 6, -1, 0, -EBADF },
		{ "no such call", 9999, 9999, 0, 0, -ENOSYS },
		{ "getcwd to a bad pointer", 79, 183, 8, 4096, -EFAULT },
	};

	for (unsigned c = 0; c < COUNT(calls); c++) {
		for (unsigned f = 0; f < COUNT(flag_sets); f++) {
			struct regs in, out;

			fill(&in, &calls[c], by_int80, flag_sets[f]);
			enter(&in, &out);
			compare(&calls[c], &in, &out, !by_int80);
		}
		note("%s: %u sets of flags, %u registers compared", calls[c].name,
		     (unsigned)COUNT(flag_sets), (unsigned)COUNT(names) - 1);
	}
}

#ifdef __x86_64__
static void by_syscall(void)
{
	run_calls(regs_syscall, false);
}
#endif

static void by_int80(void)
{
	run_calls(regs_int80, true);
}

static const struct test_case cases[] = {
#ifdef __x86_64__
	{ "SYSCALL changes RAX, RCX and R11 only", by_syscall },
#endif
	{ "INT 0x80 changes the result register only", by_int80 },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	return RUN_CASES(cases);
}
