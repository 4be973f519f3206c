/* SPDX-License-Identifier: MIT */
/*
 * The vDSO's functions say what the system calls say (R7.2, R7.3): on a stack of a few hundred
 * bytes, with FS and GS null or their bases at memory that nobody may touch, on every CPU.
 */
#include <linux/time_types.h>
#include "user/lib/descriptors.h"
#include "user/lib/fsgs.h"
#include "user/lib/test.h"
#include "user/lib/vdso.h"

#define SMALL_STACK 640		/* a call's worth, and then a hole */
#define NS 1000000000ll

long call_on_stack(void *top, void *fn, long a, long b, long c);

#ifdef __x86_64__
typedef struct __kernel_timespec time_word;
#else
typedef struct { int tv_sec, tv_nsec; } time_word;
#endif

static void *gettime, *gettimeofday, *time, *getcpu;
static char *stack_top;

static long call(void *fn, long a, void *b, long c)
{
	return call_on_stack(stack_top, fn, a, (long)b, c);
}

static long long ns_of(const time_word *t)
{
	return t->tv_sec * NS + t->tv_nsec;
}

static void lookup(void)
{
	static const char *const names[] = { "__vdso_clock_gettime", "__vdso_gettimeofday",
					     "__vdso_time", "__vdso_getcpu" };
	void **const at[] = { &gettime, &gettimeofday, &time, &getcpu };

	for (unsigned i = 0; i < COUNT(names); i++) {
		*at[i] = vdso_symbol(names[i]);
		if (vdso_base() && *at[i] == NULL && (i < 3 || IS_64BIT))
			fail("%s is missing", names[i]);
	}
	if (IS_64BIT)
		expect_hex("clock_gettime, the plain name",
			   (unsigned long)vdso_symbol("clock_gettime"), (unsigned long)gettime);
	if (!vdso_base())
		skip("no vDSO");
}

/* The kernel's clock, the vDSO's, the kernel's again: in order. */
static void compare_clock(int id)
{
	time_word t[3] = { 0 };
	long ret;

	SYS(clock_gettime, id, &t[0]);
	ret = call(gettime, id, &t[1], 0);
	SYS(clock_gettime, id, &t[2]);
	if (ret)
		return fail("clock %d: result %ld", id, ret);
	if (ns_of(&t[0]) > ns_of(&t[1]) || ns_of(&t[1]) > ns_of(&t[2]))
		fail("clock %d: %lld, %lld, %lld", id, ns_of(&t[0]), ns_of(&t[1]), ns_of(&t[2]));
}

static void compare_all(const char *when)
{
	static const int ids[] = { CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW,
				   CLOCK_BOOTTIME, CLOCK_TAI, CLOCK_PROCESS_CPUTIME_ID,
				   CLOCK_THREAD_CPUTIME_ID };
	time_word t, exact;
	struct { long sec, usec; } tv;
	struct { int west, dst; } zone = { 1, 1 };
	unsigned cpu, node;
	long now, stored = 0;

	for (unsigned i = 0; i < COUNT(ids); i++)
		compare_clock(ids[i]);
	expect_error("a clock that does not exist", call(gettime, 99, &t, 0), EINVAL);
	expect_eq("gettimeofday", call(gettimeofday, (long)&tv, &zone, 0), 0);
	now = call(time, (long)&stored, NULL, 0);
	SYS(clock_gettime, CLOCK_REALTIME, &exact);
	if (getcpu)
		expect_eq("getcpu", call(getcpu, (long)&cpu, &node, 0), 0);
	expect_true("gettimeofday is now", exact.tv_sec - tv.sec <= 1 && tv.usec < 1000000);
	expect_true("time is now, a second late at most",
		    now <= exact.tv_sec && exact.tv_sec - now <= 1 && now == stored);
	note("%s: %u clocks", when, (unsigned)COUNT(ids));
}

