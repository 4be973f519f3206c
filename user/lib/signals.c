/* SPDX-License-Identifier: MIT */
/* Signal dispositions and masks. */
#include "user/lib/signals.h"
#include "user/lib/sys.h"

/* What rt_sigaction takes; the i386 headers only have the structure of the older call. */
struct kernel_sigaction {
	void *handler;
	unsigned long flags;
	void *restorer;
	uint64_t mask __attribute__((packed));
};

long signal_set(int signo, void *disposition)
{
	struct kernel_sigaction action = { .handler = disposition };

	return SYS(rt_sigaction, signo, &action, NULL, sizeof(uint64_t));
}

void *signal_get(int signo)
{
	struct kernel_sigaction action = { .handler = NULL };

	SYS(rt_sigaction, signo, NULL, &action, sizeof(uint64_t));
	return action.handler;
}

long signal_mask(int how, uint64_t set, uint64_t *old)
{
	return SYS(rt_sigprocmask, how, &set, old, sizeof(uint64_t));
}

uint64_t signal_pending(void)
{
	uint64_t set = 0;

	SYS(rt_sigpending, &set, sizeof(set));
	return set;
}
