/* SPDX-License-Identifier: MIT */
/*
 * The fast doors used as nobody should: with all registers -1, TF and a GS base that looks like
 * the kernel's (R6.8); from 64-bit code (R6.10); from compatibility-mode code of a 64-bit program,
 * whose vDSO has no landing pad (R6.28); and IRET to 32-bit code beyond 4 GiB (R6.29).  Each ends
 * in a signal of the program's.
 */
#include "user/lib/fsgs.h"
#include "user/lib/handler.h"
#include "user/lib/regs.h"
#include "user/lib/test.h"

#define ALT_SIZE (64 * 1024)
#define KERNEL_LIKE (-65536l)	/* a base that is negative */

/* Statuses of a child that tried a door. */
enum { REFUSED = 10, CLOSED, RETURNED, STRANGE };

/* -1 was loaded: unchanged, the instruction itself has faulted. */
static void on_fault(int signo, siginfo_t *info, struct ucontext *uc)
{
	int ax = (int)REG(uc, ax);

	(void)signo, (void)info;
	sys_exit(ax == -EFAULT || ax == -ENOSYS ? REFUSED : ax == -1 ? CLOSED : STRANGE);
}

static void on_trap(int signo, siginfo_t *info, struct ucontext *uc)
{
	(void)signo, (void)info, (void)uc;	/* the step before the door */
}

static void handle_all(void)
{
	set_altstack(map_private(ALT_SIZE), ALT_SIZE, 0);
	handle(SIGSEGV, on_fault, SA_ONSTACK);
	handle(SIGBUS, on_fault, SA_ONSTACK);
	handle(SIGILL, on_fault, SA_ONSTACK);
	handle(SIGTRAP, on_trap, SA_ONSTACK);
}

#ifdef __x86_64__
#define WITH_ALL_ONES(instruction)                                                                 \
	__asm__ volatile("pushfq; orl %0, (%%rsp)\n"                                               \
			 ".irp r, rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, " \
			 "r14, r15\n"                                                              \
			 "mov $-1, %%\\r\n.endr\n"                                                 \
			 "popfq; mov $-1, %%rsp\n" instruction "; ud2"                             \
			 : : "i"(FLAG_TF) : "memory")
#else
#define WITH_ALL_ONES(instruction)                                                                 \
	__asm__ volatile("pushfl; orl %0, (%%esp)\n"                                               \
			 ".irp r, eax, ebx, ecx, edx, esi, edi, ebp\n"                             \
			 "mov $-1, %%\\r\n.endr\n"                                                 \
			 "popfl; mov $-1, %%esp\n" instruction "; ud2"                             \
			 : : "i"(FLAG_TF) : "memory")
#endif

static int sysenter_all_ones(void *negative_base)
{
	handle_all();
#ifdef __x86_64__
	if (negative_base)
		wrgsbase((unsigned long)KERNEL_LIKE);
#else
	(void)negative_base;
#endif
	WITH_ALL_ONES("sysenter");
	return 0;
}

static int syscall_all_ones(void *unused)
{
	(void)unused;
	handle_all();
	WITH_ALL_ONES("syscall");	/* 64 bit: number -1, and UD2 ends it */
	return 0;
}

static void expect_refusal(const char *what, int status)
{
	note("%s: %s", what, status == EXITED(CLOSED) ? "no such door" : "refused");
	expect_true("-EFAULT or -ENOSYS, then a signal",
		    status == EXITED(REFUSED) || status == EXITED(CLOSED));
}

/* R6.8 */
static void all_ones(void)
{
	expect_refusal("SYSENTER", child_run(sysenter_all_ones, NULL));
	expect_refusal("SYSCALL", child_run(syscall_all_ones, NULL));
	if (IS_64BIT && have_fsgsbase())
		expect_refusal("SYSENTER, negative GS base", child_run(sysenter_all_ones, ""));
}

#ifdef __x86_64__
static unsigned char *low;	/* a page below 4 GiB: code at 0, a stack at its end */

static int sysenter_64(void *unused)
{
	long ax = 20;	/* getpid in the i386 table */

	(void)unused;
	__asm__ volatile("mov %1, %%rbp; sysenter; ud2"
			 : "+a"(ax)
			 : "r"((unsigned long)low + PAGE - 64)
			 : "rcx", "rdx", "rbx", "rsi", "rdi", "r8", "r9", "r10", "r11", "memory");
	return 0;
}

