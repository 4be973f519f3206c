/* SPDX-License-Identifier: MIT */
/*
 * Segment registers and signals (spec 3.5).  64 bit: FS and GS are not in the frame; what a handler
 * does to them stays; CS is the kernel's choice, and SS is kept if it can be (R12.3).  32 bit: all
 * of them are in the frame, and sigreturn brings the selectors back (R3.14); a handler begins with
 * the flat ones, but for FS and GS (R12.3).
 */
#include "user/lib/descriptors.h"
#include "user/lib/fsgs.h"
#include "user/lib/handler.h"
#include "user/lib/test.h"

#ifdef __x86_64__
static unsigned frame_gs, frame_fs;
static unsigned long base_inside;

static void set_gs_base(int signo, siginfo_t *info, struct ucontext *uc)
{
	(void)signo, (void)info;
	base_inside = kernel_gs_base();
	frame_gs = uc->uc_mcontext.gs;
	frame_fs = uc->uc_mcontext.fs;
	uc->uc_mcontext.gs = 0x1234;	/* as DOSEMU does: nobody reads it */
	uc->uc_mcontext.fs = 0xffff;
	SYS(arch_prctl, ARCH_SET_GS, 0x123456789000);
}

static void bases_stay(void)
{
	handle(SIGUSR1, set_gs_base, 0);
	SYS(arch_prctl, ARCH_SET_GS, 0x700000001000);
	SYS(arch_prctl, ARCH_SET_FS, 0x700000002000);
	SYS(kill, self_pid(), SIGUSR1);
	expect_hex("GS base in the handler", base_inside, 0x700000001000);
	expect_eq("GS in the frame", frame_gs, 0);
	expect_eq("FS in the frame", frame_fs, 0);
	expect_hex("what the handler set stays", kernel_gs_base(), 0x123456789000);
	expect_hex("FS base", kernel_fs_base(), 0x700000002000);
	expect_eq("GS selector", read_gs(), 0);
	expect_eq("FS selector", read_fs(), 0);
}

static unsigned inside_gs;

static void note_gs(int signo, siginfo_t *info, struct ucontext *uc)
{
	(void)signo, (void)info, (void)uc;
	inside_gs = read_gs();
	write_gs(0);
}

static void selectors_stay(void)
{
	handle(SIGUSR1, note_gs, 0);
	write_gs(0x2b);
	SYS(kill, self_pid(), SIGUSR1);
	expect_hex("GS in the handler", inside_gs, 0x2b);
	expect_hex("and as the handler left it", read_gs(), 0);
}

static unsigned inside_cs, inside_ss;

static void note_cs_ss(int signo, siginfo_t *info, struct ucontext *uc)
{
	(void)signo, (void)info, (void)uc;
	__asm__ volatile("mov %%cs, %0; mov %%ss, %1" : "=r"(inside_cs), "=r"(inside_ss));
}

/* Not by a system call: SYSCALL forgets SS. */
static void trap_with_ss(unsigned selector)
{
	__asm__ volatile("mov %0, %%ss; int3; mov %1, %%ss" : : "r"(selector), "r"(0x2b));
}

static void stack_segment(void)
{
	const unsigned entry = 1;

	handle(SIGTRAP, note_cs_ss, 0);
	if (ldt_write(data_segment(entry, 0)))
		test_abort("modify_ldt", 0);
	trap_with_ss(LDT_SELECTOR(entry));
	expect_hex("CS in the handler", inside_cs & 0xffff, 0x33);
	expect_hex("SS in the handler: a data segment of the LDT", inside_ss & 0xffff,
		   LDT_SELECTOR(entry));
	trap_with_ss(0x2b);
	expect_hex("SS in the handler: the flat one", inside_ss & 0xffff, 0x2b);
}
#else
static unsigned ds_inside, es_inside, fs_inside, gs_inside;
static struct sigcontext in_frame;

#define READ(name)                                                                                 \
	({                                                                                         \
		unsigned s_;                                                                       \
		__asm__ volatile("mov %%" #name ", %0" : "=r"(s_));                                \
		s_ & 0xffff;                                                                       \
	})

static void change_segments(int signo, siginfo_t *info, struct ucontext *uc)
{
	(void)signo, (void)info;
	ds_inside = READ(ds), es_inside = READ(es), fs_inside = READ(fs), gs_inside = READ(gs);
	in_frame = uc->uc_mcontext;
	write_fs(0);
	write_gs(0x2b);
}

static unsigned read_word_at_gs(void)
{
	unsigned v;

	__asm__ volatile("movl %%gs:0, %0" : "=r"(v));
	return v;
}

static void selectors_come_back(void)
{
	static unsigned word = 0x5ec7ed;
	struct user_desc d = { .entry_number = ~0u, .base_addr = (unsigned)&word, .limit = 0xfffff,
			       .seg_32bit = 1, .limit_in_pages = 1, .useable = 1 };
	unsigned selector, es_after;
	long nr = __NR_kill;

	expect_eq("set_thread_area", SYS(set_thread_area, &d), 0);
	selector = d.entry_number << 3 | 3;
	write_gs(selector);
	write_fs(selector);
	handle(SIGUSR1, change_segments, 0);
	/* The compiler counts on ES: it is changed for the call alone. */
	__asm__ volatile("mov %2, %%es; int $0x80; mov %%es, %0; mov %3, %%es"
			 : "=&r"(es_after), "+a"(nr)
			 : "r"(selector), "r"(0x2b), "b"(self_pid()), "c"(SIGUSR1) : "memory");
	expect_hex("ES came back", es_after & 0xffff, selector);
	expect_hex("DS in the handler", ds_inside, 0x2b);
	expect_hex("ES in the handler", es_inside, 0x2b);
	expect_hex("FS in the handler: as interrupted", fs_inside, selector);
	expect_hex("GS in the handler", gs_inside, selector);
	expect_hex("ES in the frame", in_frame.es, selector);
	expect_hex("GS in the frame", in_frame.gs, selector);
	expect_hex("FS came back", READ(fs), selector);
	expect_hex("GS came back", READ(gs), selector);
	expect_hex("with its base", read_word_at_gs(), 0x5ec7ed);
}

static void spoil_selectors(int signo, siginfo_t *info, struct ucontext *uc)
{
	(void)signo, (void)info;
	uc->uc_mcontext.gs = 0xfff8;
	uc->uc_mcontext.fs = 0x10;
}

/* What cannot be loaded becomes null (R2.13). */
static void bad_selectors(void)
{
	handle(SIGUSR1, spoil_selectors, 0);
	SYS(kill, self_pid(), SIGUSR1);
	expect_hex("GS", READ(gs), 0);
	expect_hex("FS", READ(fs), 0);
}
#endif

static const struct test_case cases[] = {
#ifdef __x86_64__
	{ "bases stay", bases_stay },
	{ "selectors stay", selectors_stay },
	{ "CS and SS of a handler", stack_segment },
#else
	{ "selectors come back", selectors_come_back },
	{ "bad selectors", bad_selectors },
#endif
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	return RUN_CASES(cases);
}
