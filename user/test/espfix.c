/* SPDX-License-Identifier: MIT */
/*
 * Stack segments of the LDT, 16 and 32 bits wide (spec 2.13, R2.16, R2.30): whichever way the
 * kernel is left for one, SS and all of ESP are what the program had; bits 31:16 are not the
 * kernel's.  What cannot be loaded is a signal.
 */
#include <linux/time.h>
#include "user/lib/descriptors.h"
#include "user/lib/segment_run.h"
#include "user/lib/test.h"

#define CODE_AT  0x20000000ul
#define FRESH_AT 0x20010000ul	/* a page that faults when it is touched first */
#define SP_LOW   0x5aadc0deul
#define SP_ALL   (IS_64BIT ? (unsigned long)0x8badf00d5aadc0deull : SP_LOW)

/* Entries of the LDT. */
enum { CODE16, DATA16, DATA32, DATA16_GONE, DATA32_GONE, DATA16_RO, NOTHING };

/* Offsets in the page of code. */
enum {
	AT_INT3 = 0, AT_WAIT = 0x10, AT_TOUCH = 0x40, AT_INT80 = 0x50, AT_CALLS = 0x60,
	FLAG = 0x800,		/* set by the timer's handler */
};
#define CALLS 20000
#define AT_ONCE 4

static struct segment_run plan;
static const struct segment_stop *stop;

static void set_flag(int signo, siginfo_t *info, struct ucontext *uc)
{
	(void)signo, (void)info, (void)uc;
	*(volatile char *)(CODE_AT + FLAG) = 1;
}

static void map_at(unsigned long at, int prot)
{
	long ret = sys_mmap((void *)at, PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
			    0);

	if (ret != (long)at)
		test_abort("mmap", ret);
}

/* The same in 32- and 64-bit code; only the first instruction is for 16-bit code, too. */
static void write_code(void)
{
	static const unsigned char wait[] = {
		0x81, 0xfc, 0xde, 0xc0, 0xad, 0x5a,	/* 0: cmp $SP_LOW, %esp */
		0x75, 0x07,				/*    jne 1f */
		0x80, 0x3b, 0x00,			/*    cmpb $0, (%ebx) */
		0x74, 0xf3,				/*    je 0b */
		0x90, 0x90, 0xcc,			/* 1: int3 */
	};
	static const unsigned char touch[] = { 0x80, 0x38, 0x00, 0xcc }; /* cmpb $0, (%eax) */
	static const unsigned char int80[] = { 0xcd, 0x80, 0xcc };
	static const unsigned char calls[] = {
		0xb8, 0x14, 0x00, 0x00, 0x00,		/* 0: mov $20, %eax */
		0xcd, 0x80,				/*    int $0x80 */
		0x81, 0xfc, 0xde, 0xc0, 0xad, 0x5a,	/*    cmp $SP_LOW, %esp */
		0x75, 0x05,				/*    jne 1f */
		0x83, 0xeb, 0x01,			/*    sub $1, %ebx */
		0x75, 0xec,				/*    jnz 0b */
		0xcc,					/* 1: int3 */
	};
	char *code = (char *)CODE_AT;

	map_at(CODE_AT, PROT_READ | PROT_WRITE | PROT_EXEC);
	code[AT_INT3] = (char)0xcc;
	memcpy(code + AT_WAIT, wait, sizeof(wait));
	memcpy(code + AT_TOUCH, touch, sizeof(touch));
	memcpy(code + AT_INT80, int80, sizeof(int80));
	memcpy(code + AT_CALLS, calls, sizeof(calls));
}

static void add_segment(struct user_desc d)
{
	long ret = ldt_write(d);

	if (ret)
		test_abort("modify_ldt", ret);
}

