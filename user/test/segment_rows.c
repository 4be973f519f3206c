/* SPDX-License-Identifier: MIT */
/*
 * What FS and GS hold after a thread was off the CPU (spec 3.4; R3.1-R3.3, R3.6, R3.8, R1.11):
 * selectors null, 1 to 3, TLS, LDT and flat; bases from 0 over 4 GiB to the kernel half, also such
 * that belong to no descriptor.  Every row comes after every other one, in two processes on one
 * CPU; then all rows at once in threads that move from CPU to CPU.
 *
 *	segment_rows [SWITCHES]		at least so many between each of both (default 2,000)
 *
 * An IRET may turn selectors 1 to 3 into 0 (R3.15): both count.  Rows that take WRFSBASE are left
 * out where the kernel does not enable it.
 */
#include "user/lib/descriptors.h"
#include "user/lib/fsgs.h"
#include "user/lib/test.h"
#include "user/lib/thread.h"

enum kind { FIXED, TLS, LDT };

struct row {
	enum kind kind;
	unsigned selector;	/* of a FIXED one */
	bool own_base;		/* base, not the descriptor's */
	unsigned long base;
};

#define OWN(selector, base) { FIXED, selector, true, base }

static const struct row rows[] = {
	{ FIXED, 0, false, 0 },
	{ FIXED, 1, false, 0 }, { FIXED, 2, false, 0 }, { FIXED, 3, false, 0 },
	{ FIXED, 0x2b, false, 0 },
	{ TLS, 0, false, 0 },
	{ LDT, 0, false, 0 },
#ifdef __x86_64__
	OWN(0, 1),
	OWN(0, 0xfffff000),
	OWN(0, 0x100000000),
	OWN(0, 0x200001000),
	OWN(0, 0x7fffffffe000),
	OWN(0, 0x7fffffffffff),
	OWN(0, 0xffff800000000000), OWN(0, 0xffffffff80000000), OWN(0, ~0ul),
	OWN(1, 1),
	OWN(3, 0x200000000),
	OWN(0x2b, 1),
	OWN(0x2b, 0x200000000),
	OWN(0x2b, ~0ul),
	{ TLS, 0, true, 0x200000000 },
	{ LDT, 0, true, ~0ul },
#endif
};

#define THREADS 24

/* What a row means for one side of a pair, or one of the threads. */
struct side {
	unsigned long word;		/* at the base of its descriptors */
	struct user_desc tls;
	unsigned ldt_entry;
	const struct row *fs, *gs;
};

static struct side sides[THREADS];
static unsigned long switches = 2000;
static volatile unsigned *mistakes;	/* shared by all processes */
static unsigned cpus;

static unsigned selector(const struct row *r, const struct side *s)
{
	if (r->kind == TLS)
		return TLS_SELECTOR(s->tls.entry_number);
	return r->kind == LDT ? LDT_SELECTOR(s->ldt_entry) : r->selector;
}

static unsigned long base(const struct row *r, const struct side *s)
{
	if (r->own_base)
		return r->base;
	return r->kind == FIXED ? 0 : (unsigned long)&s->word;
}

static void make_descriptors(struct side *s, unsigned number)
{
	long err;

	s->word = 0xf00d0000 + number;
	s->tls = data_segment(TLS_FIRST + 1, (unsigned long)&s->word);
	s->ldt_entry = number + 1;
	err = tls_write(&s->tls);
	if (!err)
		err = ldt_write(data_segment(s->ldt_entry, (unsigned long)&s->word));
	if (err)
		test_abort("making descriptors", err);
}

#ifdef __x86_64__
static bool possible(const struct row *r)
{
	bool by_call = r->kind == FIXED && !r->selector && r->base < user_end();

	return !r->own_base || have_fsgsbase() || by_call;
}

static void set_base(int code, unsigned long value)
{
	if (!have_fsgsbase())
		SYS(arch_prctl, code, value);
	else if (code == ARCH_SET_FS)
		wrfsbase(value);
	else
		wrgsbase(value);
}

static bool base_is(bool fs, unsigned long want)
{
	unsigned long said = fs ? kernel_fs_base() : kernel_gs_base();

	if (have_fsgsbase() && (fs ? rdfsbase() : rdgsbase()) != want)
		return false;
	return said == want;
}
#else
static bool possible(const struct row *r)
{
	return true;
}

static void set_base(int code, unsigned long value)
{
}

/* What is there says where it points. */
static bool base_is(bool fs, unsigned long want)
{
	unsigned long word;

	if (!want)
		return true;
	if (fs)
		__asm__ volatile("mov %%fs:0, %0" : "=r"(word));
	else
		__asm__ volatile("mov %%gs:0, %0" : "=r"(word));
	return word == *(unsigned long *)want;
}
#endif

static void enter(struct side *s, const struct row *fs, const struct row *gs)
{
	s->fs = fs;
	s->gs = gs;
	write_fs(selector(fs, s));
	write_gs(selector(gs, s));
	/* Without FSGSBASE only the call sets a base, and the selector becomes 0, which it is. */
	if (fs->own_base)
		set_base(ARCH_SET_FS, fs->base);
	if (gs->own_base)
		set_base(ARCH_SET_GS, gs->base);
}

