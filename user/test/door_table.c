/* SPDX-License-Identifier: MIT */
/*
 * The table of all doors: each of them with every flag, on every stack, with every kind of call
 * (R6.7, R6.9, R6.12, R6.13, R6.20, R6.26).
 *
 * SYSCALL of 64-bit code and INT 0x80 touch no user stack: whatever the stack pointer is, the call
 * runs and all registers survive.  SYSENTER and the 32-bit SYSCALL take the sixth argument from
 * there, and the landing pad pops three words and returns; if the first word cannot be read there
 * is no call, and the pad's POP is the end.
 */
#include "user/lib/handler.h"
#include "user/lib/test.h"
#include "user/lib/vdso.h"
#include "user/test/door_table.h"

#define ALT_SIZE (64 * 1024)
#define LANDING_POPS 3

/* What the handlers saw. */
static const struct door *door;
static volatile struct {
	unsigned before, at_end, between, stray, restarts;
	int fault;
	unsigned long ax, ip;
} seen;

static bool in_vdso(unsigned long ip)
{
	return vdso_base() && ip - (unsigned long)vdso_base() < 2 * PAGE;
}

static void on_trap(int signo, siginfo_t *info, struct ucontext *uc)
{
	const char *ip = (const char *)REG(uc, ip);

	(void)signo, (void)info;
	if (ip == door->at) {
		seen.before++;
	} else if (ip == door->end) {
		seen.at_end++;
		REG_FLAGS(uc) &= ~FLAG_TF;
	} else if (in_vdso(REG(uc, ip))) {
		seen.between++;
	} else {
		seen.stray++;
	}
}

static void on_fault(int signo, siginfo_t *info, struct ucontext *uc)
{
	(void)info;
	seen.fault = signo;
	seen.ax = REG(uc, ax);
	seen.ip = REG(uc, ip);
	REG(uc, ip) = (unsigned long)door_leave;
	REG_FLAGS(uc) &= ~FLAG_TF;
}

static void on_signal(int signo, siginfo_t *info, struct ucontext *uc)
{
	(void)signo, (void)info, (void)uc;
	seen.restarts++;
	SYS(write, fds[1], "x", 1);
}

static int interrupt_it(void *pid)
{
	child_wait_asleep((pid_t)(long)pid);
	SYS(kill, (long)pid, SIGUSR1);
	return 0;
}

static void load_arguments(const struct call *c)
{
	unsigned long *const regs32[] = { &door_in.bx, &door_in.cx, &door_in.dx,
					  &door_in.si, &door_in.di, &door_in.bp };
#ifdef __x86_64__
	unsigned long *const regs64[] = { &door_in.di,	&door_in.si, &door_in.dx,
					  &door_in.r10, &door_in.r8, &door_in.r9 };
#else
	unsigned long *const *const regs64 = regs32;
#endif

	for (unsigned i = 0; i < 6; i++)
		*(door->table32 ? regs32 : regs64)[i] = c->arg[i];
}

/* Fast doors: the words that the landing pad pops, and the two registers that are used up. */
static void prepare_fast(const struct stack *s)
{
	unsigned long *word = (unsigned long *)s->sp;
	const unsigned long words[] = { door_in.bp, door_in.dx, door_in.cx,
					(unsigned long)door->after };

	for (unsigned i = 0; i < s->words; i++)
		word[i] = words[i];
	door_in.bp = door->enter == door_syscall ? door_in.cx : s->sp;
}

static void fill(const struct stack *s, const struct call *c, unsigned long flags)
{
	unsigned long *r = (unsigned long *)&door_in;

	for (unsigned i = 0; i < sizeof(door_in) / sizeof(*r); i++)
		r[i] = (unsigned long)0x5a5a000011110000ull + i * (unsigned long)0x101000001ull;
	door_in.ax = door->table32 ? c->nr32 : c->nr64;
	door_in.sp = s->sp;
	door_in.flags = flags | FLAG_IF | FLAG_FIXED;
	load_arguments(c);
}

static unsigned f, s, c;	/* the cell */

static void cell_failed(const char *what, unsigned long want, unsigned long got)
{
	fail("%s, %s, %s, %s: %s: expected 0x%lx, got 0x%lx", door->name, flag_sets[f].name,
	     stacks[s].name, calls[c].name, what, want, got);
}

/* The call has run, and came back. */
static void check_return(struct regs want)
{
	static const char *const names[] = { "ax", "bx", "cx", "dx", "si", "di", "bp", "sp",
#ifdef __x86_64__
		"r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
#endif
		"flags" };
	const unsigned long *w = (const unsigned long *)&want;
	const unsigned long *g = (const unsigned long *)&door_out;

	want.ax = calls[c].want == ANY_RESULT && c != READ ? (unsigned long)self_pid()
							     : (unsigned long)calls[c].want;
	want.sp += door->fast ? 4 * sizeof(long) : 0;
	want.flags &= ~(FLAG_IOPL | FLAG_TF);
#ifdef __x86_64__
	if (!door->table32) {
		want.cx = (unsigned long)door->after;
		want.r11 = want.flags | (flag_sets[f].bits & FLAG_TF);
	}
#endif
	for (unsigned i = 0; i < COUNT(names); i++)
		if (g[i] != w[i])
			cell_failed(names[i], w[i], g[i]);
}

