/* SPDX-License-Identifier: MIT */
/*
 * The fast system calls of 32-bit programs: __kernel_vsyscall of the vDSO, and SYSENTER and SYSCALL
 * without it (R6.1, R6.2, R6.4, R6.7-R6.9, R6.11, R6.12, R6.26).
 *
 * Which of the bare instructions a CPU has, a child finds out; the vDSO's way must work wherever
 * there is a vDSO.
 */
#include "user/lib/regs.h"
#include "user/lib/test.h"
#include "user/lib/thread.h"
#include "user/lib/vdso.h"

void enter_int80(void), enter_sysenter(void), enter_syscall(void);
void enter_with(int door, long nr, long a, const void *b, long c, unsigned long sp);
void step_into(int door, long nr, long a, const void *b, long c);
long thread_by_kernel_clone(void *entry, long flags, void *stack, void *start);

enum { SYSENTER, SYSCALL, INT80, VDSO };
static struct {
	const char *name;
	void *enter;
	bool open;
} doors[] = {
	[SYSENTER] = { "SYSENTER", enter_sysenter, false },
	[SYSCALL] = { "SYSCALL", enter_syscall, false },
	[INT80] = { "INT 0x80", enter_int80, true },
	[VDSO] = { "vDSO", NULL, false },
};

static long call(int door, struct regs *in, struct regs *out)
{
	regs_call_target = doors[door].enter;
	regs_call(in, out);
	return (long)out->ax;
}

static int try_door(void *door)
{
	struct regs in = { .ax = __NR_getpid, .flags = FLAG_IF | FLAG_FIXED }, out;

	return call((int)(long)door, &in, &out) != self_pid();
}

/* R6.4: a door that leads nowhere is the program's end, by a signal. */
static void find_doors(void)
{
	doors[VDSO].enter = (void *)auxv(32, &doors[VDSO].open);	/* AT_SYSINFO */
	for (long d = SYSENTER; d <= SYSCALL; d++) {
		int status = child_run(try_door, (void *)d);

		doors[d].open = status == EXITED(0);
		note("%s is %s", doors[d].name, doors[d].open ? "open" : "closed");
		if (!doors[d].open)
			expect_true("a closed door is SIGSEGV or SIGILL",
				    status == KILLED(SIGSEGV) || status == KILLED(SIGILL));
		else
			expect_true("without a vDSO no fast door is open", doors[VDSO].open);
	}
}

/* R6.2 */
static void one_address(void)
{
	if (!doors[VDSO].open)
		return skip("no vDSO for 32-bit programs");
	expect_hex("symbol __kernel_vsyscall", (unsigned long)vdso_symbol("__kernel_vsyscall"),
		   (unsigned long)doors[VDSO].enter);
	expect_hex("ELF entry point", (unsigned long)vdso_entry_point(),
		   (unsigned long)doors[VDSO].enter);
}

static const unsigned long flag_sets[] = {
	0, FLAG_CF | FLAG_PF | FLAG_AF | FLAG_ZF | FLAG_SF | FLAG_OF, FLAG_DF, FLAG_NT, FLAG_AC,
	FLAG_ID, FLAG_NT | FLAG_AC, FLAG_CF | FLAG_DF | FLAG_NT | FLAG_AC | FLAG_OF | FLAG_ID,
};

static struct __kernel_timespec no_time;
static unsigned long no_mask[2];

/*
 * Six arguments, of which the sixth decides: pselect6 with a mask structure that is there, or not.
 */
static const struct {
	const char *name;
	unsigned long nr, bx, cx, dx, si, di, bp;
	long want;
} calls[] = {
	{ "close(-1)", __NR_close, -1ul, 0x22222222, 0x33333333, 0x44444444, 0x55555555, 0x66666666,
	  -EBADF },
	{ "no such call", 9999, 1, 2, 3, 4, 5, 6, -ENOSYS },
	{ "number -1", -1ul, 1, 2, 3, 4, 5, 6, -ENOSYS },
	{ "six arguments", __NR_pselect6_time64, 0, 0, 0, 0, (unsigned long)&no_time,
	  (unsigned long)no_mask, 0 },
	{ "six arguments, the sixth bad", __NR_pselect6_time64, 0, 0, 0, 0, (unsigned long)&no_time,
	  16, -EFAULT },
};

static void one_call(int door, unsigned c, unsigned long flags)
{
	struct regs in = { .ax = calls[c].nr, .bx = calls[c].bx, .cx = calls[c].cx,
			   .dx = calls[c].dx, .si = calls[c].si, .di = calls[c].di,
			   .bp = calls[c].bp, .flags = flags | FLAG_IF | FLAG_FIXED };
	struct regs out;
	long got = call(door, &in, &out);

	if (got != calls[c].want)
		fail("%s, %s, flags 0x%lx: expected %ld, got %ld", doors[door].name, calls[c].name,
		     flags, calls[c].want, got);
	if (out.bx != in.bx || out.cx != in.cx || out.dx != in.dx || out.si != in.si ||
	    out.di != in.di || out.bp != in.bp || out.sp != in.sp)
		fail("%s, %s, flags 0x%lx: a register has changed", doors[door].name, calls[c].name,
		     flags);
	if (out.flags != in.flags)
		fail("%s, %s: flags expected 0x%lx, got 0x%lx", doors[door].name, calls[c].name,
		     in.flags, out.flags);
}

