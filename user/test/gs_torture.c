/* SPDX-License-Identifier: MIT */
/*
 * GS torture (spec 2.14, R2.32): threads on all CPUs with random hostile selectors and bases go
 * through every door at random - SYSCALL or the vDSO's fast door, INT 0x80, faults, single steps -
 * with random registers and flags, among sleepers that wake all the time and a timer signal. After
 * each door all registers, selectors and bases must be what they were.
 *
 *	gs_torture [MILLISECONDS [SEED]]	default 200 and 1
 *
 * A seed names what each thread does, not how they interleave: that repeats, nearly, with one CPU
 * under "run-qemu.sh --icount".
 */
#include "user/lib/descriptors.h"
#include "user/lib/file.h"
#include "user/lib/handler.h"
#include "user/lib/hostile_segments.h"
#include "user/lib/regs.h"
#include "user/lib/test.h"
#include "user/lib/thread.h"

#define MAX_CPUS 64
#define ALARM_US 500
#define FLAGS	 (FLAG_CF | FLAG_PF | FLAG_AF | FLAG_ZF | FLAG_SF | FLAG_OF | FLAG_DF)

struct worker {
	struct thread thread;
	struct random random;
	unsigned number;
	unsigned long rounds, differences;
};

static unsigned milliseconds = 200, seed = 1;
static volatile int stop;
static unsigned long alarms, faults, steps, naps;

static void advance(unsigned long *ip)
{
	const unsigned char *at = (const unsigned char *)*ip;

	if (at[0] == 0xf4)				/* HLT */
		*ip += 1;
	else if (at[0] == 0x0f || at[0] == 0xf6 || at[0] == 0x8a)	/* UD2, DIV BL, MOV AL */
		*ip += 2;
}

static void fault(int signo, siginfo_t *info, struct ucontext *uc)
{
	unsigned long ip = REG(uc, ip);

	(void)info;
	if (signo == SIGTRAP) {
		__atomic_add_fetch(&steps, 1, __ATOMIC_RELAXED);
	} else {
		__atomic_add_fetch(&faults, 1, __ATOMIC_RELAXED);
		advance(&ip);
		REG(uc, ip) = ip;
	}
	REG_FLAGS(uc) &= ~FLAG_TF;
}

static void tick(int signo, siginfo_t *info, struct ucontext *uc)
{
	(void)signo, (void)info, (void)uc;
	__atomic_add_fetch(&alarms, 1, __ATOMIC_RELAXED);
}

enum kind { SYSCALL64, OTHER_CALL, FAULT };

static const struct door {
	const char *name;
	void (*enter)(struct regs *in, struct regs *out);
	enum kind kind;
} doors[] = {
#ifdef __x86_64__
	{ "SYSCALL", regs_syscall, SYSCALL64 },
#else
	{ "the vDSO's door", regs_call, OTHER_CALL },
#endif
	{ "INT 0x80", regs_int80, OTHER_CALL },
	{ "UD2", regs_ud2, FAULT }, { "INT3", regs_int3, FAULT }, { "HLT", regs_hlt, FAULT },
	{ "DIV", regs_divide, FAULT }, { "page fault", regs_load, FAULT },
	{ "nothing", regs_nop, FAULT },
};

/* getpid, a call that does not exist, one that faults on its pointer. */
static void choose_call(struct regs *in, const struct door *door, uint64_t dice)
{
	bool table64 = door->kind == SYSCALL64;

	in->ax = dice % 3 == 0 ? (table64 ? 39 : 20) : dice % 3 == 1 ? 9999 : (table64 ? 79 : 183);
	if (dice % 3 != 2)
		return;
	if (table64) {
#ifdef __x86_64__
		in->di = 8, in->si = 4096;
#endif
	} else {
		in->bx = 8, in->cx = 4096;
	}
}

static void fill(struct worker *w, struct regs *in, const struct door *door)
{
	unsigned long *word = (unsigned long *)in;
	uint64_t dice = random_next(&w->random);

	for (unsigned i = 0; i < sizeof(*in) / sizeof(*word); i++)
		word[i] = (unsigned long)random_next(&w->random);
	if (door->kind == FAULT)
		in->bx = dice & 0xf00;		/* divides by 0, reads the first page */
	else
		choose_call(in, door, dice >> 8);
	in->flags = (in->flags & FLAGS) | FLAG_IF | FLAG_FIXED | (dice & 3 ? 0 : FLAG_TF);
}

static bool same(struct worker *w, const char *door, const char *what, unsigned long got,
		 unsigned long want)
{
	if (got == want)
		return true;
	if (w->differences++ < 5)
		fail("seed %u, thread %u, round %lu, %s: %s expected 0x%lx, got 0x%lx", seed,
		     w->number, w->rounds, door, what, want, got);
	return false;
}

