/* SPDX-License-Identifier: MIT */
/*
 * The auxiliary vector and the shape of the initial stack (spec 12.1, R1.2, R1.3, R1.4).
 *
 * AT_HWCAP2 bit 1 must say exactly whether RDFSBASE works in 64-bit code: a child tries it. In
 * 32-bit code the bit is there too, but the instruction is invalid in any case.
 */
#include "user/lib/test.h"

#define HWCAP2_FSGSBASE 2

extern char _start[], __executable_start[];

static unsigned long must(const char *name, unsigned long type)
{
	bool found;
	unsigned long value = auxv(type, &found);

	if (!found)
		fail("%s is missing", name);
	return value;
}

static void program_headers(void)
{
	unsigned long phdr = must("AT_PHDR", AT_PHDR);
	const unsigned char *image = (const unsigned char *)__executable_start;
	unsigned phoff = image[IS_64BIT ? 32 : 28], phnum = image[IS_64BIT ? 56 : 44];

	expect_hex("AT_PHDR", phdr, (unsigned long)image + phoff);
	expect_eq("AT_PHENT", (long)must("AT_PHENT", AT_PHENT), IS_64BIT ? 56 : 32);
	expect_eq("AT_PHNUM", (long)must("AT_PHNUM", AT_PHNUM), phnum);
	expect_hex("AT_ENTRY", must("AT_ENTRY", AT_ENTRY), (unsigned long)_start);
	expect_hex("AT_BASE (no interpreter)", must("AT_BASE", AT_BASE), 0);
	expect_hex("AT_FLAGS", must("AT_FLAGS", AT_FLAGS), 0);
}

static void system_constants(void)
{
	expect_eq("AT_PAGESZ", (long)must("AT_PAGESZ", AT_PAGESZ), 4096);
	expect_eq("AT_CLKTCK", (long)must("AT_CLKTCK", AT_CLKTCK), 100);
	expect_string("AT_PLATFORM", (const char *)must("AT_PLATFORM", AT_PLATFORM),
		      IS_64BIT ? "x86_64" : "i686");
}

static void identity(void)
{
	expect_eq("AT_UID", (long)must("AT_UID", AT_UID), SYS(getuid));
	expect_eq("AT_EUID", (long)must("AT_EUID", AT_EUID), SYS(geteuid));
	expect_eq("AT_GID", (long)must("AT_GID", AT_GID), SYS(getgid));
	expect_eq("AT_EGID", (long)must("AT_EGID", AT_EGID), SYS(getegid));
	expect_eq("AT_SECURE", (long)must("AT_SECURE", AT_SECURE), 0);
	expect_string("AT_EXECFN", (const char *)must("AT_EXECFN", AT_EXECFN), program_argv[0]);
}

/* A child executes this program again, which writes its 16 bytes to the pipe. */
static int exec_print_random(void *fd)
{
	char *argv[] = { program_argv[0], "random", fd, NULL };

	SYS(execve, argv[0], argv, program_envp);
	return 1;
}

static void random_bytes(void)
{
	const void *mine = (const void *)must("AT_RANDOM", AT_RANDOM);
	char other[16], fd[8];
	int fds[2];

	if (!mine || SYS(pipe, fds))
		return fail("no AT_RANDOM or no pipe");
	format(fd, sizeof(fd), "%d", fds[1]);
	expect_status("second program", child_run(exec_print_random, fd), EXITED(0));
	expect_eq("bytes from it", SYS(read, fds[0], other, 16), 16);
	expect_true("two programs get different bytes", memcmp(mine, other, 16) != 0);
}

/* CPUID.1:EDX.  A kernel may hide a feature (APIC), it must not invent one. */
static void hardware_capabilities(void)
{
	unsigned a = 1, b, c, d;
	unsigned long hwcap = must("AT_HWCAP", AT_HWCAP);
	unsigned basic = 1u << 0 | 1u << 4 | 1u << 8 | 1u << 15 | 1u << 24 | 1u << 25 | 1u << 26;

	__asm__("cpuid" : "+a"(a), "=b"(b), "=c"(c), "=d"(d));
	note("AT_HWCAP 0x%lx, CPUID.1:EDX 0x%x", hwcap, d);
	expect_hex("bits in AT_HWCAP that CPUID does not have", hwcap & ~(unsigned long)d, 0);
	expect_hex("FPU TSC CX8 CMOV FXSR SSE SSE2 in both", hwcap & basic, d & basic);
}

static int read_fs_base(void *unused)
{
	unsigned long base;

	(void)unused;
#ifdef __x86_64__
	__asm__ volatile("rdfsbase %0" : "=r"(base));
#else
	__asm__ volatile(".byte 0xf3, 0x0f, 0xae, 0xc0" : "=a"(base));
#endif
	return 0;
}

static void fsgsbase_bit(void)
{
	bool enabled = must("AT_HWCAP2", AT_HWCAP2) & HWCAP2_FSGSBASE;

	note("AT_HWCAP2 says FSGSBASE is %s", enabled ? "on" : "off");
	expect_status(IS_64BIT ? "RDFSBASE" : "RDFSBASE in 32-bit code",
		      child_run(read_fs_base, NULL),
		      IS_64BIT && enabled ? EXITED(0) : KILLED(SIGILL));
}

/* argc, argv, NULL, envp, NULL, auxv; strings above all of them. */
static void stack_layout(void)
{
	unsigned long *sp = (unsigned long *)start_registers.sp;

	expect_eq("argc at the stack pointer", (long)sp[0], program_argc);
	expect_hex("argv[argc]", sp[1 + program_argc], 0);
	expect_true("argv[0] lies above the vectors",
		    (unsigned long)program_argv[0] > start_registers.sp);
	expect_true("AT_RANDOM lies above the vectors",
		    must("AT_RANDOM", AT_RANDOM) > start_registers.sp);
	expect_hex("stack pointer, low bits", start_registers.sp & 15, 0);
}

static const struct test_case cases[] = {
	{ "program headers and entry", program_headers },
	{ "system constants", system_constants },
	{ "identity and name", identity },
	{ "AT_RANDOM", random_bytes },
	{ "AT_HWCAP", hardware_capabilities },
	{ "AT_HWCAP2 tells whether RDFSBASE works", fsgsbase_bit },
	{ "stack layout", stack_layout },
};

int main(int argc, char **argv, char **envp)
{
	(void)envp;
	if (argc == 3 && !strcmp(argv[1], "random"))
		return SYS(write, parse_number(argv[2]), auxv(AT_RANDOM, NULL), 16) != 16;
	return RUN_CASES(cases);
}