static void check_traps(bool returned)
{
	bool tf = flag_sets[f].bits & FLAG_TF;

	if (seen.before != tf)
		cell_failed("traps before the door", tf, seen.before);
	if (seen.at_end != (tf && returned))
		cell_failed("traps behind the door", tf && returned, seen.at_end);
	if (returned && door->any_stack && seen.between != (tf && door->fast ? LANDING_POPS : 0))
		cell_failed("traps on the landing pad", LANDING_POPS, seen.between);
	if (seen.stray)
		cell_failed("traps elsewhere", 0, seen.stray);
}

/* Fast doors: the fault of the landing pad's POP, or of its RET, where the stack ends. */
static void check_fault(const struct stack *at)
{
	unsigned long pad = seen.ip - (at->words ? 1 : 0);
	const unsigned char *code = (const unsigned char *)pad - 2;
	long ax = at->words ? calls[c].want : -EFAULT;

	if (seen.fault != SIGSEGV && seen.fault != SIGBUS)
		return cell_failed("signal", SIGSEGV, (unsigned long)seen.fault);
	if (!in_vdso(pad) || code[0] != 0xcd || code[1] != 0x80)
		cell_failed("place of the fault, behind INT", 0x80cd, pad);
	if ((long)seen.ax != ax && !(at->words && ax == ANY_RESULT))
		cell_failed("result at the fault", (unsigned long)ax, seen.ax);
}

static void cell(void)
{
	struct regs want;
	pid_t helper = 0;
	bool runs = !door->fast || stacks[s].words;

	calls[READ].arg[0] = (unsigned long)fds[0];
	fill(&stacks[s], &calls[c], flag_sets[f].bits);
	want = door_in;
	if (door->fast)
		prepare_fast(&stacks[s]);
	memset((void *)&seen, 0, sizeof(seen));
	if (c == READ && runs)
		helper = child_start(interrupt_it, (void *)(long)self_pid());
	door->enter();
	if (helper)
		child_wait(helper);
	if (seen.restarts != (c == READ && runs))
		cell_failed("signals during the call", c == READ && runs, seen.restarts);
	check_traps(!seen.fault);
	if (door->fast && stacks[s].words < 4)
		check_fault(&stacks[s]);
	else if (seen.fault)
		cell_failed("signal", 0, (unsigned long)seen.fault);
	else
		check_return(want);
}

static int try_door(void *which)
{
	door = which;
	fill(&stacks[0], &calls[2], 0);
	if (door->fast)
		prepare_fast(&stacks[0]);
	door->enter();
	return seen.fault || (long)door_out.ax != -ENOSYS;
}

static void make_stacks(void)
{
	char *good = map_private(PAGE), *end = map_before_hole(PAGE) + PAGE;

	stacks[0].sp = (unsigned long)good + PAGE / 2;
	stacks[1].sp = (unsigned long)end + 256;
	stacks[2].sp = (unsigned long)end - sizeof(long) / 2;
	stacks[3].sp = (unsigned long)end - sizeof(long);
}

static void prepare(void)
{
	handle(SIGTRAP, on_trap, SA_ONSTACK);
	handle(SIGSEGV, on_fault, SA_ONSTACK);
	handle(SIGBUS, on_fault, SA_ONSTACK);
	handle(SIGUSR1, on_signal, SA_ONSTACK | SA_RESTART);
	set_altstack(map_private(ALT_SIZE), ALT_SIZE, 0);
	make_stacks();
#ifndef __x86_64__
	door_target = (void *)auxv(32, NULL);	/* AT_SYSINFO */
#endif
}

static void doors_of_this_machine(void)
{
	for (unsigned d = 0; d < COUNT(doors); d++) {
		if (!doors[d].open)
			doors[d].open = vdso_base() &&
					child_run(try_door, &doors[d]) == EXITED(0);
		note("%s is %s", doors[d].name, doors[d].open ? "open" : "closed");
	}
}

static void one_call(unsigned which)
{
	unsigned cells = 0;

	c = which;
	for (door = doors; door < doors + COUNT(doors); door++)
		for (f = 0; door->open && f < COUNT(flag_sets); f++)
			for (s = 0; s < (door->any_stack ? COUNT(stacks) : 1); s++, cells++)
				cell();
	note("%u cells", cells);
}

static void six_arguments(void) { one_call(0); }
static void sixth_bad(void) { one_call(1); }
static void no_such_number(void) { one_call(2); }
static void number_minus_one(void) { one_call(3); }
static void high_half(void) { one_call(4); }
static void restarted(void) { one_call(READ); }

static const struct test_case cases[] = {
	{ "doors", doors_of_this_machine },
	{ "six arguments", six_arguments },
	{ "six arguments, the last bad", sixth_bad },
	{ "no such number", no_such_number },
	{ "number -1", number_minus_one },
	{ "high half of RAX", high_half },
	{ "restarted call", restarted },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	if (SYS(pipe, fds))
		test_abort("pipe", 0);
	prepare();
	return RUN_CASES(cases);
}