static void write_segments(void)
{
	struct user_desc d = { .entry_number = DATA16, .limit = 0xffff };

	add_segment(d);
	d.entry_number = DATA16_GONE, d.seg_not_present = 1;
	add_segment(d);
	d.entry_number = DATA32_GONE, d.seg_32bit = 1;
	add_segment(d);
	d.entry_number = DATA32, d.seg_not_present = 0;
	add_segment(d);
	d.entry_number = DATA16_RO, d.seg_32bit = 0, d.read_exec_only = 1;
	add_segment(d);
	d = (struct user_desc){ .entry_number = CODE16, .base_addr = CODE_AT, .limit = 0xffff,
				.contents = 2 };
	add_segment(d);
}

static void set_up(void)
{
	static bool done;

	if (done)
		return;
	done = true;
	write_code();
	write_segments();
}

/* Runs the code at that offset of the page until it stops by a signal. */
static void run(uint16_t cs, unsigned ss_entry, unsigned offset, unsigned long ax)
{
	plan = (struct segment_run){ .cs = cs, .ss = LDT_SELECTOR(ss_entry),
				     .ip = offset + (cs & 4 ? 0 : CODE_AT), .sp = SP_ALL,
				     .ax = ax, .bx = CODE_AT + FLAG };
	stop = segment_run(&plan);
	note("CS %x, SS %x", plan.cs, plan.ss);
	expect_eq("signals", stop->stops, 1);
}

/* R2.30: where the code has stopped, everything is as it was there. */
static void expect_stop(unsigned length)
{
	unsigned long sp = REG(&stop->uc, sp);

	expect_eq("SIGTRAP", stop->signo, SIGTRAP);
	expect_hex("IP", REG(&stop->uc, ip), plan.ip + length);
	expect_hex("CS", stop->uc.uc_mcontext.cs, plan.cs);
	expect_hex("SS", stop->uc.uc_mcontext.ss, plan.ss);
	expect_hex("ESP", sp & 0xffffffff, SP_LOW);
	if (plan.cs == 0x33)
		expect_hex("RSP", sp, SP_ALL);
}

static const uint16_t code[] = { LDT_SELECTOR(CODE16), 0x23, 0x33 };
static const uint8_t stack[] = { DATA32, DATA16 };

static void by_sigreturn(void)
{
	set_up();
	for (unsigned c = 0; c < COUNT(code); c++)
		for (unsigned s = 0; s < COUNT(stack); s++) {
			run(code[c], stack[s], AT_INT3, 0);
			expect_stop(1);
		}
}

static void by_page_fault(void)
{
	set_up();
	for (unsigned c = 1; c < COUNT(code); c++)
		for (unsigned s = 0; s < COUNT(stack); s++) {
			map_at(FRESH_AT, PROT_READ | PROT_WRITE);
			run(code[c], stack[s], AT_TOUCH, FRESH_AT);
			expect_stop(4);
		}
}

static void by_system_call(void)
{
	set_up();
	for (unsigned c = 1; c < COUNT(code); c++)
		for (unsigned s = 0; s < COUNT(stack); s++) {
			run(code[c], stack[s], AT_INT80, 20);
			expect_stop(3);
			expect_eq("getpid", (long)REG(&stop->uc, ax), self_pid());
		}
}

/* The clock's interrupts come and go, and at last a signal: ESP is compared all the time. */
static void by_interrupt(void)
{
	struct __kernel_old_itimerval soon = { .it_value = { .tv_usec = 20000 } };

	set_up();
	handle(SIGALRM, set_flag, SA_ONSTACK);
	for (unsigned c = 1; c < COUNT(code); c++)
		for (unsigned s = 0; s < COUNT(stack); s++) {
			*(volatile char *)(CODE_AT + FLAG) = 0;
			SYS(setitimer, ITIMER_REAL, &soon, NULL);
			run(code[c], stack[s], AT_WAIT, 0);
			expect_stop(16);
			expect_eq("the timer's signal came", *(volatile char *)(CODE_AT + FLAG), 1);
		}
}