static void registers(void)
{
	for (int d = SYSENTER; d <= VDSO; d++) {
		for (unsigned c = 0; doors[d].open && c < COUNT(calls); c++)
			for (unsigned f = 0; f < COUNT(flag_sets); f++)
				one_call(d, c, flag_sets[f]);
		note("%s: %s", doors[d].name, doors[d].open ? "all flags, all calls" : "closed");
	}
}

static int fds[2];

/* How many bytes the child has written into the pipe. */
static long written(void)
{
	char buf[8];

	return SYS(read, fds[0], buf, sizeof(buf));
}

static int write_in_steps(void *door)
{
	step_into((int)(long)door, __NR_write, fds[1], "x", 1);
	return 0;
}

/*
 * With TF, NT and AC set: the call runs once, then one SIGTRAP; neither none, nor a loop in the
 * kernel, nor an IRET that NT makes fault.
 */
static void single_step(void)
{
	for (long d = SYSENTER; d <= INT80; d++) {
		if (!doors[d].open)
			continue;
		expect_status(doors[d].name, child_run(write_in_steps, (void *)d), KILLED(SIGTRAP));
		expect_eq("bytes written by the stepped call", written(), 1);
	}
}

struct bad_stack {
	int door;
	unsigned long sp;
};

static int write_on_bad_stack(void *arg)
{
	const struct bad_stack *b = arg;

	enter_with(b->door, __NR_write, fds[1], "x", 1, b->sp);
	return 0;
}

/* R6.9: the sixth argument cannot be read, so there is no call, and the pad's pops are the end. */
static void bad_stacks(void)
{
	unsigned long end = (unsigned long)map_before_hole(PAGE) + PAGE;
	char *none = map_private(PAGE);

	SYS(mprotect, none, PAGE, PROT_NONE);
	const unsigned long stacks[] = { 0, 4, 0xffff, end, end - 2, end - 1, (unsigned long)none,
					 0xffffffff, 0xfffffffd, 0xfffffffc, 0xffffe000 };

	for (int d = SYSENTER; d <= SYSCALL; d++) {
		for (unsigned i = 0; doors[d].open && i < COUNT(stacks); i++) {
			struct bad_stack b = { d, stacks[i] };
			int status = child_run(write_on_bad_stack, &b);

			if (status != KILLED(SIGSEGV) && status != KILLED(SIGBUS))
				fail("%s, stack 0x%lx: status 0x%x", doors[d].name, b.sp,
				     (unsigned)status);
			if (written() != -EAGAIN)
				fail("%s, stack 0x%lx: the call was run", doors[d].name, b.sp);
		}
	}
	note("%u stacks", (unsigned)COUNT(stacks));
}

/* The byte behind the fast instruction.  Linux has INT 0x80 there: eax = exit(7). */
static int resume_behind(void *at)
{
	struct regs in = { .ax = __NR_exit, .bx = 7, .flags = FLAG_IF | FLAG_FIXED }, out;

	regs_call_target = at;
	regs_call(&in, &out);
	return 0;
}

/* R6.1 */
static void guard(void)
{
	const unsigned char *p = doors[VDSO].enter;
	unsigned i = 0;

	if (!p)
		return skip("no vDSO for 32-bit programs");
	while (i < 16 && !(p[i] == 0x0f && (p[i + 1] == 0x34 || p[i + 1] == 0x05)))
		i++;
	if (i == 16)
		return note("this flavour has no fast instruction");
	expect_status("resumed behind it", child_run(resume_behind, (void *)(p + i + 2)),
		      on_paranoid() ? KILLED(SIGSEGV) : EXITED(7));
}

static int fork_and_wait(void *unused)
{
	struct regs in = { .ax = __NR_fork, .flags = FLAG_IF | FLAG_FIXED }, out;
	long pid = call(VDSO, &in, &out);

	(void)unused;
	return pid ? child_wait((pid_t)pid) != EXITED(5) : 5;
}

static volatile int thread_ran;

static void __attribute__((noreturn)) clone_child(void)
{
	thread_ran = 1;
	for (;;)
		SYS(exit, 0);
}

/*
 * R6.11: fork through the fast door; a thread through __kernel_clone, which only this kernel has.
 */
static void new_tasks(void)
{
	void *entry = vdso_symbol("__kernel_clone");
	char *stack = map_private(THREAD_STACK);

	if (!doors[VDSO].open)
		return skip("no vDSO for 32-bit programs");
	expect_status("fork", child_run(fork_and_wait, NULL), EXITED(0));
	expect_true("__kernel_clone is there", entry || !on_paranoid());
	if (!entry)
		return;
	expect_ok("clone", thread_by_kernel_clone(entry, THREAD_FLAGS & ~(CLONE_PARENT_SETTID |
				CLONE_CHILD_CLEARTID), stack + THREAD_STACK, clone_child));
	expect_true("the thread ran", wait_for_value((int *)&thread_ran, 1, 10));
}

static const struct test_case cases[] = {
	{ "doors", find_doors },
	{ "AT_SYSINFO, symbol and entry point agree", one_address },
	{ "registers and flags", registers },
	{ "single step", single_step },
	{ "bad stacks", bad_stacks },
	{ "guard behind the fast instruction", guard },
	{ "fork and clone", new_tasks },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	if (SYS(pipe2, fds, O_NONBLOCK))
		test_abort("pipe2", 0);
	return RUN_CASES(cases);
}
