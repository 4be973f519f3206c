/* SPDX-License-Identifier: MIT */
/*
 * The end of threads and processes.
 *
 * Order (EXIT-5): the thread lets go of user memory and of the address space while it still
 * counts as a member; then it leaves the group; the last one to leave closes files and frees
 * the address space, and only then becomes a zombie that the parent can see - so what wait()
 * promises is true.
 */
#include <asm/siginfo.h>
#include <asm/termios.h>
#include "kernel/cpu/x86.h"
#include "kernel/debug/machine_end.h"
#include "kernel/fs/file.h"
#include "kernel/fs/tty.h"
#include "kernel/lib/print.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/usercopy.h"
#include "kernel/process/pid.h"
#include "kernel/process/process_tree.h"
#include "kernel/process/signal_internal.h"
#include "kernel/process/syscall.h"
#include "sched/futex.h"
#include "sched/sched.h"

uint64_t group_lock(struct process *p)
{
	uint64_t flags = spin_lock_irqsave(&process_lock);

	spin_lock(&p->sighand->lock);
	return flags;
}

void group_unlock(struct process *p, uint64_t flags)
{
	spin_unlock(&p->sighand->lock);
	spin_unlock_irqrestore(&process_lock, flags);
}

void group_kill_others(struct process *p, struct thread *but)
{
	struct thread *t;

	LIST_FOREACH(t, &p->threads, sibling) {
		if (t == but)
			continue;
		t->sig.pending.set |= SIGBIT(SIGKILL);
		signal_wake_thread(t, true);
	}
}

static void release_vfork_parent(struct thread *t)
{
	uint64_t flags = spin_lock_irqsave(&process_lock);
	struct vfork_wait *v = t->vfork;

	if (v) {
		t->vfork = NULL;
		v->done = true;
		wake_up_all(&v->wq);	/* the parent takes the lock before v goes away */
	}
	spin_unlock_irqrestore(&process_lock, flags);
}

void thread_leave_user_memory(void)
{
	struct thread *t = current_thread();
	uintptr_t tid_word = t->clear_child_tid;

	if (t->robust_list)
		futex_exit_robust();
	t->robust_list = 0;
	t->clear_child_tid = 0;
	/* Nobody else can see the word of the only user of an address space. */
	if (tid_word && (t->process->nthreads > 1 || READ_ONCE(t->mm->refs) > 1) &&
	    put_user_u32((void __user *)tid_word, 0) == 0)
		futex_wake(tid_word, 1, ~0u, true);
	if (READ_ONCE(t->vfork))
		release_vfork_parent(t);
}

/* From here on this CPU does not need the address space: another thread may free it. */
static void drop_address_space(struct thread *t)
{
	uint64_t flags = irq_save();
	struct mm *mm = t->mm;

	t->mm = NULL;
	mm_switch(mm, NULL);
	irq_restore(flags);
}

/* The thread leaves every list.  True: it was the last one. */
static bool leave_group(struct process *p, struct thread *t)
{
	uint64_t flags = group_lock(p);
	bool last;

	LIST_REMOVE(t, sibling);
	LIST_REMOVE(t, tid_link);
	if (t->tid != p->pid)
		pid_put(t->tid);
	if (t == p->leader)
		p->leader = NULL;
	p->user_ns += thread_runtime_ns(t);
	last = --p->nthreads == 0;
	if (last && !p->group_exit)
		p->exit_code = t->exit_code;
	pending_flush(&t->sig.pending);
	if (p->pending.set)
		signal_retarget(p, t, ~0ull);
	spin_unlock(&p->sighand->lock);
	if (p->exec_thread)
		wake_up_all(&p->child_wait);
	signal_stop_check(p);
	if (!last)
		t->process = NULL;	/* it may be reaped before this thread is off its CPU */
	spin_unlock_irqrestore(&process_lock, flags);
	return last;
}

static void release_resources(struct process *p)
{
	uint64_t flags = spin_lock_irqsave(&process_lock);
	struct files *files = p->files;
	struct fs_context *fs = p->fs;
	struct mm *mm = p->mm;

	p->files = NULL;
	p->fs = NULL;
	p->mm = NULL;
	spin_unlock_irqrestore(&process_lock, flags);
	files_put(files);
	fs_context_put(fs);
	mm_put(mm);
}

