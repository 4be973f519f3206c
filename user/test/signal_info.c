/* SPDX-License-Identifier: MIT */
/*
 * What a handler learns about the cause: siginfo, and for exceptions the trap number, error code
 * and CR2 in the sigcontext.  Exceptions: the handler sends execution on to a landing place.
 */
#include "user/lib/handler.h"
#include "user/lib/regs.h"
#include "user/lib/test.h"

static struct {
	int signo, code, err_no;
	uintptr_t addr, ip, trapno, error, cr2;
	unsigned long ax;
	int pid, uid, status;
	void *value;
	unsigned calls;
} seen;

static uintptr_t landing;

static void look(int signo, siginfo_t *info, struct ucontext *uc)
{
	seen.calls++;
	seen.signo = signo;
	seen.code = info->si_code;
	seen.err_no = info->si_errno;
	seen.addr = (uintptr_t)info->si_addr;
	seen.pid = info->si_pid;
	seen.uid = (int)info->si_uid;
	seen.status = info->si_status;
	seen.value = info->si_ptr;
	seen.ip = REG(uc, ip);
	seen.ax = REG(uc, ax);
	seen.trapno = uc->uc_mcontext.trapno;
	seen.error = uc->uc_mcontext.err;
	seen.cr2 = uc->uc_mcontext.cr2;
	if (landing) {
		REG(uc, ip) = landing;
		REG_FLAGS(uc) &= ~FLAG_TF;
	}
}

#ifdef __x86_64__
#define LANDING "lea 2f(%%rip), %%rax; mov %%rax, %0; lea 1f(%%rip), %%rax; mov %%rax, %1; "
#else
#define LANDING "movl $2f, %0; movl $1f, %1; "
#endif

static uintptr_t fault_ip;

/*
 * The instruction at 1: is what faults; AX holds -512, which is no business of a restart (SIG-2).
 */
#define EXCEPTION(name, before, instruction, ...)                                                  \
	static void name(void)                                                                     \
	{                                                                                          \
		__asm__ volatile(LANDING before "\n1: " instruction "\n2:\n\t"                     \
				 : "=m"(landing), "=m"(fault_ip) : __VA_ARGS__                     \
				 : "eax", "ecx", "edx", "memory", "cc");                           \
	}

#define MINUS_512 "mov $-512, %%eax; "
EXCEPTION(divide, MINUS_512 "xor %%ecx, %%ecx", "div %%ecx", "m"(seen))
EXCEPTION(invalid, MINUS_512, "ud2", "m"(seen))
EXCEPTION(breakpoint, MINUS_512, "int3", "m"(seen))
EXCEPTION(overflow, MINUS_512, "int $4", "m"(seen))
EXCEPTION(privileged, MINUS_512, "hlt", "m"(seen))
EXCEPTION(gate, MINUS_512, "int $0x81", "m"(seen))
EXCEPTION(selector, "mov $0xfff8, %%ecx;" MINUS_512, "mov %%ecx, %%ds", "m"(seen))
EXCEPTION(read_hole, "xor %%ecx, %%ecx;" MINUS_512, "movb 16(%%ecx), %%dl", "m"(seen))
EXCEPTION(write_hole, "xor %%ecx, %%ecx;" MINUS_512, "movb %%dl, 16(%%ecx)", "m"(seen))
static char *read_only;
EXCEPTION(write_protected, "mov %2, %%ecx;" MINUS_512, "movb %%dl, (%%ecx)",
	  "r"((unsigned)(uintptr_t)read_only))
#ifdef __x86_64__
EXCEPTION(kernel_half, "mov $-4096, %%rcx;" MINUS_512, "movb (%%rcx), %%dl", "m"(seen))
EXCEPTION(non_canonical, "mov $1, %%ecx; shl $63, %%rcx;" MINUS_512, "movb (%%rcx), %%dl",
	  "m"(seen))
#else
static const int limits[2] = { 0, 3 };
EXCEPTION(into, "mov $0x7fffffff, %%ecx; inc %%ecx", "into", "m"(seen))
EXCEPTION(bound, "mov $9, %%ecx", "bound %%ecx, (%2)", "r"(limits))
#endif
#ifdef __x86_64__
EXCEPTION(single_step, "pushfq; orl $0x100, (%%rsp); popfq", "nop", "m"(seen))
#else
EXCEPTION(single_step, "pushf; orl $0x100, (%%esp); popf", "nop", "m"(seen))
#endif

#define AT_FAULT  (-1l)		/* si_addr is the instruction */
static const struct exception {
	const char *name;
	void (*run)(void);
	int signo, code;
	long addr;
	int trapno, ip_offset;
	long error;
} table[] = {
	{ "#DE", divide, SIGFPE, FPE_INTDIV, AT_FAULT, 0, 0, 0 },
	{ "#UD", invalid, SIGILL, ILL_ILLOPN, AT_FAULT, 6, 0, 0 },
	{ "#BP", breakpoint, SIGTRAP, SI_KERNEL, 0, 3, 1, 0 },
	{ "INT 4", overflow, SIGSEGV, SI_KERNEL, 0, 4, 2, 0 },
	{ "HLT", privileged, SIGSEGV, SI_KERNEL, 0, 13, 0, 0 },
	{ "INT 0x81", gate, SIGSEGV, SI_KERNEL, 0, 13, 0, 0x81 * 8 + 2 },
	{ "bad selector", selector, SIGSEGV, SI_KERNEL, 0, 13, 0, 0xfff8 },
	{ "read of nothing", read_hole, SIGSEGV, SEGV_MAPERR, 16, 14, 0, 4 },
	{ "write of nothing", write_hole, SIGSEGV, SEGV_MAPERR, 16, 14, 0, 6 },
#ifdef __x86_64__
	{ "kernel half", kernel_half, SIGSEGV, SEGV_MAPERR, -4096, 14, 0, 5 },
	{ "not canonical", non_canonical, SIGSEGV, SI_KERNEL, 0, 13, 0, 0 },
#else
	{ "INTO", into, SIGSEGV, SI_KERNEL, 0, 4, 1, 0 },
	{ "BOUND", bound, SIGSEGV, SI_KERNEL, 0, 5, 0, 0 },
#endif
	/* R2.5; ICEBP is #UD in the translator of QEMU 7.2 */
	{ "single step", single_step, SIGTRAP, TRAP_TRACE, AT_FAULT, 1, 1, 0 },
};

