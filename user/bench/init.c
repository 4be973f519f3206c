/* SPDX-License-Identifier: MIT */
/*
 * init.c - process 1 for the benchmark's initramfs.
 *
 * Waits for the kernel's own start-up work to end, runs each program of
 * run_list with the arguments that follow the word "bench" on the kernel's
 * command line ("... -- bench -v getpid*"), and restarts the machine (QEMU: -no-reboot).
 */
#include "sys.h"

static void say(const char *s)
{
	sys3(NR_write, 1, s, str_len(s));
}

/* A kernel that starts init without open files: open descriptors 0, 1, 2. */
static void open_console(void)
{
	static const char *const names[] = { "/dev/console", "/dev/ttyS0", "/dev/tty" };

	if (sys3(NR_write, 1, "", 0) == 0)
		return;
	for (ulong i = 0; i < NELEM(names); i++)
		while (sys3(NR_open, names[i], 2, 0) >= 0 && sys3(NR_write, 2, "", 0) < 0)
			;
}

/* A Linux module in the initramfs: nmi/nmitest.ko. */
static void load_module(void)
{
	long fd = sys3(NR_open, "/module.ko", 0, 0);

	if (fd >= 0)
		sys3(NR_finit_module, fd, "", 0);
}

/*
 * The words after "bench".  Linux passes each word as an argument, and also
 * the parameters that it does not know itself; another kernel may pass its
 * whole command line as one argument.
 */
static const char *words[64];

static void find_words(char **argv)
{
	unsigned n = 0;
	int found = 0;

	for (; *argv; argv++) {
		char *p = *argv;

		while (*p) {
			char *word = p;

			while (*p && *p != ' ')
				p++;
			if (*p)
				*p++ = 0;
			if (found && *word && n < NELEM(words) - 2)
				words[++n] = word;
			else if (str_eq(word, "bench"))
				found = 1;
		}
	}
}

__attribute__((noreturn, used)) void start_c(ulong *sp, u64 entry_tsc)
{
	static const char *const run_list[] = { "/bench64", "/bench32", "/initrd/bench32" };
	char **argv = (char **)(sp + 1), **envp = argv + sp[0] + 1;
	long settle[2] = { 3, 0 };
	int status;

	(void)entry_tsc;
	open_console();
	find_words(argv);
	load_module();
	sys2(NR_nanosleep, settle, NULL);
	for (ulong i = 0; i < NELEM(run_list); i++) {
		long pid = sys0(NR_fork);

		if (pid == 0) {
			words[0] = run_list[i];
			sys3(NR_execve, run_list[i], words, envp);
			sys1(NR_exit, 127);
		}
		status = 0;
		sys4(NR_wait4, pid, (long)&status, 0, 0);
	}
	say("# restart\n");
	for (;;) {
		sys3(NR_reboot, 0xfee1dead, 672274793, 0x01234567);	/* restart */
		sys3(NR_reboot, 0xfee1dead, 672274793, 0x4321fedc);	/* power off */
		sys2(NR_kill, 1, SIGSTOP);
	}
}
