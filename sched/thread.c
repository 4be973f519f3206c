/* SPDX-License-Identifier: MIT */
/* Thread objects: their memory, and the stack that a new one starts on. */
#include "kernel/cpu/features.h"
#include "kernel/debug/entry_trace.h"
#include "kernel/debug/panic.h"
#include "kernel/lib/string.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/vmap.h"
#include "sched/runqueue.h"
#include "sched/xstate.h"

/* What switch_to() pops from a stack that has never run; the order of sched/switch.asm. */
struct switch_frame {
	uint64_t r15, r14, r13, r12, rbx, rbp, rip;
};

void entry_first_run(void);

static void prepare_stack(struct thread *t, uintptr_t top, uint64_t fn, uint64_t arg)
{
	struct switch_frame *f = (struct switch_frame *)top - 1;

	*f = (struct switch_frame){ .rbx = fn, .r12 = arg, .rip = (uintptr_t)entry_first_run };
	t->kernel_sp = (uintptr_t)f;
}

struct thread *thread_alloc(bool user)
{
	struct thread *t = kzalloc(sizeof(*t));

	if (!t)
		return NULL;
	t->stack = stack_alloc();
	t->xstate = user ? xstate_alloc() : NULL;
	if (!t->stack || (user && !t->xstate)) {
		thread_free(t);
		return NULL;
	}
	t->affinity = ~0ull;
	t->cpu = this_cpu(cpu);
	t->slice = sched_slice(SCHED_NORMAL, 0);
	TAILQ_INIT(&t->sig.pending.queue);
	trace_new_thread(t, user);
	if (user)
		prepare_stack(t, (uintptr_t)thread_regs(t), 0, 0);
	return t;
}

void thread_free(struct thread *t)
{
	if (t->xstate)
		xstate_free(t->xstate);
	if (t->stack)
		stack_free(t->stack);
	kfree(t);
}

struct thread *kthread_create(const char *name, void (*fn)(void *), void *arg)
{
	struct thread *t = thread_alloc(false);

	if (!t)
		return NULL;
	strlcpy(t->comm, name, sizeof(t->comm));
	*thread_regs(t) = (struct pt_regs){};	/* RIP 0: a debugger looks no further */
	prepare_stack(t, (uintptr_t)thread_regs(t), (uintptr_t)fn, (uintptr_t)arg);
	return t;
}
