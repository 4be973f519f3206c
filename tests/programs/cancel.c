/* SPDX-License-Identifier: MIT */
/*
 * An ordinary program that uses signals the way C libraries do: cancelling threads (which sends
 * them one), handlers in threads, sigwait, an interval timer, a jump out of a SIGSEGV handler on an
 * alternate stack.  Its output is the same every time.
 */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static int pipe_fds[2];

static void clean_up(void *name)
{
	printf("%s: cleaned up\n", (const char *)name);
}

static void *blocked_in_read(void *name)
{
	char c;

	pthread_cleanup_push(clean_up, name);
	if (read(pipe_fds[0], &c, 1) == 1)
		abort();
	pthread_cleanup_pop(0);
	return NULL;
}

static void *asleep(void *name)
{
	pthread_cleanup_push(clean_up, name);
	sleep(1000);
	pthread_cleanup_pop(0);
	return NULL;
}

#ifdef __GLIBC__
/* musl unwinds inside of the handler here, where its stdio does not work. */
static void *computing(void *name)
{
	volatile double x = 1;

	pthread_cleanup_push(clean_up, name);
	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
	for (;;)
		x = x * 1.0000001;
	pthread_cleanup_pop(0);
	return NULL;
}
#endif

static void cancel(const char *name, void *(*run)(void *))
{
	struct timespec a_moment = { 0, 20000000 };
	pthread_t t;
	void *result;

	if (pthread_create(&t, NULL, run, (void *)name))
		abort();
	nanosleep(&a_moment, NULL);
	if (pthread_cancel(t) || pthread_join(t, &result))
		abort();
	printf("%s: %s\n", name, result == PTHREAD_CANCELED ? "cancelled" : "not cancelled");
}

static volatile sig_atomic_t handled;
static volatile double in_handler;

static void on_signal(int signo)
{
	(void)signo;
	in_handler = in_handler * 0.5 + 1;
	handled++;
}

/* Floating point goes on undisturbed while signals come. */
static void compute_under_fire(void)
{
	struct itimerval t = { { 0, 2000 }, { 0, 2000 } }, off = { { 0, 0 }, { 0, 0 } };
	struct sigaction a = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	double sum;

	sigaction(SIGALRM, &a, NULL);
	setitimer(ITIMER_REAL, &t, NULL);
	do {
		sum = 0;
		for (unsigned i = 1; i <= 20000; i++)
			sum += 1.0 / i;
	} while (handled < 10);
	setitimer(ITIMER_REAL, &off, NULL);
	printf("harmonic sum %.12f under ten alarms\n", sum);
}

static sigjmp_buf back;
static char *volatile nowhere = (char *)64;

static void on_fault(int signo, siginfo_t *info, void *context)
{
	(void)signo, (void)context;
	siglongjmp(back, info->si_addr == nowhere ? 1 : 2);
}

static void jump_out(void)
{
	stack_t stack = { .ss_sp = malloc(65536), .ss_size = 65536 };
	struct sigaction a = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK };
	volatile unsigned i;
	int where;

	sigaltstack(&stack, NULL);
	sigaction(SIGSEGV, &a, NULL);
	for (i = 0; i < 3; i++) {
		where = sigsetjmp(back, 1);
		if (!where)
			*nowhere = 1;
		printf("fault %u: %s\n", i, where == 1 ? "at the right address" : "elsewhere");
	}
}

static void wait_for_queued(void)
{
	union sigval value = { .sival_int = 4711 };
	siginfo_t info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	sigqueue(getpid(), SIGRTMIN, value);
	if (sigwaitinfo(&set, &info) != SIGRTMIN)
		abort();
	printf("queued value %d\n", info.si_value.sival_int);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (pipe(pipe_fds))
		abort();
	cancel("in read", blocked_in_read);
	cancel("asleep", asleep);
#ifdef __GLIBC__
	cancel("computing", computing);
#endif
	compute_under_fire();
	jump_out();
	wait_for_queued();
	raise(SIGTERM);
	return 1;
}