static void usual(void)
{
	if (!vdso_base())
		return skip("no vDSO");
	compare_all("as the program started");
}

static int bases_in_the_way(void *unused)
{
	(void)unused;
#ifdef __x86_64__
	unsigned long none = (unsigned long)map_private(PAGE);

	SYS(mprotect, none, PAGE, PROT_NONE);
	SYS(arch_prctl, ARCH_SET_FS, none);
	SYS(arch_prctl, ARCH_SET_GS, none);
	compare_all("bases at PROT_NONE");
	SYS(arch_prctl, ARCH_SET_FS, 0x7ffffffff000 - PAGE);
	SYS(arch_prctl, ARCH_SET_GS, 1);
	compare_all("bases elsewhere");
#else
	struct user_desc none = data_segment(0, (unsigned long)map_private(PAGE));

	SYS(mprotect, none.base_addr, PAGE, PROT_NONE);
	ldt_write(none);
	write_fs(LDT_SELECTOR(0));
	write_gs(LDT_SELECTOR(0));
	compare_all("bases at PROT_NONE");
#endif
	write_fs(0);
	write_gs(0);
	compare_all("FS = GS = 0");
	return 0;
}

static void any_base(void)
{
	if (!vdso_base())
		return skip("no vDSO");
	expect_status("child", child_run(bases_in_the_way, NULL), EXITED(0));
}

static int bad_pointer(void *unused)
{
	(void)unused;
	call(gettime, CLOCK_MONOTONIC, (void *)16, 0);
	return 0;
}

/* R7.3: a bad pointer faults where the function itself writes; the kernel says -EFAULT. */
static void bad_pointers(void)
{
	if (!vdso_base())
		return skip("no vDSO");
	expect_status("clock_gettime at 16", child_run(bad_pointer, NULL), KILLED(SIGSEGV));
	expect_error("the CPU time at 16", call(gettime, CLOCK_PROCESS_CPUTIME_ID, (void *)16, 0),
		     EFAULT);
}

static void set_cpu(unsigned cpu)
{
	unsigned long mask[16] = { 0 };

	mask[cpu / (8 * sizeof(long))] = 1ul << cpu % (8 * sizeof(long));
	SYS(sched_setaffinity, 0, sizeof(mask), mask);
}

/* Hops from CPU to CPU: the number follows, and time never runs backwards. */
static void every_cpu(void)
{
	unsigned long mask[16] = { 0 };
	long long last = 0;
	unsigned hops = 0;

	if (!vdso_base())
		return skip("no vDSO");
	SYS(sched_getaffinity, 0, sizeof(mask), mask);
	for (unsigned i = 0; i < 500; i++) {
		unsigned cpu = i % 8, got = ~0u, node = ~0u;
		time_word t;

		if (!(mask[0] >> cpu & 1))
			continue;
		hops++;
		set_cpu(cpu);
		if (getcpu && (call(getcpu, (long)&got, &node, 0) || got != cpu))
			fail("on CPU %u getcpu says %u", cpu, got);
		call(gettime, CLOCK_MONOTONIC, &t, 0);
		if (ns_of(&t) < last)
			fail("CPU %u: %lld after %lld", cpu, ns_of(&t), last);
		last = ns_of(&t);
	}
	SYS(sched_setaffinity, 0, sizeof(mask), mask);
	note("%u hops", hops);
}

static const struct test_case cases[] = {
	{ "symbols", lookup },
	{ "same as the system calls, on a small stack", usual },
	{ "any FS and GS", any_base },
	{ "bad pointers", bad_pointers },
	{ "every CPU", every_cpu },
};

int main(int argc, char **argv, char **envp)
{
	char *stack = map_private(3 * PAGE);

	(void)argc, (void)argv, (void)envp;
	SYS(mprotect, stack, PAGE, PROT_NONE);
	stack_top = stack + PAGE + SMALL_STACK;
	return RUN_CASES(cases);
}