static void catch_faults(void)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE };

	for (unsigned i = 0; i < COUNT(signals); i++)
		handle(signals[i], look, SA_NODEFER);
}

static void check_exception(const struct exception *e)
{
	uintptr_t ip;

	seen.calls = 0;
	landing = 0;
	e->run();
	ip = fault_ip + (unsigned)e->ip_offset;
	note("%s", e->name);
	expect_eq("  calls", seen.calls, 1);
	expect_eq("  signal", seen.signo, e->signo);
	expect_eq("  si_code", seen.code, e->code);
	expect_hex("  si_addr", seen.addr, e->addr == AT_FAULT ? ip : (uintptr_t)e->addr);
	expect_hex("  IP", seen.ip, ip);
	expect_eq("  trapno", (long)seen.trapno, e->trapno);
	/* QEMU's TCG counts 16 bytes for an entry of the IDT here; the manual says 8. */
	if (e->run != gate || seen.error != 0x81 * 16 + 2)
		expect_hex("  error code", seen.error, (uintptr_t)e->error);
	if (e->trapno == 14)
		expect_hex("  CR2", seen.cr2, (uintptr_t)e->addr);
}

static void exceptions(void)
{
	catch_faults();
	for (unsigned i = 0; i < COUNT(table); i++)
		check_exception(&table[i]);
}

static void protection(void)
{
	struct exception e = { "write to a read-only page", write_protected, SIGSEGV, SEGV_ACCERR,
			       0, 14, 0, 7 };

	catch_faults();
	read_only = (char *)sys_mmap(NULL, PAGE, PROT_READ,
				     MAP_PRIVATE | MAP_ANONYMOUS | (IS_64BIT ? 0x40 : 0), -1, 0);
	(void)*(volatile char *)read_only;
	e.addr = (long)read_only;
	check_exception(&e);
}

static void ax_is_no_restart(void)
{
	catch_faults();
	landing = 0;
	seen.calls = 0;
	invalid();
	expect_eq("AX in the frame", (int)seen.ax, -512);
	expect_hex("IP in the frame", seen.ip, fault_ip);
}

static void from_programs(void)
{
	siginfo_t q = { .si_signo = SIGUSR1, .si_errno = 77, .si_code = SI_QUEUE };
	pid_t me = self_pid();

	q.si_pid = 1234, q.si_uid = 5678, q.si_ptr = (void *)0x76543210;
	landing = 0;
	handle(SIGUSR1, look, 0);
	SYS(kill, me, SIGUSR1);
	expect_eq("kill: si_code", seen.code, SI_USER);
	expect_eq("kill: si_pid", seen.pid, me);
	SYS(tkill, me, SIGUSR1);
	expect_eq("tkill: si_code", seen.code, SI_TKILL);
	expect_eq("tkill: si_pid", seen.pid, me);
	expect_eq("rt_sigqueueinfo", SYS(rt_sigqueueinfo, me, SIGUSR1, &q), 0);
	expect_eq("queued: si_code", seen.code, SI_QUEUE);
	expect_eq("queued: si_errno", seen.err_no, 77);
	expect_eq("queued: si_pid as the sender wrote it", seen.pid, 1234);
	expect_eq("queued: si_uid", seen.uid, 5678);
	expect_hex("queued: si_value", (uintptr_t)seen.value, 0x76543210);
	q.si_ptr = (void *)0x1234;
	expect_eq("rt_tgsigqueueinfo", SYS(rt_tgsigqueueinfo, me, me, SIGUSR1, &q), 0);
	expect_hex("queued to a thread: si_value", (uintptr_t)seen.value, 0x1234);
}

/* Where the details lie depends on signal and code. */
static void made_up(void)
{
	siginfo_t fault = { .si_code = SEGV_MAPERR, .si_addr = (void *)0x12345678 };
	siginfo_t child = { .si_code = CLD_EXITED };
	pid_t me = self_pid();

	child.si_pid = 7, child.si_uid = 8, child.si_status = 42;
	landing = 0;
	handle(SIGSEGV, look, 0);
	handle(SIGCHLD, look, 0);
	expect_eq("rt_sigqueueinfo", SYS(rt_sigqueueinfo, me, SIGSEGV, &fault), 0);
	expect_eq("fault: si_code", seen.code, SEGV_MAPERR);
	expect_hex("fault: si_addr", seen.addr, 0x12345678);
	expect_eq("rt_tgsigqueueinfo", SYS(rt_tgsigqueueinfo, me, me, SIGCHLD, &child), 0);
	expect_eq("child: si_code", seen.code, CLD_EXITED);
	expect_eq("child: si_pid", seen.pid, 7);
	expect_eq("child: si_uid", seen.uid, 8);
	expect_eq("child: si_status", seen.status, 42);
}

static const struct test_case cases[] = {
	{ "exceptions", exceptions },
	{ "protected page", protection },
	{ "an exception with AX = -ERESTARTSYS", ax_is_no_restart },
	{ "signals from programs", from_programs },
	{ "faults and children that programs make up", made_up },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	return RUN_CASES(cases);
}
