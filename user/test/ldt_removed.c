/* SPDX-License-Identifier: MIT */
/*
 * An LDT entry is removed while a sibling thread runs with it in SS (spec R3.12): the sibling's
 * next way back to user mode cannot load SS, so it gets SIGSEGV, wherever it was; the kernel goes
 * on, and so does the next round. With the entry in ES and GS it is no fault, but the selectors
 * are gone.
 *
 *	ldt_removed [ROUNDS]		default 40
 */
#include "user/lib/descriptors.h"
#include "user/lib/fsgs.h"
#include "user/lib/test.h"
#include "user/lib/thread.h"

#define ENTRY 3

static unsigned rounds = 40;
static volatile int loaded;

/* For ever, without touching the stack: the first IRET after the removal ends it. */
static void spin_with_ss(void *unused)
{
	(void)unused;
	__asm__ volatile("mov %1, %%ss\n\t"
			 "movl $1, %0\n"
			 "1:\tpause\n\t"
			 "jmp 1b" : "+m"(loaded) : "r"(LDT_SELECTOR(ENTRY)) : "memory");
}

/* Until ES is gone; then whether GS is too, after a switch. */
static void spin_with_data(void *unused)
{
	unsigned selector = LDT_SELECTOR(ENTRY);

	(void)unused;
	write_gs(LDT_SELECTOR(ENTRY));
	__asm__ volatile("mov %0, %%es\n\t"
			 "movl $1, %1\n"
			 "1:\tmov %%es, %0\n\t"
			 "test %0, %0\n\t"
			 "jnz 1b\n\t"
			 "mov %2, %%es"
			 : "+r"(selector), "+m"(loaded) : "r"(0x2b) : "memory");
	sleep_ms(2);
	loaded = read_gs() ? 3 : 2;
}

/* In a process of its own: the sibling runs, and its entry goes. */
static int round_of(void *spin)
{
	struct thread t;

	if (ldt_write(data_segment(ENTRY, 0)) ||
	    is_error(thread_start(&t, (void (*)(void *))spin, NULL)))
		return 1;
	while (!loaded)
		SYS(sched_yield);
	if (ldt_write(no_segment(ENTRY)))
		return 2;
	thread_join(&t);
	return loaded == 2 ? 0 : 3;
}

static unsigned differences(void (*spin)(void *), int want)
{
	unsigned bad = 0;

	for (unsigned i = 0; i < rounds; i++) {
		int status = child_run(round_of, (void *)spin);

		if (status != want && !bad++)
			expect_status("first difference", status, want);
	}
	note("%u rounds", rounds);
	return bad;
}

static void in_ss(void)
{
	expect_eq("differences", differences(spin_with_ss, KILLED(SIGSEGV)), 0);
}

static void in_es_and_gs(void)
{
	expect_eq("differences", differences(spin_with_data, EXITED(0)), 0);
}

static const struct test_case cases[] = {
	{ "entry in SS", in_ss },
	{ "entry in ES and GS", in_es_and_gs },
};

int main(int argc, char **argv, char **envp)
{
	(void)envp;
	if (argc > 1)
		rounds = (unsigned)parse_number(argv[1]);
	return RUN_CASES(cases);
}
