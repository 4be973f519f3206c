/* SPDX-License-Identifier: MIT */
/*
 * How a system-call number is read out of the register (spec R6.13).
 *
 * SYSCALL64 takes the low 32 bits of RAX as a signed number: the high half is ignored, -1 and
 * everything beyond the table is -ENOSYS.  Bit 30 means the x32 ABI, which is -ENOSYS where
 * that is absent.  INT 0x80 takes EAX and the i386 table, also from 64-bit code, and reads 32-bit
 * arguments: the high halves of the registers are ignored (CVE-2007-4573 was the opposite).
 */
#include "user/lib/regs.h"
#include "user/lib/test.h"

#define NR32_WRITE  4	/* asm/unistd_32.h, needed in 64-bit code too */
#define NR32_GETPID 20

static unsigned long call(void (*enter)(struct regs *, struct regs *), unsigned long ax)
{
	struct regs in = { .ax = ax, .flags = FLAG_IF | FLAG_FIXED }, out;

	enter(&in, &out);
	return out.ax;
}

#ifdef __x86_64__
static const struct {
	unsigned long ax;
	bool getpid;
} syscall_numbers[] = {
	{ __NR_getpid, true },
	{ 0x100000000ul | __NR_getpid, true },
	{ 0xffffffff00000000ul | __NR_getpid, true },
	{ 0x8000000000000000ul | __NR_getpid, true },
	{ (unsigned long)-1, false },
	{ 0xfffffffful, false },
	{ 0x00000001fffffffful, false },
	{ 0x80000000ul | __NR_getpid, false },
	{ 0xffffffff80000000ul | __NR_getpid, false },
	{ 0x7ffffffful, false },
	{ 400, false },			/* a hole in the table */
	{ 100000, false },
	{ __NR_set_thread_area, false },	/* in the table, not implemented for 64-bit code */
	{ __NR_get_thread_area, false },
};

static void numbers_by_syscall(void)
{
	long pid = SYS(getpid);
	char what[40];

	for (unsigned i = 0; i < COUNT(syscall_numbers); i++) {
		format(what, sizeof(what), "rax=0x%lx", syscall_numbers[i].ax);
		expect_eq(what, (long)call(regs_syscall, syscall_numbers[i].ax),
			  syscall_numbers[i].getpid ? pid : -ENOSYS);
	}
}

static void x32_bit(void)
{
	long ret = (long)call(regs_syscall, 0x40000000ul | __NR_getpid);

	/* A Linux built with the x32 ABI does the call. */
	if (!on_paranoid() && ret == SYS(getpid))
		return skip("this Linux has the x32 ABI");
	expect_error("rax=0x40000000|getpid", ret, ENOSYS);
}

/* Programs link below 4 GiB, so that a pointer cut to 32 bits is still right. */
static void int80_arguments_are_32_bit(void)
{
	static char text[] = "word";
	char buf[8] = "";
	int fds[2];
	struct regs in = { .ax = NR32_WRITE, .dx = 0xdeadbeef00000004, .flags = FLAG_FIXED }, out;

	if (!expect_ok("pipe", SYS(pipe, fds)))
		return;
	in.bx = 0xffffffff00000000ul | (unsigned)fds[1];
	in.cx = 0x7ff000000000ul | (unsigned long)text;
	regs_int80(&in, &out);
	expect_eq("write with garbage in the high halves", (long)out.ax, 4);
	expect_eq("read", SYS(read, fds[0], buf, 4), 4);
	expect_string("what arrived", buf, "word");
}
#endif

static const struct {
	unsigned long ax;
	bool getpid;
} int80_numbers[] = {
	{ NR32_GETPID, true },
	{ (unsigned long)-1, false },
	{ 0x7ffffffful, false },
	{ 0x80000000ul | NR32_GETPID, false },
	{ 0x40000000ul | NR32_GETPID, false },
	{ 390, false },			/* a hole in the table */
	{ 100000, false },
#ifdef __x86_64__
	{ 0xdeadbeef00000000ul | NR32_GETPID, true },
	{ 0xffffffff00000000ul | NR32_GETPID, true },
	{ 0xfffffffful, false },
#endif
};

static void numbers_by_int80(void)
{
	long pid = SYS(getpid);
	char what[40];

	for (unsigned i = 0; i < COUNT(int80_numbers); i++) {
		format(what, sizeof(what), "rax=0x%lx", int80_numbers[i].ax);
		expect_eq(what, (long)call(regs_int80, int80_numbers[i].ax),
			  int80_numbers[i].getpid ? pid : -ENOSYS);
	}
}

static const struct test_case cases[] = {
#ifdef __x86_64__
	{ "numbers by SYSCALL", numbers_by_syscall },
	{ "the x32 bit", x32_bit },
	{ "INT 0x80 reads 32-bit arguments", int80_arguments_are_32_bit },
#endif
	{ "numbers by INT 0x80", numbers_by_int80 },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	return RUN_CASES(cases);
}
