/* SPDX-License-Identifier: MIT */
/*
 * R8-R15 of a 32-bit program, before and after its system calls (R6.12, R6.25).
 *
 * A 32-bit program cannot name these registers, but a far jump to the 64-bit code segment lets it
 * read them.  SYSENTER and SYSCALL do not promise to keep them; what comes back must be the
 * program's own value or 0, for anything else the kernel has left there (CVE-2009-2910).  SYSRETL
 * loads the flags from R11.  INT 0x80 keeps all eight.
 */
#include "user/lib/regs.h"
#include "user/lib/test.h"

#define HIGH_COUNT 8

/* user/lib/wide32.asm */
extern uint64_t high_before[HIGH_COUNT], high_after[HIGH_COUNT];
extern void *high_door;
void enter_high(void), enter_int80(void);

static char buf[512];
static struct __kernel_timespec no_time, moment = { 0, 1000000 };
static unsigned long no_mask[2];

/* Short ones and long ones: what C leaves in R8-R11 depends on how far the call gets. */
static const struct {
	const char *name;
	unsigned long nr, bx, cx, dx, si, di, bp;
} calls[] = {
	{ "getppid", .nr = __NR_getppid },
	{ "no such call", .nr = 9999 },
	{ "close(-1)", .nr = __NR_close, .bx = -1ul },
	{ "sched_yield", .nr = __NR_sched_yield },
	{ "clock_nanosleep", .nr = __NR_clock_nanosleep_time64, .bx = 1,
	  .dx = (unsigned long)&moment },
	{ "clock_gettime", .nr = __NR_clock_gettime64, .bx = 1, .cx = (unsigned long)buf },
	{ "uname", .nr = __NR_uname, .bx = (unsigned long)buf },
	{ "sysinfo", .nr = __NR_sysinfo, .bx = (unsigned long)buf },
	{ "getcwd", .nr = __NR_getcwd, .bx = (unsigned long)buf, .cx = sizeof(buf) },
	{ "getcwd to a bad pointer", .nr = __NR_getcwd, .bx = 8, .cx = 4096 },
	{ "readlink", .nr = __NR_readlink, .bx = (unsigned long)"/proc/self/exe",
	  .cx = (unsigned long)buf, .dx = sizeof(buf) },
	{ "open", .nr = __NR_open, .bx = (unsigned long)"/no/such/file" },
	{ "open to a bad pointer", .nr = __NR_open, .bx = 8 },
	{ "rt_sigprocmask", .nr = __NR_rt_sigprocmask, .dx = (unsigned long)buf, .si = 8 },
	{ "mprotect", .nr = __NR_mprotect, .bx = 1, .cx = 4096 },
	{ "pselect6", .nr = __NR_pselect6_time64, .di = (unsigned long)&no_time,
	  .bp = (unsigned long)no_mask },
	{ "write to a bad descriptor", .nr = __NR_write, .bx = -1ul, .cx = (unsigned long)buf,
	  .dx = 8 },
};

static bool allowed(unsigned i, bool kept, const struct regs *out)
{
	uint64_t got = high_after[i];

	if (got == high_before[i])
		return true;
	return !kept && (!got || (i + 8 == 11 && got == out->flags));
}

static void one_call(unsigned c, bool kept)
{
	struct regs in = { .ax = calls[c].nr, .bx = calls[c].bx, .cx = calls[c].cx,
			   .dx = calls[c].dx, .si = calls[c].si, .di = calls[c].di,
			   .bp = calls[c].bp, .flags = FLAG_IF | FLAG_FIXED }, out;

	for (unsigned i = 0; i < HIGH_COUNT; i++)
		high_before[i] = 0xa5a5000011110000ull + i * 0x101000001ull;
	memset(high_after, 0xee, sizeof(high_after));
	regs_call(&in, &out);
	for (unsigned i = 0; i < HIGH_COUNT; i++)
		if (!allowed(i, kept, &out))
			fail("%s: R%u expected 0x%llx%s, got 0x%llx", calls[c].name, i + 8,
			     (unsigned long long)high_before[i], kept ? "" : " or 0",
			     (unsigned long long)high_after[i]);
}

static void through(void *door, bool kept)
{
	regs_call_target = enter_high;
	high_door = door;
	for (unsigned c = 0; c < COUNT(calls); c++)
		one_call(c, kept);
	note("%u calls, R8-R15 compared", (unsigned)COUNT(calls));
}

static void fast(void)
{
	bool found;
	void *vsyscall = (void *)auxv(32, &found);	/* AT_SYSINFO */

	if (!found)
		return skip("no vDSO for 32-bit programs");
	through(vsyscall, false);
}

static void by_int80(void)
{
	through(enter_int80, true);
}

static const struct test_case cases[] = {
	{ "the fast door leaves nothing of the kernel's", fast },
	{ "INT 0x80 keeps them", by_int80 },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	return RUN_CASES(cases);
}
