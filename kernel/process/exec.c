/* SPDX-License-Identifier: MIT */
/* execve and execveat: collecting the parts, and the point of no return. */
#include <asm/errno.h>
#include <asm/siginfo.h>
#include <asm/signal.h>
#include <linux/fcntl.h>
#include <linux/limits.h>
#include "kernel/cpu/ptregs.h"
#include "kernel/cpu/segments.h"
#include "kernel/cpu/x86.h"
#include "kernel/fs/at.h"
#include "kernel/fs/file.h"
#include "kernel/fs/files_table.h"
#include "kernel/lib/string.h"
#include "kernel/lib/print.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/usercopy.h"
#include "kernel/process/exec.h"
#include "kernel/process/process_tree.h"
#include "kernel/process/signal_internal.h"
#include "kernel/process/syscall.h"
#include "sched/sched.h"

/* A user array of pointers, ended by NULL, with 8- or 4-byte elements. */
struct user_array {
	uintptr_t at;
	bool compat;
};

static int next_pointer(struct user_array *a, const char __user **out)
{
	uint64_t wide;
	uint32_t narrow;

	if (a->compat) {
		if (get_user_u32(&narrow, (void __user *)a->at))
			return -EFAULT;
		wide = narrow;
	} else if (get_user_u64(&wide, (void __user *)a->at)) {
		return -EFAULT;
	}
	a->at += a->compat ? 4 : 8;
	*out = (const char __user *)wide;
	return 0;
}

/* Adds the array's strings but for the first skip ones; a NULL array is empty, as on Linux. */
static int add_array(struct exec_strings *s, unsigned *count, struct user_array a, unsigned skip)
{
	const char __user *string;
	int err;

	if (!a.at)
		return 0;
	while (!(err = next_pointer(&a, &string)) && string) {
		if (skip) {
			skip--;
			continue;
		}
		++*count;
		err = exec_add_user_string(s, string);
		if (err)
			return err;
		if (cond_resched())	/* there may be 200,000 of them */
			return -EINTR;
	}
	return err;
}

static int collect_strings(struct exec *e, struct user_array argv, struct user_array envp)
{
	struct exec_strings *s = &e->strings;
	int err = 0;

	for (unsigned i = e->nprefix; i-- > 0 && !err; s->argc++)
		err = exec_add_string(s, e->prefix[i]);
	if (!err)
		err = add_array(s, &s->argc, argv, e->nprefix ? 1 : 0);
	if (!err && s->argc == 0) {
		s->argc = 1;	/* programs count on argv[0]; Linux does the same since 5.18 */
		err = exec_add_string(s, "");
	}
	s->argv_bytes = s->bytes;
	return err ? err : add_array(s, &s->envc, envp, 0);
}

/* The CPU leaves the old address space before its reference goes. */
static void install_mm(struct process *p, struct thread *t, struct mm *mm)
{
	uint64_t flags = spin_lock_irqsave(&process_lock);
	struct mm *old = p->mm;

	p->mm = t->mm = mm;
	mm_switch(old, mm);
	spin_unlock_irqrestore(&process_lock, flags);
	mm_put(old);
}

static void set_names(struct process *p, struct thread *t, const char *path)
{
	const char *slash = strrchr(path, '/');

	strlcpy(t->comm, slash ? slash + 1 : path, sizeof(t->comm));
	memcpy(p->comm, t->comm, sizeof(p->comm));
}

static void install_sighand(struct process *p, struct sighand *own)
{
	struct sighand *old = p->sighand;
	uint64_t flags;

	if (own) {
		flags = group_lock(p);
		p->sighand = own;
		spin_unlock(&old->lock);
		spin_unlock_irqrestore(&process_lock, flags);
		sighand_put(old);
	}
	sighand_reset_for_exec(p->sighand);
}

/* The new program gets no signals of timers that it does not have. */
static void drop_timers(struct process *p, struct thread *t)
{
	uint64_t flags;

	posix_timers_drop(p);
	flags = spin_lock_irqsave(&p->sighand->lock);
	pending_discard_timers(&p->pending);
	pending_discard_timers(&t->sig.pending);
	pending_flush(&p->discarded);
	spin_unlock_irqrestore(&p->sighand->lock, flags);
}

