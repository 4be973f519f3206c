/* SPDX-License-Identifier: MIT */
/*
 * The vDSO, stepped instruction by instruction and unwound at each (R6.6, R7.4), with an unwinder
 * that programs really use: libgcc's, which finds the call frame information as it does for C++
 * exceptions.
 *
 * A call is made with TF set and known registers.  Each SIGTRAP's handler unwinds: through its own
 * signal frame, through the function of the vDSO, to the caller.  There the return address, the
 * stack pointer and the registers must be what they are known to be.
 *
 * A 32-bit program gives no restorer, so its handlers return through the vDSO's trampolines, and
 * these are what the unwinder crosses, with both kinds of frame.  They are stepped too.
 */
#define _GNU_SOURCE
#include <link.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>
#include "unwind_call.h"
#include "unwind_compare.h"

#define TF 0x100ul

static bool in_vdso(unsigned long ip)
{
	return ip - getauxval(AT_SYSINFO_EHDR) < 2 * 4096;
}

/*
 * Two runs.  The first one executes the system call; but the trap that follows comes an instruction
 * late, for it was IRET that set TF.  In the second one the call is skipped, and a signal waits at
 * each instruction that stepping does not stop at: HLT, INT 0x80 behind a fast instruction - where
 * a restarted call is - and the landing pad.
 */
static bool skip_call;

/* The handlers block all signals, so this one comes when they return: at the instruction in IP. */
static void interrupt_there(void)
{
	syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGUSR1);
}

static bool is_system_call(const unsigned char *code)
{
	return code[0] == 0x0f ? code[1] == 0x34 || code[1] == 0x05	/* SYSENTER, SYSCALL */
			       : code[0] == 0xcd && code[1] == 0x80;
}

static void skip(unsigned long *ip, unsigned bytes)
{
	*ip += bytes;
	interrupt_there();
}

static void step(unsigned long *ip, unsigned long *flags)
{
	if (*ip == (unsigned long)stepped_return)
		*flags &= ~TF;
	if (!in_vdso(*ip))
		return;
	unwind_from(*ip);
	if (skip_call && is_system_call((const unsigned char *)*ip))
		skip(ip, 2);
}

static void placed(unsigned long *ip)
{
	const unsigned char *code = (const unsigned char *)*ip;

	unwind_from(*ip);
	if (*code == 0xf4)
		skip(ip, 1);
	else if (is_system_call(code))
		skip(ip, 2);
}

static void run_twice(void)
{
	target_ip = (unsigned long)stepped_return;
#ifndef __x86_64__
	stepped_fn = call.fn;
#endif
	skip_call = false;
	stepped_call(&call);
	skip_call = true;
	stepped_call(&call);
	skip_call = false;
}

static void report(void)
{
	printf("%s: %s, %u instructions\n", name, failures ? "FAILED" : "unwound", seen_count);
	seen_count = 0;
}

static void *symbol(const char *wanted)
{
	const char *base = (const char *)getauxval(AT_SYSINFO_EHDR), *strings = NULL;
	const ElfW(Ehdr) *header = (const void *)base;
	const ElfW(Phdr) *segment = (const void *)(base + header->e_phoff);
	const ElfW(Sym) *sym = NULL;
	const ElfW(Dyn) *d;

	while (segment->p_type != PT_DYNAMIC)
		segment++;
	for (d = (const void *)(base + segment->p_offset); d->d_tag; d++) {
		if (d->d_tag == DT_SYMTAB)
			sym = (const void *)(base + d->d_un.d_ptr);
		else if (d->d_tag == DT_STRTAB)
			strings = base + d->d_un.d_ptr;
	}
	/* The string table follows the symbols, in both kernels' images. */
	while ((const char *)++sym < strings)
		if (!strcmp(strings + sym->st_name, wanted))
			return (void *)(base + sym->st_value);
	return NULL;
}

/* A function of C's calling convention. */
static void step_function(const char *function, unsigned long a, void *b, void *c)
{
	name = function;
	kept = kept_by_c;
	kept_count = COUNT(kept_by_c);
	call.fn = symbol(name);
	if (!call.fn || !_Unwind_FindEnclosingFunction((char *)call.fn + 1)) {
		printf("%s: not %s\n", name, call.fn ? "described" : "there");
		return;
	}
	for (unsigned i = 0; i < REGS; i++)
		call.reg[i] = 0x1111111 * (i + 1);
	call.arg[0] = a, call.arg[1] = (unsigned long)b, call.arg[2] = (unsigned long)c;
	run_twice();
	report();
}

