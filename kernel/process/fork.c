/* SPDX-License-Identifier: MIT */
/*
 * Making a thread or a process out of the calling one.
 *
 * Everything that can fail happens before the child is in any list (link_child); from then on
 * it can be found, signalled and waited for, though it has not run.
 */
#include <asm/errno.h>
#include <linux/sched.h>
#include "kernel/cpu/ptregs.h"
#include "kernel/fs/file.h"
#include "kernel/lib/string.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/usercopy.h"
#include "kernel/process/clone.h"
#include "kernel/process/pid.h"
#include "kernel/process/process_tree.h"
#include "kernel/process/signal_internal.h"
#include "sched/sched.h"

static struct mm *share_or_fork_mm(struct process *parent, bool share)
{
	if (!share)
		return mm_fork(parent->mm);
	mm_get(parent->mm);
	return parent->mm;
}

static struct files *share_or_copy_files(struct process *parent, bool share)
{
	if (!share)
		return files_copy(parent->files);
	files_get(parent->files);
	return parent->files;
}

static struct fs_context *share_or_copy_fs(struct process *parent, bool share)
{
	if (!share)
		return fs_context_copy(parent->fs);
	fs_context_get(parent->fs);
	return parent->fs;
}

static struct sighand *share_or_copy_sighand(struct process *parent, uint64_t flags)
{
	struct sighand *s;

	if (flags & CLONE_SIGHAND) {
		sighand_get(parent->sighand);
		return parent->sighand;
	}
	s = sighand_copy(parent->sighand);
	if (s && (flags & CLONE_CLEAR_SIGHAND))
		sighand_reset_for_exec(s);	/* the same rule: ignored ones stay */
	return s;
}

/* A process that was never in any list. */
static void discard(struct process *p)
{
	if (p->mm)
		mm_put(p->mm);
	if (p->files)
		files_put(p->files);
	if (p->fs)
		fs_context_put(p->fs);
	p->mm = NULL;
	process_put(p);
}

static struct process *copy_process(struct process *parent, const struct clone_request *r)
{
	struct process *p = process_alloc();

	if (!p)
		return NULL;
	p->mm = share_or_fork_mm(parent, r->flags & CLONE_VM);
	p->files = share_or_copy_files(parent, r->flags & CLONE_FILES);
	p->fs = share_or_copy_fs(parent, r->flags & CLONE_FS);
	p->sighand = share_or_copy_sighand(parent, r->flags);
	if (!p->mm || !p->files || !p->fs || !p->sighand) {
		discard(p);
		return NULL;
	}
	p->compat = parent->compat;
	p->personality = parent->personality;
	memcpy(p->limit, parent->limit, sizeof(p->limit));
	memcpy(p->comm, parent->comm, sizeof(p->comm));
	return p;
}

static int copy_thread(struct thread *t, struct thread *from, const struct clone_request *r)
{
	struct pt_regs *regs = thread_regs(t);

	thread_copy_user_state(t, from);
	regs->rax = 0;
	if (r->stack)
		regs->rsp = r->stack;
	if (r->flags & CLONE_SETTLS) {
		int err = tls_set_for_child(t, r->tls, from->syscall_compat);

		if (err)
			return err;
	}
	if (r->flags & CLONE_CHILD_CLEARTID)
		t->clear_child_tid = (uintptr_t)r->child_tid;
	t->sig.blocked = from->sig.blocked;
	/*
	 * A new thread on the parent's alternate stack would destroy it; a vfork child is
	 * alone on it.
	 */
	if ((r->flags & (CLONE_VM | CLONE_VFORK)) != CLONE_VM) {
		t->sig.alt_sp = from->sig.alt_sp;
		t->sig.alt_size = from->sig.alt_size;
		t->sig.alt_flags = from->sig.alt_flags;
	}
	t->affinity = from->affinity;
	sched_inherit(t, from);
	memcpy(t->comm, from->comm, sizeof(t->comm));
	return 0;
}

/*
 * Makes the child visible, unless the caller's group is dying: then nobody would tell the child.
 * A group that is stopping takes a new thread along, and who is left sees to discarded signals.
 */