static void compare(struct worker *w, const struct door *door, const struct regs *in,
		    const struct regs *out)
{
#define SAME(field) same(w, door->name, #field, out->field, in->field)
	if (door->kind == FAULT)
		SAME(ax);
	SAME(bx), SAME(dx), SAME(si), SAME(di), SAME(bp), SAME(sp);
#ifdef __x86_64__
	SAME(r8), SAME(r9), SAME(r10), SAME(r12), SAME(r13), SAME(r14), SAME(r15);
	same(w, door->name, "cx", out->cx, door->kind == SYSCALL64 ? out->ip : in->cx);
	same(w, door->name, "r11", out->r11, door->kind == SYSCALL64 ? in->flags : in->r11);
#else
	SAME(cx);
#endif
	/* Behind a system call the trap comes one instruction later, when TF has been stored. */
	same(w, door->name, "flags", out->flags & ~FLAG_TF, in->flags & ~FLAG_TF);
#undef SAME
}

static void torture(void *arg)
{
	struct worker *w = arg;
	struct hostile want, got;
	struct regs in, out;

	hostile_init_thread();
	want = hostile_load(&w->random);
	for (; !stop; w->rounds++) {
		const struct door *door = &doors[random_next(&w->random) % COUNT(doors)];

		fill(w, &in, door);
		door->enter(&in, &out);
		compare(w, door, &in, &out);
		got = hostile_read(&want);
		same(w, door->name, "FS", got.fs, want.fs);
		same(w, door->name, "GS", got.gs, want.gs);
		same(w, door->name, "FS base", got.fs_base, want.fs_base);
		same(w, door->name, "GS base", got.gs_base, want.gs_base);
		if (w->rounds % 4 == 3)
			want = hostile_load(&w->random);
	}
	hostile_unload();
}

/* Makes timer interrupts and wake-ups. */
static void nap(void *unused)
{
	const struct __kernel_old_timespec moment = { 0, 50000 };

	(void)unused;
	for (; !stop; __atomic_add_fetch(&naps, 1, __ATOMIC_RELAXED))
		SYS(nanosleep, &moment, NULL);
}

static unsigned cpus(void)
{
	unsigned long mask[MAX_CPUS / 8 / sizeof(long)] = { 0 };
	long n = SYS(sched_getaffinity, 0, sizeof(mask), mask);
	unsigned count = 0;

	for (long i = 0; i < n * 8; i++)
		count += mask[i / (8 * sizeof(long))] >> i % (8 * sizeof(long)) & 1;
	return count ? count : 1;
}

/* Of all CPUs together; 0 where there is no such file. */
static unsigned long nmis(void)
{
	static char text[8192];
	unsigned long sum = 0;
	char *at;

	if (file_read("/proc/interrupts", text, sizeof(text)) <= 0 || !(at = strstr(text, "NMI:")))
		return 0;
	for (at += 4; *at && *at != 'N' && *at != '\n'; at++)
		if (at[0] != ' ' && at[-1] == ' ')
			sum += parse_number(at);
	return sum;
}

static void set_alarm(long microseconds)
{
	const struct __kernel_old_itimerval every = { { 0, microseconds }, { 0, microseconds } };

	if (SYS(setitimer, ITIMER_REAL, &every, NULL))
		test_abort("setitimer", 0);
}

static void all_doors(void)
{
	static const int signals[] = { SIGILL, SIGTRAP, SIGSEGV, SIGFPE };
	static struct worker workers[2 * MAX_CPUS];
	static struct thread nappers[MAX_CPUS];
	unsigned n = 2 * cpus(), before = nmis();
	unsigned long rounds = 0, differences = 0;

	for (unsigned i = 0; i < COUNT(signals); i++)
		handle(signals[i], fault, 0);
	handle(SIGALRM, tick, SA_RESTART);
	hostile_init();
	for (unsigned i = 0; i < n; i++) {
		workers[i].number = i;
		workers[i].random.state = (seed + 1) * 0x9e3779b97f4a7c15ull + i;
		if (is_error(thread_start(&workers[i].thread, torture, &workers[i])) ||
		    (i % 2 && is_error(thread_start(&nappers[i / 2], nap, NULL))))
			test_abort("thread", 0);
	}
	set_alarm(ALARM_US);
	for (unsigned i = 0; i < milliseconds; i += 10)
		sleep_ms(10);
	set_alarm(0);
	stop = 1;
	for (unsigned i = 0; i < n; i++) {
		thread_join(&workers[i].thread);
		if (i % 2)
			thread_join(&nappers[i / 2]);
		rounds += workers[i].rounds;
		differences += workers[i].differences;
	}
	note("seed %u, %u threads: %lu doors, %lu faults, %lu steps, %lu alarms, %lu naps, "
	     "%lu NMIs", seed, n, rounds, faults, steps, alarms, naps, nmis() - before);
	expect_true("doors were taken", rounds);
	expect_eq("differences", (long)differences, 0);
}

static const struct test_case cases[] = {
	{ "every door with hostile segments", all_doors },
};

int main(int argc, char **argv, char **envp)
{
	(void)envp;
	if (argc > 1)
		milliseconds = (unsigned)parse_number(argv[1]);
	if (argc > 2)
		seed = (unsigned)parse_number(argv[2]);
#ifndef __x86_64__
	regs_call_target = (void *)auxv(32, NULL);	/* AT_SYSINFO */
	if (!regs_call_target)
		test_abort("no vDSO", 0);
#endif
	return RUN_CASES(cases);
}
