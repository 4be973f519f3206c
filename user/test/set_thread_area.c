/* SPDX-License-Identifier: MIT */
/*
 * The three TLS descriptors of a 32-bit thread (spec R2.31, R3.10, 12.2, 12.4): choosing a slot,
 * what is refused, reading back, clearing a slot that a segment register uses, and fork.
 */
#include <asm/ldt.h>
#include "user/lib/test.h"
#include "user/lib/thread.h"

#define FIRST_SLOT 12
#define SLOTS      3

static unsigned long target[2] = { 0xaaaa0001, 0xbbbb0002 };

static struct user_desc describe(unsigned slot, const void *base)
{
	return (struct user_desc){ .entry_number = slot, .base_addr = (unsigned long)base,
				   .limit = 0xfffff, .seg_32bit = 1, .limit_in_pages = 1,
				   .useable = 1 };
}

static struct user_desc empty(unsigned slot)
{
	return (struct user_desc){ .entry_number = slot, .read_exec_only = 1,
				   .seg_not_present = 1 };
}

/* The seven defined bits; the rest of the word is padding (spec 12.2). */
static unsigned attributes(const struct user_desc *d)
{
	return d->seg_32bit | d->contents << 1 | d->read_exec_only << 3 | d->limit_in_pages << 4 |
	       d->seg_not_present << 5 | d->useable << 6;
}

static void clear_all(void)
{
	for (unsigned slot = FIRST_SLOT; slot < FIRST_SLOT + SLOTS; slot++) {
		struct user_desc d = empty(slot);

		SYS(set_thread_area, &d);
	}
}

static unsigned long read_through_gs(void)
{
	unsigned long v;

	__asm__ volatile("mov %%gs:0, %0" : "=r"(v));
	return v;
}

static unsigned read_gs(void)
{
	unsigned v;

	__asm__ volatile("mov %%gs, %0" : "=r"(v));
	return v & 0xffff;
}

static void load_gs(unsigned selector)
{
	__asm__ volatile("mov %0, %%gs" : : "r"(selector));
}

static void choose_slots(void)
{
	struct user_desc d;

	clear_all();
	for (unsigned i = 0; i < SLOTS; i++) {
		d = describe((unsigned)-1, target);
		expect_eq("entry -1", SYS(set_thread_area, &d), 0);
		expect_eq("the chosen slot", (long)d.entry_number, FIRST_SLOT + (long)i);
	}
	d = describe((unsigned)-1, target);
	expect_error("no slot is left", SYS(set_thread_area, &d), ESRCH);
	clear_all();
}

static void refused(void)
{
	struct user_desc d;

	d = describe(FIRST_SLOT, target), d.seg_32bit = 0;
	expect_error("16-bit segment", SYS(set_thread_area, &d), EINVAL);
	d = describe(FIRST_SLOT, target), d.contents = 2;
	expect_error("code segment", SYS(set_thread_area, &d), EINVAL);
	d = describe(FIRST_SLOT, target), d.contents = 3;
	expect_error("conforming code segment", SYS(set_thread_area, &d), EINVAL);
	d = describe(FIRST_SLOT, target), d.seg_not_present = 1;
	expect_error("not present", SYS(set_thread_area, &d), EINVAL);
	d = describe(FIRST_SLOT - 1, target);
	expect_error("slot below", SYS(set_thread_area, &d), EINVAL);
	d = describe(FIRST_SLOT + SLOTS, target);
	expect_error("slot above", SYS(set_thread_area, &d), EINVAL);
	d = describe((unsigned)-2, target);
	expect_error("slot -2", SYS(set_thread_area, &d), EINVAL);
	expect_error("bad address", SYS(set_thread_area, 16), EFAULT);
	d.entry_number = FIRST_SLOT - 1;
	expect_error("get, slot below", SYS(get_thread_area, &d), EINVAL);
	expect_error("get, bad address", SYS(get_thread_area, 16), EFAULT);
}

