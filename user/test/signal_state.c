/* SPDX-License-Identifier: MIT */
/*
 * A signal changes nothing for the program that it interrupts: general registers, flags, x87, SSE,
 * AVX, and the red zone.  The handler starts with a clean extended state, sees the interrupted one
 * in its frame, and can change it there.
 */
#include "user/lib/handler.h"
#include "user/lib/regs.h"
#include "user/lib/test.h"

static bool have_avx(void)
{
	unsigned a = 1, b, c = 0, d, lo, hi;

	__asm__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	if ((c & 0x18000000) != 0x18000000)
		return false;
	__asm__("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
	return (lo & 6) == 6;
}

static void clobber_vectors(void)
{
	__asm__ volatile("fninit; fld1; fldpi; fldl2e");
	__asm__ volatile("pcmpeqd %xmm0, %xmm0; pcmpeqd %xmm1, %xmm1; pcmpeqd %xmm5, %xmm5;"
			 "pcmpeqd %xmm7, %xmm7");
	if (have_avx())
		__asm__ volatile("vcmpps $15, %ymm7, %ymm7, %ymm7;"
				 "vcmpps $15, %ymm0, %ymm0, %ymm0");
}

static void clobber(int signo, siginfo_t *info, struct ucontext *uc)
{
	(void)signo, (void)info, (void)uc;
	clobber_vectors();
	__asm__ volatile("std; cld; stc" ::: "cc");
}

/* Registers, all different, around the system call that sends the signal. */
static void general_registers(void)
{
	struct regs in, out;
	unsigned long *word = (unsigned long *)&in, *got = (unsigned long *)&out;

	handle(SIGUSR1, clobber, 0);
	for (unsigned i = 0; i < sizeof(in) / sizeof(long); i++)
		word[i] = (unsigned long)0x0123456789abcdef + i * (unsigned long)0x1111111111111111;
	in.flags = FLAG_FIXED | FLAG_IF | FLAG_CF | FLAG_OF | FLAG_DF | FLAG_SF;
#ifdef __x86_64__
	in.ax = 234, in.di = in.si = (unsigned long)self_pid(), in.dx = SIGUSR1;
	regs_syscall(&in, &out);
	in.cx = out.ip, in.r11 = out.flags;
#else
	in.ax = 270, in.bx = in.cx = (unsigned long)self_pid(), in.dx = SIGUSR1;
	regs_int80(&in, &out);
#endif
	__asm__ volatile("cld");
	in.ax = 0, in.ip = out.ip;
	for (unsigned i = 0; i < sizeof(in) / sizeof(long); i++)
		expect_hex("register", got[i], word[i]);
}

static void fill(unsigned char *p, unsigned n, unsigned seed)
{
	for (unsigned i = 0; i < n; i++) {
		seed = seed * 1103515245 + 12345;
		p[i] = (unsigned char)(seed >> 16);
	}
}

static unsigned char ymm_in[8][32], ymm_out[8][32];
static unsigned char fx_in[512] __attribute__((aligned(64)));
static unsigned char fx_out[512] __attribute__((aligned(64)));
static void prepare_fx(void)
{
	fill(fx_in, sizeof(fx_in), 99);
	*(uint16_t *)(fx_in + 0) = 0x027f;		/* FCW: double precision, all masked */
	*(uint16_t *)(fx_in + 2) = 0x3800 | 0x41;	/* FSW: top 7, IE and SF flags */
	fx_in[4] = 0xff, fx_in[5] = 0;
	memset(fx_in + 6, 0, 18);			/* FOP, FIP, FDP: CPUs differ there */
	*(uint32_t *)(fx_in + 24) = 0x9fc1;		/* MXCSR: FTZ, DAZ, IE, all masked */
	*(uint32_t *)(fx_in + 28) = 0;
	for (unsigned i = 0; i < 8; i++) {
		memset(fx_in + 32 + 16 * i + 10, 0, 6);
		fx_in[32 + 16 * i + 7] |= 0x80;		/* a normal number */
	}
}

/* INT3 needs no registers, so nothing runs between loading and storing but the handler. */
static void extended_state(void)
{
	handle(SIGTRAP, clobber, 0);
	prepare_fx();
	memset(fx_out, 0, sizeof(fx_out));
	__asm__ volatile("fxrstor (%0); int3; fxsave (%1)" : : "r"(fx_in), "r"(fx_out) : "memory");
	expect_hex("FCW", *(uint16_t *)fx_out, 0x027f);
	expect_hex("FSW", *(uint16_t *)(fx_out + 2), *(uint16_t *)(fx_in + 2));
	expect_hex("MXCSR", *(uint32_t *)(fx_out + 24), 0x9fc1);
	expect_true("x87 registers", !memcmp(fx_out + 32, fx_in + 32, 128));
	expect_true("XMM registers", !memcmp(fx_out + 160, fx_in + 160, IS_64BIT ? 256 : 128));
	__asm__ volatile("fninit; ldmxcsr %0" : : "m"(start_registers.mxcsr));
}

static void load_ymm(void)
{
	__asm__ volatile("vmovups (%0), %%ymm0; vmovups 32(%0), %%ymm1; vmovups 64(%0), %%ymm2;"
			 "vmovups 96(%0), %%ymm3; vmovups 128(%0), %%ymm4; vmovups 160(%0), %%ymm5;"
			 "vmovups 192(%0), %%ymm6; vmovups 224(%0), %%ymm7" : : "r"(ymm_in));
}

static void store_ymm(void)
{
	__asm__ volatile("vmovups %%ymm0, (%0); vmovups %%ymm1, 32(%0); vmovups %%ymm2, 64(%0);"
			 "vmovups %%ymm3, 96(%0); vmovups %%ymm4, 128(%0); vmovups %%ymm5, 160(%0);"
			 "vmovups %%ymm6, 192(%0); vmovups %%ymm7, 224(%0)"
			 : : "r"(ymm_out) : "memory");
}

static void avx(void)
{
	if (!have_avx())
		return skip("this CPU has no AVX");
	handle(SIGTRAP, clobber, 0);
	fill(&ymm_in[0][0], sizeof(ymm_in), 7);
	load_ymm();
	__asm__ volatile("int3");
	store_ymm();
	expect_true("YMM registers", !memcmp(ymm_in, ymm_out, sizeof(ymm_in)));
	/* In the initial state, which XSAVE need not write. */
	memset(ymm_in, 0, sizeof(ymm_in));
	__asm__ volatile("vzeroall; int3");
	store_ymm();
	expect_true("YMM registers, all 0", !memcmp(ymm_in, ymm_out, sizeof(ymm_in)));
}

static unsigned char inside[512] __attribute__((aligned(64)));

static void look_inside(int signo, siginfo_t *info, struct ucontext *uc)
{
	(void)signo, (void)info, (void)uc;
	memset(inside, 0xee, sizeof(inside));
	__asm__ volatile("fxsave (%0)" : : "r"(inside) : "memory");
	if (have_avx())
		store_ymm();
	clobber_vectors();
}

static bool all_zero(const void *p, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (((const unsigned char *)p)[i])
			return false;
	return true;
}

/* Neither the interrupted code's values nor those of an earlier handler reach a handler. */
static void clean_start(void)
{
	handle(SIGTRAP, look_inside, 0);
	for (unsigned round = 0; round < 3; round++) {
		clobber_vectors();
		__asm__ volatile("int3");
		expect_hex("FCW", *(uint16_t *)inside, 0x37f);
		expect_hex("FSW", *(uint16_t *)(inside + 2), 0);
		expect_hex("FTW: all empty", inside[4], 0);
		expect_hex("MXCSR", *(uint32_t *)(inside + 24), 0x1f80);
		expect_true("XMM registers are 0", all_zero(inside + 160, IS_64BIT ? 256 : 128));
		if (have_avx())
			expect_true("YMM registers are 0", all_zero(ymm_out, sizeof(ymm_out)));
	}
	__asm__ volatile("fninit");
}

/* The parts of <asm/sigcontext.h>'s fpstate that both bitnesses have, behind the FSAVE image. */
static unsigned char *frame_fxsave(struct ucontext *uc)
{
	return (unsigned char *)uc->uc_mcontext.fpstate + (IS_64BIT ? 0 : 112);
}

static unsigned long uc_flags, fp_address;
static struct _fpx_sw_bytes sw;
static uint32_t magic2;
static uint16_t frame_ss, fsave_status[2];

static void change_frame(int signo, siginfo_t *info, struct ucontext *uc)
{
	unsigned char *fx = frame_fxsave(uc);

	(void)signo, (void)info;
	uc_flags = uc->uc_flags;
	fp_address = (unsigned long)fx;
	frame_ss = uc->uc_mcontext.ss;
	memcpy(&sw, fx + 464, sizeof(sw));
	memcpy(fsave_status, (char *)uc->uc_mcontext.fpstate + 108, 4);
	if (sw.magic1 == FP_XSTATE_MAGIC1)
		memcpy(&magic2, fx + sw.xstate_size, 4);
	memcpy(inside, fx, sizeof(inside));
	memset(fx + 160 + 3 * 16, 0x5a, 16);
	*(uint32_t *)(fx + 24) = 0x1fa0;
}

static void frame_contents(void)
{
	unsigned char xmm3[16] = { 0 };
	unsigned mxcsr = 0;

	handle(SIGTRAP, change_frame, 0);
	__asm__ volatile("fninit; fld1; pcmpeqd %%xmm2, %%xmm2; pxor %%xmm3, %%xmm3; int3;"
			 "movups %%xmm3, (%0); stmxcsr (%1); fninit"
			 : : "r"(xmm3), "r"(&mxcsr) : "memory");
	expect_hex("uc_flags", uc_flags & 7,
		   IS_64BIT ? 6 | (sw.magic1 ? 1 : 0) : (sw.magic1 ? 1 : 0));
	expect_hex("SS", frame_ss, 0x2b);
	expect_eq("the FXSAVE image is aligned to 64", (long)fp_address % 64, 0);
	expect_hex("XMM2 in the frame", *(uint32_t *)(inside + 160 + 32), 0xffffffff);
	expect_hex("XMM3 changed in the frame", *(uint32_t *)xmm3, 0x5a5a5a5a);
	expect_hex("MXCSR changed in the frame", mxcsr, 0x1fa0);
	if (!IS_64BIT) {
		expect_hex("FSAVE image: status", fsave_status[0], 0x3800);
		expect_hex("FSAVE image: magic", fsave_status[1], 0);
	}
	__asm__ volatile("ldmxcsr %0" : : "m"(start_registers.mxcsr));
	if (!sw.magic1)
		return note("no XSAVE: no software bytes");
	expect_hex("magic1", sw.magic1, FP_XSTATE_MAGIC1);
	expect_hex("magic2", magic2, FP_XSTATE_MAGIC2);
	expect_eq("extended_size", sw.extended_size,
		  (long)sw.xstate_size + 4 + (IS_64BIT ? 0 : 112));
	expect_true("x87 and SSE are among the features", (sw.xfeatures & 3) == 3);
	expect_true("AVX is if XCR0 has it", !!(sw.xfeatures & 4) == have_avx());
}

#ifdef __x86_64__
static unsigned char zone_after[128];

/* A leaf function's 128 bytes below RSP. */
static void red_zone(void)
{
	bool kept;

	handle(SIGTRAP, clobber, 0);
	__asm__ volatile("lea -1024(%%rsp), %%rdi; mov $896, %%ecx; mov $0x77, %%al; rep stosb;"
			 "mov $128, %%ecx; mov $0xa5, %%al; rep stosb; int3;"
			 "lea -128(%%rsp), %%rsi; mov %0, %%rdi; mov $128, %%ecx; rep movsb"
			 : : "r"(zone_after) : "rax", "rcx", "rsi", "rdi", "memory");
	kept = true;
	for (unsigned i = 0; i < 128; i++)
		kept &= zone_after[i] == 0xa5;
	expect_true("128 bytes below RSP are kept", kept);
}
#else
static int old_signo;
static struct sigcontext old_context;

static void old_handler(int signo, struct sigcontext sc)
{
	old_signo = signo;
	old_context = sc;
	clobber_vectors();
}

static void old_frame(void)
{
	unsigned xmm[4] = { 0 };
	unsigned di = 0;

	handle_plain(SIGTRAP, (void *)old_handler, 0);
	__asm__ volatile("pcmpeqd %%xmm4, %%xmm4; mov $0x12345678, %%edi; int3;"
			 "movups %%xmm4, (%1); mov %%edi, %0"
			 : "=a"(di) : "b"(xmm) : "edi", "memory");
	expect_eq("signo", old_signo, SIGTRAP);
	expect_eq("trapno", (long)old_context.trapno, 3);
	expect_hex("EDI in the frame", old_context.edi, 0x12345678);
	expect_hex("CS", old_context.cs, 0x23);
	expect_hex("DS", old_context.ds, 0x2b);
	expect_hex("EDI afterwards", di, 0x12345678);
	expect_hex("XMM4 afterwards", xmm[0] & xmm[3], 0xffffffff);
}
#endif

static const struct test_case cases[] = {
	{ "general registers", general_registers },
	{ "x87 and SSE", extended_state },
	{ "AVX", avx },
	{ "a handler's clean start", clean_start },
	{ "extended state in the frame", frame_contents },
#ifdef __x86_64__
	{ "red zone", red_zone },
#else
	{ "the old frame", old_frame },
#endif
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	return RUN_CASES(cases);
}
