/* SPDX-License-Identifier: MIT */
/*
 * A new program starts with clean registers (spec R3.9, 3.5): general registers 0, flags
 * 0x202, the fixed selectors of spec 12.4, FS and GS null with base 0, x87 and SSE as after
 * a reset, an empty TLS array and no LDT.
 *
 * The first process makes all of that dirty, as far as it can, and then executes itself. The
 * second one only looks at what _start has stored before it touched anything.
 */
#include <asm/ldt.h>
#include <asm/prctl.h>
#include "user/lib/regs.h"
#include "user/lib/test.h"
#include "user/lib/thread.h"

#define NR32_SET_THREAD_AREA 243

static void general_registers(void)
{
	static const char *const names[] = { "ax", "bx", "cx", "dx", "si", "di", "bp" };
	const unsigned long *r = &start_registers.ax;

	for (unsigned i = 0; i < COUNT(names); i++)
		expect_hex(names[i], r[i], 0);
#ifdef __x86_64__
	r = &start_registers.r8;
	for (unsigned i = 0; i < 8; i++) {
		char name[8];

		format(name, sizeof(name), "r%u", i + 8);
		expect_hex(name, r[i], 0);
	}
#endif
	expect_hex("flags", start_registers.flags, 0x202);
	expect_hex("sp, low bits", start_registers.sp & 15, 0);
}

static void selectors(void)
{
	unsigned long data = IS_64BIT ? 0 : 0x2b;

	expect_hex("cs", start_registers.cs, IS_64BIT ? 0x33 : 0x23);
	expect_hex("ss", start_registers.ss, 0x2b);
	expect_hex("ds", start_registers.ds, data);
	expect_hex("es", start_registers.es, data);
	expect_hex("fs", start_registers.fs, 0);
	expect_hex("gs", start_registers.gs, 0);
}

#ifdef __x86_64__
static void segment_bases(void)
{
	unsigned long fs = 1, gs = 1;

	expect_eq("ARCH_GET_FS", SYS(arch_prctl, ARCH_GET_FS, &fs), 0);
	expect_eq("ARCH_GET_GS", SYS(arch_prctl, ARCH_GET_GS, &gs), 0);
	expect_hex("fs base", fs, 0);
	expect_hex("gs base", gs, 0);
}
#endif

static void floating_point(void)
{
	unsigned xmm = 0;

	expect_hex("x87 control word", start_registers.fcw, 0x37f);
	expect_hex("x87 status word", start_registers.fsw, 0);
	expect_hex("x87 tags (abridged)", start_registers.ftw, 0);
	expect_hex("MXCSR", start_registers.mxcsr, 0x1f80);
	for (unsigned i = 0; i < (IS_64BIT ? 16 : 8); i++)
		for (unsigned k = 0; k < 4; k++)
			xmm |= start_registers.xmm[i][k];
	expect_hex("all XMM registers or-ed", xmm, 0);
}

/* LAR tells through ZF whether a selector names a descriptor that ring 3 may see. */
static bool visible(unsigned selector)
{
	unsigned access = 0;
	bool ok;

	__asm__("lar %2, %0" : "+r"(access), "=@ccz"(ok) : "r"(selector));
	return ok;
}

static bool slots_empty(void)
{
	return !visible(0x63) && !visible(0x6b) && !visible(0x73);
}

/* Linux empties the slots in the running CPU's GDT only at the next context switch. */
static void descriptors(void)
{
	for (unsigned i = 0; i < 100 && !on_paranoid() && !slots_empty(); i++)
		sleep_ms(2);
	expect_true("user data segment is visible", visible(0x2b));
	expect_true("TLS slots are empty", slots_empty());
	expect_true("no LDT", !visible(7) && !visible(15));
}

/* A descriptor for the low 4 GiB, by the 32-bit system call, which 64-bit code may use too. */
static void make_descriptors_dirty(void)
{
	static struct user_desc tls = { .entry_number = (unsigned)-1, .base_addr = 0x1000,
					.limit = 0xfffff, .seg_32bit = 1, .limit_in_pages = 1,
					.useable = 1 };
	static struct user_desc ldt = { .entry_number = 0, .base_addr = 0x1000, .limit = 0xfffff,
					.seg_32bit = 1, .limit_in_pages = 1 };
	struct regs in = { .ax = NR32_SET_THREAD_AREA, .bx = (unsigned long)&tls, .flags = 0x202 };
	struct regs out;

	regs_int80(&in, &out);
	note("set_thread_area: %ld, entry %u", (long)out.ax, tls.entry_number);
	note("modify_ldt: %ld", SYS(modify_ldt, 1, &ldt, sizeof(ldt)));
	if (out.ax == 0)
		__asm__ volatile("mov %0, %%fs; mov %0, %%gs" : : "r"(tls.entry_number * 8 + 3));
	__asm__ volatile("mov %0, %%ds; mov %0, %%es" : : "r"(0x2b));
#ifdef __x86_64__
	SYS(arch_prctl, ARCH_SET_FS, 0x12345000);
	SYS(arch_prctl, ARCH_SET_GS, 0x123456789000);
#endif
}

static void make_floating_point_dirty(void)
{
	static const unsigned short control = 0x0f7f;
	static const unsigned mxcsr = 0x9fc0;
	static const unsigned ones[4] __attribute__((aligned(16))) = { ~0u, ~0u, ~0u, ~0u };

	__asm__ volatile("fld1; fldpi; fldcw %0; ldmxcsr %1; movdqa %2, %%xmm0; movdqa %2, %%xmm7"
			 : : "m"(control), "m"(mxcsr), "m"(ones));
#ifdef __x86_64__
	__asm__ volatile("movdqa %0, %%xmm15" : : "m"(ones));
#endif
}

/* Executes itself with every register dirty; flags too. */
static void exec_dirty(char *path)
{
	static char *argv[] = { NULL, "second", NULL };
	struct regs in, out;

	argv[0] = path;
	memset(&in, 0x5a, sizeof(in));
	in.ax = __NR_execve;
	in.flags = FLAG_IF | FLAG_FIXED | FLAG_CF | FLAG_OF | FLAG_DF | FLAG_AC | FLAG_NT | FLAG_ID;
#ifdef __x86_64__
	in.di = (unsigned long)path;
	in.si = (unsigned long)argv;
	in.dx = (unsigned long)program_envp;
	make_descriptors_dirty();
	make_floating_point_dirty();
	regs_syscall(&in, &out);
#else
	in.bx = (unsigned long)path;
	in.cx = (unsigned long)argv;
	in.dx = (unsigned long)program_envp;
	make_descriptors_dirty();
	make_floating_point_dirty();
	regs_int80(&in, &out);
#endif
	test_abort("execve", (long)out.ax);
}

static const struct test_case cases[] = {
	{ "general registers and flags", general_registers },
	{ "selectors", selectors },
#ifdef __x86_64__
	{ "segment bases", segment_bases },
#endif
	{ "x87 and SSE", floating_point },
	{ "TLS array and LDT", descriptors },
};

int main(int argc, char **argv, char **envp)
{
	(void)envp;
	if (argc == 1)
		exec_dirty(argv[0]);
	return RUN_CASES(cases);
}
