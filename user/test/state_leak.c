/* SPDX-License-Identifier: MIT */
/*
 * No thread ever sees a register of another one (spec 1.6, 3.4, 5.4): threads that fill general,
 * x87, SSE and AVX registers, MXCSR, selectors and bases with patterns of their own run among
 * threads that leave all of it as they found it and look again and again, with XSAVE where there
 * is, whether every component still is in its initial state and FS and GS are null.
 *
 *	state_leak [THREADS [SECONDS]]		default 12 and 1
 */
#include "user/lib/canary.h"
#include "user/lib/descriptors.h"
#include "user/lib/fsgs.h"
#include "user/lib/test.h"
#include "user/lib/thread.h"

#define MAX_THREADS 256
#define AREA_SIZE   4096
#define FX_XMM      160		/* FXSAVE image: SDM vol. 1, table 10-2 */
#define FX_ST       32
#define FX_MXCSR    24
#define XSAVE_DATA  576
#define COMPONENTS  0xe7	/* x87, SSE, AVX, AVX-512; PKRU is no secret and not 0 on Linux */

static unsigned threads = 12, seconds = 1;
static bool avx, xsave;
static volatile int stop;
static unsigned foreign_patterns, foreign_bits, looks;
static unsigned long words[MAX_THREADS];
static struct user_desc descs[MAX_THREADS];
static unsigned char areas[MAX_THREADS][AREA_SIZE] __attribute__((aligned(64)));

/* OSXSAVE, and what XCR0 enables fits. */
static bool have_xsave(void)
{
	unsigned a = 1, b, c = 0, d;

	__asm__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	if (!(c & 1u << 27))
		return false;
	a = 0xd, c = 0;
	__asm__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	return b <= AREA_SIZE;
}

static void save(unsigned char *area)
{
	if (xsave)
		__asm__ volatile("xsave (%0)" ::"r"(area), "a"(COMPONENTS), "d"(0) : "memory");
	else
		__asm__ volatile("fxsave (%0)" ::"r"(area) : "memory");
}

static bool all_zero(const unsigned char *from, const unsigned char *to)
{
	while (from < to && !*from)
		from++;
	return from == to;
}

static bool initial(unsigned char *area)
{
	unsigned xmm_bytes = IS_64BIT ? 256 : 128, mxcsr;

	memset(area, 0, AREA_SIZE);
	save(area);
	memcpy(&mxcsr, area + FX_MXCSR, 4);
	return mxcsr == 0x1f80 && all_zero(area + FX_ST, area + FX_XMM) &&
	       all_zero(area + FX_XMM, area + FX_XMM + xmm_bytes) &&
	       all_zero(area + XSAVE_DATA, area + AREA_SIZE) && !read_fs() && !read_gs();
}

/* What segments say without any set. */
static bool no_bases(void)
{
#ifdef __x86_64__
	if (have_fsgsbase() && (rdfsbase() || rdgsbase()))
		return false;
	return !kernel_fs_base() && !kernel_gs_base();
#else
	return true;
#endif
}

static void watch(unsigned n)
{
	while (!stop) {
		for (volatile int i = 0; i < 3000; i++)
			;
		if (!initial(areas[n]) || !no_bases())
			__atomic_add_fetch(&foreign_bits, 1, __ATOMIC_SEQ_CST);
		__atomic_add_fetch(&looks, 1, __ATOMIC_SEQ_CST);
		if (n % 4 == 1)
			SYS(sched_yield);
	}
}

static unsigned long read_through(bool fs)
{
	unsigned long v;

	if (fs)
		__asm__ volatile("mov %%fs:0, %0" : "=r"(v));
	else
		__asm__ volatile("mov %%gs:0, %0" : "=r"(v));
	return v;
}

/* FS by a TLS descriptor, which lies in the same slot for all; GS by a base where it can. */
static void own_segments(unsigned n)
{
	words[n] = 0xabcd0000 + n;
	descs[n] = data_segment(TLS_FIRST, (unsigned long)&words[n]);
	if (tls_write(&descs[n]))
		test_abort("set_thread_area", 0);
	write_fs(TLS_SELECTOR(TLS_FIRST));
#ifdef __x86_64__
	SYS(arch_prctl, ARCH_SET_GS, &words[n]);
#else
	write_gs(TLS_SELECTOR(TLS_FIRST));
#endif
}

static void own(unsigned n)
{
	struct canary want, got;

	own_segments(n);
	for (unsigned round = 0; !stop; round++) {
		canary_fill(&want, n + round % 3 * 1000, avx);
		memset(&got, 0, sizeof(got));
		canary_run(&want, &got, 3000, avx);
		if (memcmp(&want, &got, sizeof(want)) || read_through(true) != words[n] ||
		    read_through(false) != words[n])
			__atomic_add_fetch(&foreign_patterns, 1, __ATOMIC_SEQ_CST);
		if (n % 4 == 0)
			SYS(sched_yield);
	}
}

static void thread(void *number)
{
	unsigned n = (unsigned)(unsigned long)number;

	if (n % 2)
		watch(n);
	else
		own(n);
}

static void nothing_leaks(void)
{
	static struct thread t[MAX_THREADS];

	for (unsigned long i = 0; i < threads; i++)
		if (is_error(thread_start(&t[i], thread, (void *)i)))
			test_abort("thread", 0);
	sleep_ms(seconds * 1000);
	stop = 1;
	for (unsigned i = 0; i < threads; i++)
		thread_join(&t[i]);
	note("%u threads, %u s, %u looks, AVX %s, XSAVE %s", threads, seconds, looks,
	     avx ? "on" : "off", xsave ? "on" : "off");
	expect_true("somebody looked", looks);
	expect_eq("looks that found something of another thread", foreign_bits, 0);
	expect_eq("patterns that were not the own one", foreign_patterns, 0);
}

static const struct test_case cases[] = {
	{ "nothing of another thread", nothing_leaks },
};

int main(int argc, char **argv, char **envp)
{
	(void)envp;
	if (argc > 1)
		threads = (unsigned)parse_number(argv[1]);
	if (argc > 2)
		seconds = (unsigned)parse_number(argv[2]);
	if (threads > MAX_THREADS)
		test_abort("more than 256 threads", 0);
	avx = canary_have_avx();
	xsave = have_xsave();
	return RUN_CASES(cases);
}
