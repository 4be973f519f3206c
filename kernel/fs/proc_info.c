/* SPDX-License-Identifier: MIT */
/* How /proc looks at processes: under process_lock, into a copy, or by references taken there. */
#include <asm/errno.h>
#include "kernel/fs/file.h"
#include "kernel/fs/proc_info.h"
#include "kernel/mm/mm.h"
#include "kernel/process/signal.h"

struct process *proc_get_process(int pid)
{
	uint64_t flags = spin_lock_irqsave(&process_lock);
	struct process *p = process_find(pid);

	if (p)
		process_get(p);
	spin_unlock_irqrestore(&process_lock, flags);
	return p;
}

static char state_of(const struct process *p, const struct thread *t)
{
	static const char letters[] = {
		[THREAD_RUNNABLE] = 'R', [THREAD_SLEEPING] = 'S', [THREAD_SLEEPING_HARD] = 'D',
		[THREAD_STOPPED] = 'T', [THREAD_DEAD] = 'X',
	};

	if (p->state == PROCESS_ZOMBIE || !t)
		return 'Z';
	return letters[t->state];
}

static void fill_from_thread(struct proc_info *info, const struct thread *t)
{
	info->cpu = t->cpu;
	info->nice = t->nice;
	info->pending = t->sig.pending.set;
	info->blocked = t->sig.blocked;
	memcpy(info->comm, t->comm, sizeof(info->comm));
}

static void fill_dispositions(struct proc_info *info, const struct sighand *sighand)
{
	for (int signo = 1; signo <= SIGNALS; signo++) {
		uint64_t handler = sighand->action[signo - 1].handler;

		/* SIG_DFL is 0, SIG_IGN is 1. */
		if (handler == 1)
			info->ignored |= SIGBIT(signo);
		else if (handler)
			info->caught |= SIGBIT(signo);
	}
}

int proc_get_info(int pid, struct proc_info *info)
{
	uint64_t flags = spin_lock_irqsave(&process_lock);
	struct process *p = process_find(pid);
	const struct thread *t;

	if (!p) {
		spin_unlock_irqrestore(&process_lock, flags);
		return -ESRCH;
	}
	t = p->leader ? p->leader : LIST_FIRST(&p->threads);
	*info = (struct proc_info){
		.pid = p->pid, .ppid = p->parent ? p->parent->pid : 0, .pgid = p->pgid,
		.sid = p->sid, .state = state_of(p, t), .nthreads = p->nthreads,
		.exit_signal = p->exit_signal, .runtime_ns = process_runtime_ns(p),
		.child_runtime_ns = p->child_runtime_ns, .start_ns = p->start_ns,
		.shared_pending = p->pending.set,
	};
	memcpy(info->comm, p->comm, sizeof(info->comm));
	if (t)
		fill_from_thread(info, t);
	if (p->sighand)
		fill_dispositions(info, p->sighand);
	spin_unlock_irqrestore(&process_lock, flags);
	return 0;
}

struct mm *proc_get_mm(int pid)
{
	struct process *p = proc_get_process(pid);
	struct mm *mm;

	if (!p)
		return NULL;
	mm = process_get_mm(p);
	process_put(p);
	return mm;
}

struct files *proc_get_files(int pid)
{
	uint64_t flags = spin_lock_irqsave(&process_lock);
	struct process *p = process_find(pid);
	struct files *files = p ? p->files : NULL;

	if (files)
		files_get(files);
	spin_unlock_irqrestore(&process_lock, flags);
	return files;
}