static void read_back(void)
{
	struct user_desc want = describe(FIRST_SLOT + 1, &target[1]), got = { .entry_number = 0 };
	struct user_desc none = empty(FIRST_SLOT);

	SYS(set_thread_area, &want);
	got.entry_number = FIRST_SLOT + 1;
	expect_eq("get_thread_area", SYS(get_thread_area, &got), 0);
	expect_hex("base", got.base_addr, want.base_addr);
	expect_hex("limit", got.limit, want.limit);
	expect_hex("attributes", attributes(&got), attributes(&want));
	got.entry_number = FIRST_SLOT;
	expect_eq("get of an empty slot", SYS(get_thread_area, &got), 0);
	expect_hex("base", got.base_addr, 0);
	expect_hex("limit", got.limit, 0);
	expect_hex("attributes of the documented empty one", attributes(&got), attributes(&none));
	clear_all();
}

static void in_use(void)
{
	struct user_desc d = describe(FIRST_SLOT, &target[0]);
	unsigned selector = FIRST_SLOT * 8 + 3;

	SYS(set_thread_area, &d);
	load_gs(selector);
	expect_hex("read through GS", read_through_gs(), target[0]);
	sleep_ms(2);
	expect_hex("after a sleep", read_through_gs(), target[0]);
	d = describe(FIRST_SLOT, &target[1]);
	SYS(set_thread_area, &d);
	expect_hex("a new base counts at once", read_through_gs(), target[1]);
	expect_hex("the selector stays", read_gs(), selector);
	d = empty(FIRST_SLOT);
	SYS(set_thread_area, &d);
	expect_hex("cleared: the selector is gone too", read_gs(), 0);
	memset(&d, 0, sizeof(d));
	d.entry_number = FIRST_SLOT;
	expect_eq("all zero also means empty", SYS(set_thread_area, &d), 0);
}

static int reads_gs(void *want)
{
	return read_through_gs() != (unsigned long)want;
}

static int faults_through_gs(void *unused)
{
	struct user_desc d = empty(FIRST_SLOT);

	(void)unused;
	SYS(set_thread_area, &d);
	return (int)read_through_gs();
}

static void fork_copies(void)
{
	struct user_desc d = describe(FIRST_SLOT, &target[0]);

	SYS(set_thread_area, &d);
	load_gs(FIRST_SLOT * 8 + 3);
	expect_status("child reads through GS", child_run(reads_gs, (void *)target[0]), EXITED(0));
	expect_status("child clears its slot and reads", child_run(faults_through_gs, NULL),
		      KILLED(SIGSEGV));
	expect_hex("the parent's slot is its own", read_through_gs(), target[0]);
	load_gs(0);
	clear_all();
}

static volatile int *stop;

static int spins(void *number)
{
	unsigned long word = 0xc0de0000 + (unsigned long)number, bad = 0;
	struct user_desc d = describe(FIRST_SLOT + (unsigned)(unsigned long)number % SLOTS, &word);

	SYS(set_thread_area, &d);
	load_gs(d.entry_number * 8 + 3);
	while (!*stop)
		for (unsigned i = 0; i < 20000; i++)
			bad += read_through_gs() != word;
	return bad != 0;
}

/* Every process has another descriptor in the same slots of the CPU's table. */
static void preempted(void)
{
	pid_t pids[6];
	unsigned bad = 0;

	*stop = 0;
	for (unsigned long i = 0; i < COUNT(pids); i++)
		pids[i] = child_start(spins, (void *)i);
	sleep_ms(300);
	*stop = 1;
	for (unsigned i = 0; i < COUNT(pids); i++)
		bad += child_wait(pids[i]) != EXITED(0);
	expect_eq("processes that read through a foreign descriptor", bad, 0);
}

static const struct test_case cases[] = {
	{ "choosing a slot", choose_slots },
	{ "refused", refused },
	{ "reading back", read_back },
	{ "a slot in use", in_use },
	{ "fork copies the slots", fork_copies },
	{ "many processes with their own slots", preempted },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	stop = map_shared(PAGE);
	return RUN_CASES(cases);
}