/* Twenty thousand returns; the number of the child is in bits 31:24 of its ESP. */
static int many_returns(void *number)
{
	unsigned long sp = SP_LOW ^ (unsigned long)number << 24;

	memcpy((char *)CODE_AT + AT_CALLS + 9, &(uint32_t){ (uint32_t)sp }, 4);
	plan = (struct segment_run){ .cs = 0x23, .ss = LDT_SELECTOR(DATA16), .sp = sp,
				     .ip = CODE_AT + AT_CALLS, .bx = CALLS };
	stop = segment_run(&plan);
	expect_eq("SIGTRAP", stop->signo, SIGTRAP);
	expect_eq("calls left", (long)REG(&stop->uc, bx), 0);
	expect_hex("ESP", REG(&stop->uc, sp) & 0xffffffff, sp);
	return 0;
}

/* On all CPUs, and on each of them one after the other: nobody gets another one's words. */
static void at_once(void)
{
	pid_t child[AT_ONCE];

	set_up();
	for (unsigned long i = 0; i < AT_ONCE; i++)
		child[i] = child_start(many_returns, (void *)i);
	for (unsigned i = 0; i < AT_ONCE; i++)
		expect_status("child", child_wait(child[i]), EXITED(0));
}

/* R2.16, CVE-2014-9090, CVE-2014-9322: the fault of an IRETQ that cannot push its frame. */
static void refused(void)
{
	static const uint8_t bad[] = { DATA16_GONE, DATA32_GONE, DATA16_RO, CODE16, NOTHING };

	set_up();
	for (unsigned c = 0; c < COUNT(code); c++)
		for (unsigned s = 0; s < COUNT(bad); s++) {
			run(code[c], bad[s], AT_INT3, 0);
			expect_eq("SIGSEGV", stop->signo, SIGSEGV);
			expect_eq("si_code", stop->code, SI_KERNEL);
			expect_eq("trap", (long)stop->uc.uc_mcontext.trapno, 13);
			expect_eq("the error code is lost", (long)stop->uc.uc_mcontext.err, 0);
			expect_hex("IP tried", REG(&stop->uc, ip), plan.ip);
			expect_hex("CS tried", stop->uc.uc_mcontext.cs, plan.cs);
			expect_hex("SS tried", stop->uc.uc_mcontext.ss, plan.ss);
			expect_hex("SP tried", REG(&stop->uc, sp), SP_ALL);
		}
}

#ifdef __x86_64__
#define SP_NAME "rsp"
#define CALL_CLOBBERS , "r8", "r9", "r10", "r11"
#else
#define SP_NAME "esp"
#define CALL_CLOBBERS
#endif

/* SS is loaded by the program itself; then come a page fault and a system call. */
static void by_hand(void)
{
	static unsigned long before, fault, call, ss;

	set_up();
	for (unsigned s = 0; s < COUNT(stack); s++) {
		long ax = 20;

		map_at(FRESH_AT, PROT_READ | PROT_WRITE);
		__asm__ volatile("mov %%" SP_NAME ", %0\n\tmov %5, %%ss\n\t"
				 "cmpb $0, (%6)\n\tmov %%" SP_NAME ", %1\n\t"
				 "int $0x80\n\tmov %%" SP_NAME ", %2\n\t"
				 "mov %%ss, %5\n\tmov %5, %3\n\tmov %7, %%ss"
				 : "=m"(before), "=m"(fault), "=m"(call), "=m"(ss), "+a"(ax)
				 : "b"((unsigned long)LDT_SELECTOR(stack[s])), "c"(FRESH_AT),
				   "d"(0x2bul)
				 : "memory", "cc" CALL_CLOBBERS);
		expect_hex("SP behind a page fault", fault, before);
		expect_hex("SP behind INT 0x80", call, before);
		expect_eq("getpid", ax, self_pid());
		expect_hex("SS", ss, LDT_SELECTOR(stack[s]));
	}
}

static const struct test_case cases[] = {
	{ "by sigreturn", by_sigreturn },     { "by page fault", by_page_fault },
	{ "by system call", by_system_call }, { "by interrupt", by_interrupt },
	{ "loaded by hand", by_hand },	      { "at once", at_once },
	{ "refused", refused },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	return RUN_CASES(cases);
}