static bool ended_by_fault(int status)
{
	return status == KILLED(SIGSEGV) || status == KILLED(SIGBUS) || status == KILLED(SIGILL) ||
	       status == KILLED(SIGTRAP);
}

/* R6.10 */
static void from_64_bit_code(void)
{
	int status = child_run(sysenter_64, NULL);

	note("status 0x%x", (unsigned)status);
	expect_true("a signal is the end", ended_by_fault(status));
	expect_true("the parent is well", self_pid() > 1);
}

/* Far to 0x23 and back, with the stack in the low page; the result in EAX. */
static int through_compat(const void *door)
{
	static const unsigned char back[] = { 0xff, 0x2d };	/* ljmp *[disp32] */
	static volatile struct {
		unsigned offset;
		unsigned short selector;
	} __attribute__((packed)) to, from;
	unsigned at = (unsigned)(unsigned long)low;
	int ret;

	memcpy(low, door, 2);
	memcpy(low + 2, back, 2);
	*(unsigned *)(low + 4) = (unsigned)(unsigned long)&from;
	to.offset = at;
	to.selector = 0x23;
	from.selector = 0x33;
	/* DS is null in 64-bit programs, and only 32-bit code minds. */
	__asm__ volatile("mov %[data], %%ds\n"
			 "movl $1f, %[offset]\n"
			 "mov %%rsp, %%r12\n"
			 "mov %[stack], %%rsp\n"
			 "mov %%rsp, %%rbp\n"
			 "ljmpl *%[to]\n"
			 "1: mov %%r12, %%rsp\n"
			 : "=a"(ret), [offset] "+m"(from.offset)
			 : "0"(20), [stack] "b"((unsigned long)low + PAGE - 64), [to] "m"(to),
			   "m"(from), [data] "r"(0x2b)
			 : "rcx", "rdx", "rsi", "rdi", "rbp", "r8", "r9", "r10", "r11", "r12",
			   "memory");
	return ret;
}

static int try_compat(void *door)
{
	return through_compat(door) == self_pid() ? RETURNED : STRANGE;
}

/* R6.28 */
static void from_compat_code(void)
{
	int status;

	expect_status("INT 0x80", child_run(try_compat, "\xcd\x80"), EXITED(RETURNED));
	status = child_run(try_compat, "\x0f\x05");
	note("SYSCALL: status 0x%x", (unsigned)status);
	expect_true("a signal is the end", ended_by_fault(status));
	status = child_run(try_compat, "\x0f\x34");
	note("SYSENTER: status 0x%x", (unsigned)status);
	expect_true("a signal is the end", ended_by_fault(status));
}

static unsigned long frame_ip;

static void go_beyond(int signo, siginfo_t *info, struct ucontext *uc)
{
	(void)signo, (void)info;
	uc->uc_mcontext.cs = 0x23;
	REG(uc, ip) = frame_ip;
}

static int return_beyond(void *ip)
{
	frame_ip = (unsigned long)ip;
	handle(SIGUSR1, go_beyond, 0);
	SYS(tkill, self_pid(), SIGUSR1);
	return 0;
}

/* R6.29: nothing is mapped there, whether the upper half counts or not. */
static void iret_beyond_4_gib(void)
{
	static const unsigned long ips[] = { 1ul << 32 | 8, 1ul << 46, (1ul << 47) - PAGE,
					     0xffffffff80000000, ~0ul };

	for (unsigned i = 0; i < COUNT(ips); i++)
		if (child_run(return_beyond, (void *)ips[i]) != KILLED(SIGSEGV))
			fail("RIP 0x%lx: no SIGSEGV", ips[i]);
	note("%u addresses", (unsigned)COUNT(ips));
}
#endif

static const struct test_case cases[] = {
	{ "all registers -1", all_ones },
#ifdef __x86_64__
	{ "SYSENTER from 64-bit code", from_64_bit_code },
	{ "from compatibility mode", from_compat_code },
	{ "IRET beyond 4 GiB", iret_beyond_4_gib },
#endif
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
#ifdef __x86_64__
	low = (unsigned char *)sys_mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
					MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	if (is_error((long)low))
		test_abort("mmap", (long)low);
#endif
	return RUN_CASES(cases);
}
