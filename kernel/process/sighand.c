/* SPDX-License-Identifier: MIT */
/* Dispositions: what a process does about each signal. */
#include "kernel/lib/string.h"
#include "kernel/mm/heap.h"
#include "kernel/process/signal_internal.h"

struct sighand *sighand_create(void)
{
	struct sighand *s = kzalloc(sizeof(*s));

	if (!s)
		return NULL;
	s->refs = 1;
	spin_init(&s->lock, "sighand", RANK_SIGNAL);
	return s;
}

struct sighand *sighand_copy(struct sighand *from)
{
	struct sighand *s = kmalloc(sizeof(*s));
	uint64_t flags;

	if (!s)
		return NULL;
	s->refs = 1;
	spin_init(&s->lock, "sighand", RANK_SIGNAL);
	flags = spin_lock_irqsave(&from->lock);
	memcpy(s->action, from->action, sizeof(s->action));
	spin_unlock_irqrestore(&from->lock, flags);
	return s;
}

void sighand_get(struct sighand *s)
{
	__atomic_add_fetch(&s->refs, 1, __ATOMIC_RELAXED);
}

void sighand_put(struct sighand *s)
{
	if (__atomic_sub_fetch(&s->refs, 1, __ATOMIC_ACQ_REL) == 0)
		kfree(s);
}

void sighand_reset_for_exec(struct sighand *s)
{
	uint64_t flags = spin_lock_irqsave(&s->lock);

	for (unsigned i = 0; i < SIGNALS; i++) {
		bool ignored = s->action[i].handler == HANDLER_IGNORE;

		s->action[i] = (struct signal_action){ .handler = ignored ? HANDLER_IGNORE
									  : HANDLER_DEFAULT };
	}
	spin_unlock_irqrestore(&s->lock, flags);
}