static int link_child(struct thread *t, struct process *p, struct process *parent,
		      const struct clone_request *r)
{
	uint64_t irq = group_lock(parent);
	int tid = signal_fatal_pending() ? -EINTR : pid_alloc();

	if (tid > 0) {
		t->tid = tid;
		if (p != parent) {
			p->pid = tid;
			p->pgid = parent->pgid;
			p->sid = parent->sid;
			p->leader = t;
			/* A sister is waited for in the way that the caller itself is. */
			p->exit_signal = r->flags & CLONE_PARENT ? parent->exit_signal
								 : r->exit_signal;
			process_add(p, r->flags & CLONE_PARENT ? parent->parent : parent);
		} else if (p->stop_signal || p->discarded.set) {
			t->work |= WORK_SIGNAL;
		}
		process_add_thread(p, t);
	}
	group_unlock(parent, irq);
	return tid;
}

static void store_tids(const struct clone_request *r, struct mm *child_mm, int tid)
{
	/* As on Linux, an address that cannot be written is the program's problem. */
	if (r->flags & CLONE_PARENT_SETTID)
		(void)put_user_u32(r->parent_tid, tid);
	if (r->flags & CLONE_CHILD_SETTID)
		(void)mm_write(child_mm, (uintptr_t)r->child_tid, &tid, sizeof(tid));
}

/* Returns when the child has called execve or has exited, or when this thread is to die. */
static void wait_for_vfork_child(struct vfork_wait *v)
{
	struct waiter w = { 0 };
	uint64_t flags;

	for (;;) {
		wait_prepare(&v->wq, &w, THREAD_SLEEPING);
		if (READ_ONCE(v->done) || signal_fatal_pending())
			break;
		schedule();
	}
	wait_finish(&v->wq, &w);
	flags = spin_lock_irqsave(&process_lock);
	if (!v->done)
		v->child->vfork = NULL;	/* it lives: it has not come to the place that sets done */
	spin_unlock_irqrestore(&process_lock, flags);
}

static long check_flags(uint64_t flags)
{
	const uint64_t unsupported = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
				     CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWTIME |
				     CLONE_PIDFD | CLONE_INTO_CGROUP;
	const uint64_t shared_by_threads = CLONE_FILES | CLONE_FS;

	if (flags & unsupported)
		return -EINVAL;
	if ((flags & CLONE_THREAD) && !(flags & CLONE_SIGHAND))
		return -EINVAL;
	/* Files and directories are kept by process. */
	if ((flags & CLONE_THREAD) && (flags & shared_by_threads) != shared_by_threads)
		return -EINVAL;
	if ((flags & CLONE_SIGHAND) && !(flags & CLONE_VM))
		return -EINVAL;
	if ((flags & CLONE_SIGHAND) && (flags & CLONE_CLEAR_SIGHAND))
		return -EINVAL;
	if ((flags & CLONE_PARENT) && current_process() == init_process)
		return -EINVAL;	/* nobody would be its parent */
	return signal_pending() ? -ERESTARTNOINTR : 0;
}

long process_clone(const struct clone_request *r)
{
	struct thread *me = current_thread(), *t;
	struct process *parent = me->process, *p = parent;
	struct vfork_wait v = { .child = NULL };
	long err = check_flags(r->flags);

	if (err)
		return err;
	t = thread_alloc(true);
	if (!t)
		return -ENOMEM;
	err = copy_thread(t, me, r);
	if (!err && !(r->flags & CLONE_THREAD)) {
		p = copy_process(parent, r);
		err = p ? 0 : -ENOMEM;
	}
	if (err) {
		thread_free(t);
		return err;
	}
	if (r->flags & CLONE_VFORK) {
		waitq_init(&v.wq);
		v.child = t;
		t->vfork = &v;
	}
	int tid = link_child(t, p, parent, r);
	if (tid < 0) {
		thread_free(t);
		if (p != parent)
			discard(p);
		return tid;
	}
	store_tids(r, p->mm, tid);
	thread_start(t);
	if (r->flags & CLONE_VFORK)
		wait_for_vfork_child(&v);
	return tid;
}
