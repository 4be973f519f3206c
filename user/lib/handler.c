/* SPDX-License-Identifier: MIT */
/* Signal handlers. */
#include "user/lib/handler.h"
#include "user/lib/test.h"

/* What rt_sigaction takes; the i386 headers only have the structure of the older call. */
struct kernel_sigaction {
	void *handler;
	unsigned long flags;
	void *restorer;
	uint64_t mask __attribute__((packed));
};

long handle_raw(int signo, void *fn, unsigned long flags, void *restorer, uint64_t mask)
{
	struct kernel_sigaction a = { fn, flags, restorer, mask };

	return SYS(rt_sigaction, signo, &a, NULL, sizeof(uint64_t));
}

static void must(long ret)
{
	if (is_error(ret))
		test_abort("rt_sigaction", ret);
}

void handle_masked(int signo, handler_fn *fn, unsigned long flags, uint64_t mask)
{
	must(handle_raw(signo, (void *)fn, flags | SA_SIGINFO | SA_RESTORER, (void *)rt_restorer,
			mask));
}

void handle(int signo, handler_fn *fn, unsigned long flags)
{
	handle_masked(signo, fn, flags, 0);
}

void handle_plain(int signo, void *fn, unsigned long flags)
{
	must(handle_raw(signo, fn, flags | SA_RESTORER, (void *)old_restorer, 0));
}

unsigned long handler_flags(int signo)
{
	struct kernel_sigaction a = { .flags = 0 };

	SYS(rt_sigaction, signo, NULL, &a, sizeof(uint64_t));
	return a.flags;
}
