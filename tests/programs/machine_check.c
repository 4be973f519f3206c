/* SPDX-License-Identifier: MIT */
/*
 * What a machine check is to find, for tests/test_machine_check.py: CPU 0 in ring 3 with a hostile
 * GS base, CPU 1 in the kernel most of the time, CPU 2 idle most of the time.
 *
 *	machine_check COUNT	ends when so many have been handled
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* <asm/prctl.h>, which not every C library lets in */
#define ARCH_SET_GS 0x1001
#define ARCH_GET_GS 0x1004

static volatile int wrong, started;

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		abort();
}

#ifdef __x86_64__
static int have_fsgsbase(void)
{
	return getauxval(AT_HWCAP2) & 2;
}

static void set_base(unsigned long base)
{
	if (have_fsgsbase())
		__asm__ volatile("wrgsbase %0" ::"r"(base));
	else
		syscall(SYS_arch_prctl, ARCH_SET_GS, base);
}

static unsigned long get_base(void)
{
	unsigned long base;

	if (have_fsgsbase())
		__asm__ volatile("rdgsbase %0" : "=r"(base));
	else
		syscall(SYS_arch_prctl, ARCH_GET_GS, &base);
	return base;
}
#else
static void set_base(unsigned long base)
{
	(void)base;
}

static unsigned long get_base(void)
{
	return 0;
}

static int have_fsgsbase(void)
{
	return 0;
}
#endif

static void *in_user_mode(void *unused)
{
	unsigned long base = have_fsgsbase() ? ~0ul : sizeof(long) == 8 ? 0x7fffffffful : 0;

	(void)unused;
	pin(0);
	set_base(base);
	for (started++;;) {
		unsigned long i = 3000000, j = 0;

		while (i--) {
			j++;
			__asm__ volatile("" : "+r"(i), "+r"(j));
		}
		wrong += j != 3000000 || get_base() != base;
	}
	return NULL;
}

static void *in_kernel(void *unused)
{
	static char buffer[1 << 20];
	int zero = open("/dev/zero", O_RDONLY);

	(void)unused;
	pin(1);
	for (started++;;)
		wrong += read(zero, buffer, sizeof(buffer)) != sizeof(buffer);
	return NULL;
}

static void got_sigbus(int signo, siginfo_t *info, void *context)
{
	char text[64];
	int n = snprintf(text, sizeof(text), "signal %d, code %d\n", signo, info->si_code);

	(void)context;
	if (write(1, text, n) == n)
		_exit(7);
}

/* The counts of all CPUs together. */
static unsigned handled(void)
{
	char text[4096], *at;
	int fd = open("/proc/interrupts", O_RDONLY);
	ssize_t n = read(fd, text, sizeof(text) - 1);
	unsigned sum = 0;

	close(fd);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	at = strstr(text, "MCE:");
	at = at ? at + 4 : text + n;
	for (char *end; ; at = end) {
		unsigned long value = strtoul(at, &end, 10);

		if (end == at)
			return sum;
		sum += value;
	}
}

int main(int argc, char **argv)
{
	const struct timespec pause = { 0, 20000000 };
	struct sigaction action = { .sa_sigaction = got_sigbus, .sa_flags = SA_SIGINFO };
	unsigned wanted = argc > 1 ? atoi(argv[1]) : 1, last = 0;
	pthread_t threads[2];

	setvbuf(stdout, NULL, _IOLBF, 0);
	sigaction(SIGBUS, &action, NULL);
	pthread_create(&threads[0], NULL, in_user_mode, NULL);
	pthread_create(&threads[1], NULL, in_kernel, NULL);
	pin(2);
	while (started < 2)
		nanosleep(&pause, NULL);
	printf("ready\n");
	while (last < wanted) {
		unsigned now = handled();

		for (; last < now; last++)
			printf("handled %u\n", last + 1);
		nanosleep(&pause, NULL);
	}
	printf("wrong results: %d\n", wrong);
	return wrong != 0;
}