static void step_functions(void)
{
	long long room[4];
	unsigned cpu, node;

	step_function("__vdso_clock_gettime", CLOCK_MONOTONIC, room, NULL);
	step_function("__vdso_clock_gettime", 99, room, NULL);	/* ends in a system call */
	step_function("__vdso_clock_gettime64", CLOCK_REALTIME, room, NULL);
	step_function("__vdso_gettimeofday", (unsigned long)&room[0], &room[2], NULL);
	step_function("__vdso_time", (unsigned long)room, NULL, NULL);
	step_function("__vdso_getcpu", (unsigned long)&cpu, &node, NULL);
}

static void rt_handler(int signo, siginfo_t *info, void *context)
{
	greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;

	(void)info;
	if (signo == SIGTRAP)
		step((unsigned long *)&regs[REG_IP], (unsigned long *)&regs[REG_EFL]);
	else if (signo == SIGUSR1)
		placed((unsigned long *)&regs[REG_IP]);
	else
		SET_TF;
}

#ifdef __x86_64__
static void handle(int signo)
{
	struct sigaction a = { .sa_flags = SA_SIGINFO, .sa_sigaction = rt_handler };

	sigfillset(&a.sa_mask);
	sigaction(signo, &a, NULL);
}

int main(void)
{
	handle(SIGTRAP);
	handle(SIGUSR1);
	step_functions();
	return failures != 0;
}
#else
/* The registers lie behind the signal's number: what is changed here, sigreturn loads. */
static void old_handler(int signo, struct sigcontext context)
{
	struct sigcontext *c = &context;

	__asm__("" : "+r"(c) : : "memory");
	if (signo == SIGTRAP)
		step(&c->eip, &c->eflags);
	else if (signo == SIGUSR1)
		placed(&c->eip);
	else
		SET_TF;
	__asm__("" : : "r"(c) : "memory");
}

/* Without a restorer, which the C library would add. */
static void handle(int signo, bool rt, unsigned long mask)
{
	struct {
		void *handler;
		unsigned long flags;
		void *restorer;
		unsigned long mask[2];
	} a = { rt ? (void *)rt_handler : (void *)old_handler, rt ? SA_SIGINFO : 0, NULL,
		{ mask, mask } };

	syscall(SYS_rt_sigaction, signo, &a, NULL, 8);
}

static void set_registers(const char *what, void *fn, unsigned long nr, unsigned long result)
{
	name = what;
	kept = kept_by_vsyscall;
	kept_count = COUNT(kept_by_vsyscall);
	for (unsigned i = 0; i < REGS; i++)
		call.reg[i] = 0x1111111 * (i + 1);
	call.reg[AX] = nr;
	ax_after = result;
	call.fn = fn;
}

/* Of __kernel_vsyscall every instruction must have been seen; they have few forms. */
static unsigned instructions(const unsigned char *code)
{
	unsigned n = 1;

	while (*code != 0xc3) {
		bool two = *code == 0x89 || *code == 0x8b || *code == 0x0f || *code == 0xcd;

		code += two ? 2 : 1;
		n++;
	}
	return n;
}

static void step_vsyscall(void)
{
	void *fn = symbol("__kernel_vsyscall");

	set_registers("__kernel_vsyscall", fn, SYS_getpid, getpid());
	run_twice();
	if (seen_count != instructions(fn))
		differs((unsigned long)fn, "instructions seen", instructions(fn), seen_count);
	report();
}

/* A handler sets TF, and returns through the trampoline to the interrupted call. */
static void step_trampoline(const char *what)
{
	set_registers(what, symbol(what), SYS_tgkill, 0);
	call.reg[BX] = getpid(), call.reg[CX] = syscall(SYS_gettid), call.reg[DX] = SIGUSR2;
	target_ip = (unsigned long)interrupted_at;
	interrupted_call(&call);
	report();
}

int main(void)
{
	for (int rt = 0; rt < 2; rt++) {
		handle(SIGTRAP, rt, ~0ul);
		handle(SIGUSR1, rt, ~0ul);
		handle(SIGUSR2, rt, 0);
		printf("%s frames\n", rt ? "rt" : "old");
		step_vsyscall();
		step_trampoline(rt ? "__kernel_rt_sigreturn" : "__kernel_sigreturn");
		step_functions();
	}
	return failures != 0;
}
#endif
