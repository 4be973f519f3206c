/* SPDX-License-Identifier: MIT */
/*
 * SYSRET or IRET: which one, and why (R6.15, R6.18, R6.30).  The counters are this kernel's
 * /proc/exits; on Linux only the results are compared.  An emulator's SYSRET forgives what a CPU's
 * does not, so it is the decision that has to be looked at.
 */
#include "user/lib/file.h"
#include "user/lib/regs.h"
#include "user/lib/test.h"

long call_on_stack(void *top, void *fn, long a, long b, long c);

static char text[1024];

/* The counter's value; 0 where there are none. */
static unsigned long count(const char *name)
{
	size_t n = strlen(name);

	if (file_read("/proc/exits", text, sizeof(text)) <= 0)
		return 0;
	for (char *p = text; *p; p++)
		if ((p == text || p[-1] == '\n') && !strncmp(p, name, n) && p[n] == ' ') {
			unsigned long value = 0;

			for (p += n + 1; *p >= '0' && *p <= '9'; p++)
				value = value * 10 + (*p - '0');
			return value;
		}
	return 0;
}

/* Runs fn and tells by how much the counter has grown. */
static long growth(const char *name, void (*fn)(void))
{
	unsigned long before = count(name);

	fn();
	return (long)(count(name) - before);
}

static void calls(void)
{
	for (unsigned i = 0; i < 100; i++)
		self_pid();
}

/* getpid through SYSCALL leaves by SYSRET, through INT 0x80 by IRET. */
static void plain_calls(void)
{
	const char *way = IS_64BIT ? "sysretq" : "iret";
	long grown = growth(way, calls);

	note("%s: %ld more", way, grown);
	expect_true("a hundred calls are counted", grown >= 100 || !on_paranoid());
}

#ifdef __x86_64__
static int steps(void *unused)
{
	struct regs in = { .ax = __NR_getpid, .flags = FLAG_TF | FLAG_IF | FLAG_FIXED }, out;

	(void)unused;
	regs_syscall(&in, &out);
	return 0;
}

static void stepped_call(void)
{
	expect_status("stepped SYSCALL", child_run(steps, NULL), KILLED(SIGTRAP));
}

static void trap_flag(void)
{
	long grown = growth("iret-flags", stepped_call);

	expect_true("TF leads to IRET", grown == 1 || !on_paranoid());
}

/*
 * SYSCALL as the last two bytes of user space: RCX is the first address that user mode must not
 * have.
 */
static int calls_at_the_end(void *unused)
{
	static const unsigned char code[] = { 0xb8, __NR_getppid, 0, 0, 0, 0x0f, 0x05 };
	char *page = (char *)user_end() - PAGE;

	(void)unused;
	if (sys_mmap(page, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != (long)page)
		return 2;
	memcpy(page + PAGE - sizeof(code), code, sizeof(code));
	((void (*)(void))(page + PAGE - sizeof(code)))();
	return 3;
}

/* Where the address space is not randomised, that page holds the stack. */
static int leaves_its_stack(void *unused)
{
	char *stack = map_private(4 * PAGE);

	(void)unused;
	return (int)call_on_stack(stack + 4 * PAGE, calls_at_the_end, 0, 0, 0);
}

static void call_at_the_end(void)
{
	expect_status("SYSCALL at the end", child_run(leaves_its_stack, NULL), KILLED(SIGSEGV));
}

static void boundary(void)
{
	long grown = growth("iret-noncanonical", call_at_the_end);

	expect_true("it left by IRET", grown == 1 || !on_paranoid());
	expect_error("mmap of the page behind", sys_mmap((void *)user_end(), PAGE, PROT_READ,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0), ENOMEM);
}
#else
static void vdso_calls(void)
{
	void *entry = (void *)auxv(32, NULL);	/* AT_SYSINFO */
	long ret;

	for (unsigned i = 0; i < 100; i++)
		__asm__ volatile("call *%1" : "=a"(ret) : "m"(entry), "0"(__NR_getpid) : "memory");
}

static void fast_calls(void)
{
	const unsigned char *p = (const unsigned char *)auxv(32, NULL);
	bool fast = p && p[5] == 0x0f;
	long grown;

	if (!p)
		return skip("no vDSO for 32-bit programs");
	grown = growth(fast ? "sysretl" : "iret", vdso_calls);
	expect_true("a hundred calls are counted", grown >= 100 || !on_paranoid());
}
#endif

/* By SYSCALL, or in 32-bit programs through the vDSO. */
static int exec_self(void *unused)
{
	char *argv[] = { self_path(), "leave", NULL };

	(void)unused;
#ifdef __x86_64__
	SYS(execve, argv[0], argv, program_envp);
#else
	void *entry = (void *)auxv(32, NULL);
	long ret;

	__asm__ volatile("call *%1"
			 : "=a"(ret)
			 : "m"(entry), "0"(__NR_execve), "b"(argv[0]), "c"(argv),
			   "d"(program_envp)
			 : "memory");
#endif
	return 1;
}

static void one_exec(void)
{
	expect_status("execve", child_run(exec_self, NULL), EXITED(0));
}

/* R6.30: a new program starts with registers that are not the system call's. */
static void first_return(void)
{
	const unsigned char *p = (const unsigned char *)auxv(32, NULL);
	bool fast = IS_64BIT || (p && p[5] == 0x0f);
	long grown;

	if (!IS_64BIT && !p)
		return skip("no vDSO for 32-bit programs");
	grown = growth(IS_64BIT ? "iret-rcx" : fast ? "iret32-pad" : "iret", one_exec);
	expect_true("it left by IRET", (fast ? grown == 1 : grown >= 1) || !on_paranoid());
}

static const struct test_case cases[] = {
	{ "plain calls", plain_calls },
	{ "first return after exec", first_return },
#ifdef __x86_64__
	{ "trap flag", trap_flag },
	{ "the end of user space", boundary },
#else
	{ "calls through the vDSO", fast_calls },
#endif
};

int main(int argc, char **argv, char **envp)
{
	(void)argv, (void)envp;
	if (argc > 1)
		return 0;	/* as exec_self() has started it */
	self_path();
	return RUN_CASES(cases);
}