static bool selector_is(unsigned got, unsigned want)
{
	return got == want || (want <= 3 && got == 0);
}

static bool holds(const struct side *s)
{
	return selector_is(read_fs(), selector(s->fs, s)) &&
	       selector_is(read_gs(), selector(s->gs, s)) && base_is(true, base(s->fs, s)) &&
	       base_is(false, base(s->gs, s));
}

static void check(const struct side *s, const char *when)
{
	if (holds(s))
		return;
	__atomic_add_fetch(mistakes, 1, __ATOMIC_SEQ_CST);
	note("%s: FS %x base 0x%lx (row %ld), GS %x base 0x%lx (row %ld): found FS %x, GS %x", when,
	     selector(s->fs, s), base(s->fs, s), (long)(s->fs - rows), selector(s->gs, s),
	     base(s->gs, s), (long)(s->gs - rows), read_fs(), read_gs());
}

static void use_cpu(unsigned cpu)
{
	unsigned long mask[16] = { 0 };

	mask[cpu / (8 * sizeof(long))] = 1ul << cpu % (8 * sizeof(long));
	SYS(sched_setaffinity, 0, sizeof(mask), mask);
}

static const struct row *gs_row(unsigned i)
{
	do
		i = (i + 7) % COUNT(rows);
	while (!possible(&rows[i]));
	return &rows[i];
}

static unsigned long rounds;

/* The second process of a pair: has the first one's registers (R3.8), then another row. */
static int second(void *row)
{
	check(&sides[0], "after fork");
	make_descriptors(&sides[1], 1);
	enter(&sides[1], row, gs_row((unsigned)((const struct row *)row - rows)));
	for (unsigned long i = 0; i < rounds; i++) {
		SYS(sched_yield);
		check(&sides[1], "second");
	}
	return 0;
}

static void pair(const struct row *a, const struct row *b)
{
	pid_t pid;

	enter(&sides[0], a, gs_row((unsigned)(a - rows)));
	pid = child_start(second, (void *)b);
	for (unsigned long i = 0; i < rounds; i++) {
		SYS(sched_yield);
		check(&sides[0], "first");
	}
	if (child_wait(pid) != EXITED(0))
		__atomic_add_fetch(mistakes, 1, __ATOMIC_SEQ_CST);
	check(&sides[0], "first, at the end");
}

static void all_pairs(void)
{
	unsigned pairs = 0;

	make_descriptors(&sides[0], 0);
	use_cpu(0);
	rounds = switches / (2 * COUNT(rows) * COUNT(rows)) + 2;
	for (unsigned i = 0; i < COUNT(rows) * COUNT(rows); i++) {
		const struct row *a = &rows[i / COUNT(rows)], *b = &rows[i % COUNT(rows)];

		if (!possible(a) || !possible(b))
			continue;
		pair(a, b);
		pairs++;
	}
	note("%u pairs of rows, %lu switches", pairs, pairs * 2 * rounds);
	expect_eq("differences", *mistakes, 0);
}

static void thread(void *number)
{
	unsigned n = (unsigned)(unsigned long)number;
	const struct row *fs = &rows[n % COUNT(rows)];
	struct side *s = &sides[n];

	make_descriptors(s, n);
	if (!possible(fs))
		fs = &rows[0];
	enter(s, fs, gs_row((unsigned)(fs - rows)));
	for (unsigned long i = 0; i < rounds; i++) {
		if (i % 4 == n % 4)
			use_cpu((unsigned)(i / 4 + n) % cpus);
		else
			SYS(sched_yield);
		check(s, "thread");
	}
}

static void threads(void)
{
	static struct thread t[THREADS];
	unsigned long mask[16];

	memset(mask, 0xff, sizeof(mask));
	SYS(sched_setaffinity, 0, sizeof(mask), mask);
	*mistakes = 0;
	rounds = switches / THREADS + 2;
	for (unsigned long i = 0; i < THREADS; i++)
		thread_start(&t[i], thread, (void *)i);
	for (unsigned i = 0; i < THREADS; i++)
		thread_join(&t[i]);
	note("%u CPUs, %lu switches", cpus, THREADS * rounds);
	expect_eq("differences", *mistakes, 0);
}

static const struct test_case cases[] = {
	{ "every row after every other", all_pairs },
	{ "all rows in threads that migrate", threads },
};

int main(int argc, char **argv, char **envp)
{
	unsigned long mask[16] = { 0 };
	long size = SYS(sched_getaffinity, 0, sizeof(mask), mask);

	(void)envp;
	if (argc > 1)
		switches = parse_number(argv[1]);
	for (long i = 0; i < size * 8; i++)
		cpus += mask[i / (8 * sizeof(long))] >> i % (8 * sizeof(long)) & 1;
	mistakes = map_shared(PAGE);
	return RUN_CASES(cases);
}
