/* SPDX-License-Identifier: MIT */
/*
 * CLONE_SETTLS (spec 3.5, R3.7).  From a 64-bit call the argument is the new thread's FS base; from
 * a 32-bit call it points to a descriptor, and a child whose inherited GS names that
 * slot gets the new base.  A bad argument is an error, leaves no half-made child and
 * changes nothing in the parent.  Each thread keeps its own TLS while all of them run.
 */
#include <asm/ldt.h>
#include <asm/prctl.h>
#include "user/lib/test.h"
#include "user/lib/thread.h"

#define THREADS 8

struct tls {
	unsigned long self;		/* what libc has at %fs:0, %gs:0 */
	unsigned long number;
};

static struct tls blocks[THREADS + 1];
static struct thread threads[THREADS];
static volatile int mismatches, finished;

static struct tls *my_tls(void)
{
	struct tls *t;

#ifdef __x86_64__
	__asm__ volatile("mov %%fs:0, %0" : "=r"(t));
#else
	__asm__ volatile("mov %%gs:0, %0" : "=r"(t));
#endif
	return t;
}

#ifdef __x86_64__
static void *tls_argument(struct tls *t)
{
	return t;
}

static void set_own_tls(struct tls *t)
{
	SYS(arch_prctl, ARCH_SET_FS, t);
}
#else
static unsigned slot = (unsigned)-1;

static void *tls_argument(struct tls *t)
{
	static struct user_desc desc;

	memset(&desc, 0, sizeof(desc));
	desc.entry_number = slot;
	desc.base_addr = (unsigned long)t;
	desc.limit = 0xfffff;
	desc.seg_32bit = desc.limit_in_pages = desc.useable = 1;
	return &desc;
}

static void set_own_tls(struct tls *t)
{
	struct user_desc *desc = tls_argument(t);

	if (SYS(set_thread_area, desc) == 0) {
		slot = desc->entry_number;
		__asm__ volatile("mov %0, %%gs" : : "r"(slot * 8 + 3));
	}
}
#endif

static void looks_often(void *number)
{
	for (unsigned i = 0; i < 300; i++) {
		if (my_tls() != &blocks[(long)number] || my_tls()->number != (unsigned long)number)
			__atomic_add_fetch(&mismatches, 1, __ATOMIC_SEQ_CST);
		SYS(sched_yield);
	}
	__atomic_add_fetch(&finished, 1, __ATOMIC_SEQ_CST);
}

static void each_its_own(void)
{
	for (unsigned long i = 0; i <= THREADS; i++) {
		blocks[i].self = (unsigned long)&blocks[i];
		blocks[i].number = i;
	}
	set_own_tls(&blocks[THREADS]);
	for (unsigned long i = 0; i < THREADS; i++)
		thread_start_tls(&threads[i], looks_often, (void *)i, CLONE_SETTLS,
				 tls_argument(&blocks[i]));
	looks_often((void *)THREADS);
	for (unsigned i = 0; i < THREADS; i++)
		thread_join(&threads[i]);
	expect_eq("threads that ran", finished, THREADS + 1);
	expect_eq("looks that found a foreign TLS", mismatches, 0);
	expect_hex("the starter's TLS", (unsigned long)my_tls(), (unsigned long)&blocks[THREADS]);
}

static void never_runs(void *unused)
{
	(void)unused;
	mismatches = 1;
}

static void try_bad(const char *what, void *tls, int error)
{
	struct thread *t = &threads[0];

	expect_error(what, thread_start_tls(t, never_runs, NULL, CLONE_SETTLS, tls), error);
}

static void bad_arguments(void)
{
	mismatches = 0;
#ifdef __x86_64__
	try_bad("first address that is no user address", (void *)user_end(), EPERM);
	try_bad("non-canonical", (void *)(user_end() + PAGE), EPERM);
	try_bad("kernel half", (void *)0xffffffff80000000, EPERM);
#else
	struct user_desc *desc = tls_argument(&blocks[0]);

	try_bad("pointer to nothing", (void *)16, EFAULT);
	desc->entry_number = (unsigned)-1;
	try_bad("entry -1: no allocation here", desc, EINVAL);
	desc->entry_number = 5;
	try_bad("an entry that is no TLS slot", desc, EINVAL);
	desc->entry_number = slot;
	desc->seg_32bit = 0;
	try_bad("a 16-bit segment", desc, EINVAL);
#endif
	sleep_ms(10);
	expect_eq("threads that ran nevertheless", mismatches, 0);
	expect_hex("the parent's TLS", (unsigned long)my_tls(), (unsigned long)&blocks[THREADS]);
	expect_error("no child", SYS(wait4, -1, NULL, __WALL | WNOHANG, NULL), ECHILD);
}

/* Without CLONE_SETTLS, and with fork, the child has its parent's. */
static int looks_once(void *unused)
{
	(void)unused;
	return my_tls() != &blocks[THREADS] || my_tls()->number != THREADS;
}

static void inherited(void)
{
	expect_status("fork keeps the TLS", child_run(looks_once, NULL), EXITED(0));
}

static const struct test_case cases[] = {
	{ "each thread has its own TLS", each_its_own },
	{ "bad arguments", bad_arguments },
	{ "fork inherits it", inherited },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	return RUN_CASES(cases);
}