static void install_files(struct process *p, struct files *own)
{
	struct files *old = p->files;
	uint64_t flags;

	if (own) {
		flags = spin_lock_irqsave(&process_lock);
		p->files = own;
		spin_unlock_irqrestore(&process_lock, flags);
		files_put(old);
	}
	files_close_on_exec(p->files);
}

void exec_set_registers(const struct exec *e, struct pt_regs *regs)
{
	*regs = (struct pt_regs){ .orig_rax = -1,
				  .rip = e->entry,
				  .cs = e->plan.header.is32 ? USER32_CS : USER_CS,
				  .rflags = X86_IF | X86_FIXED,
				  .rsp = e->sp,
				  .ss = USER_DS };
}

int exec_commit(struct exec *e)
{
	struct thread *t = current_thread();
	struct process *p = t->process;
	bool compat = e->plan.header.is32;
	struct sighand *sighand = NULL;
	struct files *files = NULL;
	int err = exec_end_other_threads();

	if (err)
		return err;
	/*
	 * The point of no return.  What is shared with another process is replaced by a copy,
	 * made only now: the other threads could still open files, and share them.
	 */
	if ((READ_ONCE(p->files->refs) > 1 && !(files = files_copy(p->files))) ||
	    (READ_ONCE(p->sighand->refs) > 1 && !(sighand = sighand_copy(p->sighand)))) {
		if (files)
			files_put(files);
		signal_force(&(struct signal_info){ .signo = SIGKILL, .code = SI_KERNEL });
		return -ENOMEM;
	}
	p->execed = true;	/* whoever sees the new program must find it marked: setpgid asks */
	thread_leave_user_memory();
	install_mm(p, t, e->mm);
	e->mm = NULL;
	install_files(p, files);
	install_sighand(p, sighand);
	drop_timers(p, t);
	set_names(p, t, e->path);
	p->compat = compat;
	p->exit_signal = SIGCHLD;
	t->sig.alt_sp = t->sig.alt_size = t->sig.alt_flags = 0;
	t->restart.armed = false;
	thread_reset_user_state(compat);
	exec_set_registers(e, thread_regs(t));
	return 0;
}

/* Takes over file's reference. */
static long execute(struct file *file, const char *path, struct user_array argv,
		    struct user_array envp)
{
	struct exec *e = kzalloc(sizeof(*e));
	int err;

	if (!e) {
		file_put(file);
		return -ENOMEM;
	}
	e->path = path;
	e->file = file;
	err = exec_open(e);
	if (!err)
		err = collect_strings(e, argv, envp);
	if (!err)
		err = exec_build(e);
	if (!err)
		err = exec_commit(e);
	exec_free(e);
	return err;
}

/* A program that is named by descriptor runs under the name /dev/fd/N, as on Linux. */
static long execve_common(int dirfd, const char __user *user_path, uint64_t argv, uint64_t envp,
			  int flags, bool compat)
{
	struct file *file;
	char *path, by_fd[32];
	const char *name;
	long err;

	if (flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW))
		return -EINVAL;
	err = path_from_user(user_path, &path);
	if (err)
		return err;
	name = path;
	if (!*path && (flags & AT_EMPTY_PATH)) {
		snprintf(by_fd, sizeof(by_fd), "/dev/fd/%d", dirfd);
		name = by_fd;
	}
	err = exec_open_file(dirfd, path, flags, &file);
	if (!err)
		err = execute(file, name, (struct user_array){ argv, compat },
			      (struct user_array){ envp, compat });
	kfree(path);
	return err;
}

SYSCALL3(execve, const char __user *, path, uint64_t, argv, uint64_t, envp)
{
	return execve_common(AT_FDCWD, path, argv, envp, 0, false);
}

COMPAT_SYSCALL3(execve, const char __user *, path, uint64_t, argv, uint64_t, envp)
{
	return execve_common(AT_FDCWD, path, argv, envp, 0, true);
}

SYSCALL5(execveat, int, dirfd, const char __user *, path, uint64_t, argv, uint64_t, envp,
	 int, flags)
{
	return execve_common(dirfd, path, argv, envp, flags, false);
}

COMPAT_SYSCALL5(execveat, int, dirfd, const char __user *, path, uint64_t, argv, uint64_t, envp,
		int, flags)
{
	return execve_common(dirfd, path, argv, envp, flags, true);
}