/*
 * A zombie tells its parent (exit_signal, child_wait).  True: the parent does not want to
 * know, so the caller removes it.
 */
static bool process_notify_exit(struct process *p)
{
	struct process *parent = p->parent;
	const struct signal_action *a = signal_action(parent, SIGCHLD);
	bool killed = p->exit_code & 0x7f;
	struct signal_info info = { .signo = p->exit_signal,
				    .code = killed ? CLD_KILLED : CLD_EXITED,
				    .pid = p->pid,
				    .status = killed ? p->exit_code & 0x7f : p->exit_code >> 8 };
	bool unwanted = p->exit_signal == SIGCHLD &&
			(a->handler == HANDLER_IGNORE || (a->flags & SA_NOCLDWAIT));

	if (info.signo > 0 && info.signo <= SIGNALS && !(unwanted && a->handler == HANDLER_IGNORE))
		signal_send_process(parent, &info);
	wake_up_all(&parent->child_wait);
	return unwanted;
}

static void remove_into(struct process_list *dead, struct process *p)
{
	process_remove(p);
	LIST_INSERT_HEAD(dead, p, sibling);
}

/* Orphans go to pid 1; those that are zombies already tell it. */
static void give_children_away(struct process *p, struct process_list *dead)
{
	struct process *child;

	while ((child = LIST_FIRST(&p->children))) {
		LIST_REMOVE(child, sibling);
		child->parent = init_process;
		child->exit_signal = SIGCHLD;
		LIST_INSERT_HEAD(&init_process->children, child, sibling);
		group_lost_guardian(child, p);
		if (child->state == PROCESS_ZOMBIE && process_notify_exit(child))
			remove_into(dead, child);
	}
}

/* The heap is not for holders of process_lock: what nobody waits for is freed at the end. */
static void become_zombie(struct process *p, struct thread *t)
{
	struct process_list dead = LIST_HEAD_INITIALIZER(dead);
	uint64_t flags = spin_lock_irqsave(&process_lock);
	struct process *q;

	give_children_away(p, &dead);
	p->state = PROCESS_ZOMBIE;
	group_lost_guardian(p, p->parent);
	groups_hang_up();
	t->process = NULL;	/* from here on p may be freed at any time */
	if (process_notify_exit(p))
		remove_into(&dead, p);
	spin_unlock_irqrestore(&process_lock, flags);
	while ((q = LIST_FIRST(&dead))) {
		LIST_REMOVE(q, sibling);
		process_put(q);
	}
}

static __noreturn void end_machine(const struct process *p)
{
	int code = p->exit_code;

	if (code & 0x7f)
		printk("init (pid 1) was killed by signal %d\n", code & 0x7f);
	machine_power_off(code & 0x7f ? 128 + (code & 0x7f) : code >> 8);
}

void thread_exit(int code)
{
	struct thread *t = current_thread();
	struct process *p = t->process;

	t->exit_code = code;
	thread_leave_user_memory();
	drop_address_space(t);
	if (leave_group(p, t)) {
		if (p == init_process)
			end_machine(p);
		if (p->pid == p->sid)
			(void)tty_job_ioctl(TIOCNOTTY, 0);	/* the terminal is free again */
		itimer_stop(p);
		posix_timers_drop(p);
		release_resources(p);
		become_zombie(p, t);
	}
	thread_exit_now();
}

void process_exit_group(int code)
{
	struct thread *t = current_thread();
	struct process *p = t->process;
	uint64_t flags = group_lock(p);

	if (p->group_exit) {
		code = p->exit_code;
	} else if (!p->exec_thread || p->exec_thread == t) {
		p->exit_code = code;
		WRITE_ONCE(p->group_exit, true);
		group_kill_others(p, t);
	}
	group_unlock(p, flags);
	thread_exit(code);
}

SYSCALL1(exit, int, status)
{
	thread_exit(EXIT_STATUS(status));
}

SYSCALL1(exit_group, int, status)
{
	process_exit_group(EXIT_STATUS(status));
}
