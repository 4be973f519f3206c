/* SPDX-License-Identifier: MIT */
/*
 * The decision of a switch (sched/segment_plan.h) against a model of the hardware, for both kinds
 * of CPU: those on which loading a null selector clears the base and those on which it does
 * not.  Every row of spec 3.4 is switched out, every row comes in, and the first one again.  The
 * model is of FS; GS is the same.
 *
 * The two modes differ only in how the real base is read and written, so they have the same table
 * here.
 */
#include "sched/segment_plan.h"
#include "tests/host/test.h"

#define NONE  0x0000
#define TLS   0x0063
#define LOCAL 0x0007
#define FLAT  0x002b

struct descriptor {
	bool present;
	uint32_t base;
};

/* The two descriptors that a thread or its siblings can change; the flat one is a constant. */
struct tables {
	struct descriptor tls, ldt;
};

struct cpu {
	bool null_clears_base;
	uint16_t selector;
	uint64_t base;
	struct tables tables;
};

struct thread {
	uint16_t selector;
	uint64_t base;
	struct tables tables;
};

/*
 * A row: what a thread has when it is switched out, how the tables change meanwhile, what it must
 * find.
 */
struct row {
	const char *name;
	struct thread out;
	struct tables changed;
	uint16_t selector;
	uint64_t base;
};

#define B  0x11110000u
#define B2 0x22220000u
#define WITH { { true, B }, { true, B } }
#define OTHER { { true, B2 }, { true, B2 } }
#define GONE { { false, 0 }, { false, 0 } }
#define ROW(name_, sel, base_, later, want) { name_, { sel, base_, WITH }, later, want, base_ }

static const struct row rows[] = {
	ROW("null, 0", 0, 0, WITH, 0),
	ROW("null, below 4 GiB", 0, 0xfffff000, WITH, 0),
	ROW("null, 4 GiB", 0, 0x100000000, WITH, 0),
	ROW("null, above 4 GiB", 0, 0x7fffffffe000, WITH, 0),
	ROW("null, left over from a descriptor", 0, B, WITH, 0),
	ROW("null, kernel half", 0, 0xffffffff81000000, WITH, 0),
	ROW("null, all ones", 0, ~0ull, WITH, 0),
	ROW("1, 0", 1, 0, WITH, 1),
	ROW("2, a base", 2, 0x200000000, WITH, 2),
	ROW("3, kernel half", 3, 0xffff800000000000, WITH, 3),
	ROW("TLS, its base", TLS, B, WITH, TLS),
	ROW("TLS, another base", TLS, 1, WITH, TLS),
	ROW("TLS, slot rewritten", TLS, B, OTHER, TLS),
	ROW("TLS, slot cleared", TLS, B, GONE, 0),
	ROW("LDT, its base", LOCAL, B, WITH, LOCAL),
	ROW("LDT, another base", LOCAL, 0x300000000, WITH, LOCAL),
	ROW("LDT, entry rewritten", LOCAL, B, OTHER, LOCAL),
	ROW("LDT, entry deleted", LOCAL, B, GONE, 0),
	ROW("flat, 0", FLAT, 0, WITH, FLAT),
	ROW("flat, another base", FLAT, 0x7fff00000000, GONE, FLAT),
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

typedef bool decision(uint64_t live, uint64_t next);

/*
 * MOV to FS, as SDM vol. 2 (MOV) and spec 1.1 tell it; a fault ends in the kernel's null selector.
 */
static void load(struct cpu *cpu, uint16_t selector)
{
	const struct descriptor flat = { true, 0 };
	const struct descriptor *d = selector == FLAT ? &flat :
				     selector & 4 ? &cpu->tables.ldt : &cpu->tables.tls;

	if (selector > 3 && d->present) {
		cpu->selector = selector;
		cpu->base = d->base;
		return;
	}
	cpu->selector = selector > 3 ? 0 : selector;
	if (cpu->null_clears_base)
		cpu->base = 0;
}

/* As schedule(): save, tables, selectors if need be, base. */
static void switch_to(struct cpu *cpu, struct thread *prev, const struct thread *next,
		      decision *must_load)
{
	uint16_t live = cpu->selector;

	prev->selector = live;
	prev->base = cpu->base;
	cpu->tables = next->tables;
	if (must_load(live, next->selector))
		load(cpu, next->selector);
	cpu->base = next->base;
}

/* The number of differences over all pairs of rows. */
static unsigned differences(bool null_clears_base, decision *must_load, bool print)
{
	unsigned bad = 0;

	for (unsigned i = 0; i < ROWS * ROWS; i++) {
		const struct row *a = &rows[i / ROWS], *b = &rows[i % ROWS];
		struct thread first = a->out, second = b->out;
		struct cpu cpu = { null_clears_base, a->out.selector, a->out.base, a->out.tables };
		bool in, again;

		second.tables = b->changed;
		switch_to(&cpu, &first, &second, must_load);
		in = cpu.selector == b->selector && cpu.base == b->base;
		first.tables = a->changed;
		switch_to(&cpu, &second, &first, must_load);
		again = cpu.selector == a->selector && cpu.base == a->base;
		bad += !in + !again;
		if (print && !(in && again))
			printf("# %s -> %s: %s\n", a->name, b->name, in ? "wrong again" : "wrong");
	}
	return bad;
}

TEST(null_selector_clears_base)
{
	CHECK_EQ(differences(true, segments_must_load, true), 0);
}

TEST(null_selector_keeps_base)
{
	CHECK_EQ(differences(false, segments_must_load, true), 0);
}

/* The table would tell: each of these saves loads that are needed. */
static bool only_the_next_counts(uint64_t live, uint64_t next)
{
	return next != 0;
}

static bool only_a_change_counts(uint64_t live, uint64_t next)
{
	return live != next;
}

TEST(wrong_decisions_are_found)
{
	CHECK(differences(true, only_the_next_counts, false) > 0);
	CHECK(differences(false, only_the_next_counts, false) > 0);
	CHECK(differences(true, only_a_change_counts, false) > 0);
}

/* R3.16 */
TEST(no_load_without_selectors)
{
	CHECK(!segments_must_load(0, 0));
	CHECK(segments_must_load(0, 1ull << 48));
	CHECK(segments_must_load(1ull << 16, 0));
}
