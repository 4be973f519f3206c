/* SPDX-License-Identifier: MIT */
/* pid 1: the one process that no other has made. */
#include <asm/errno.h>
#include <linux/fcntl.h>
#include <linux/resource.h>
#include "kernel/cpu/segments.h"
#include "kernel/debug/panic.h"
#include "kernel/fs/fd.h"
#include "kernel/lib/string.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/mm.h"
#include "kernel/process/exec.h"
#include "kernel/process/pid.h"
#include "kernel/process/process_tree.h"
#include "kernel/process/signal.h"
#include "sched/sched.h"

static int add_words(struct exec_strings *s, const char *args)
{
	char word[256];
	int err = 0;

	while (!err && *args) {
		size_t n = 0;

		while (args[n] && args[n] != ' ')
			n++;
		if (n >= sizeof(word))
			return -E2BIG;
		if (n) {
			memcpy(word, args, n);
			word[n] = 0;
			s->argc++;
			err = exec_add_string(s, word);
		}
		args += n;
		while (*args == ' ')
			args++;
	}
	return err;
}

/* A script's interpreter and arguments take the place of argv[0], as in execve. */
static int collect_strings(struct exec *e, const char *args)
{
	static const char *const environment[] = { "HOME=/", "TERM=linux" };
	struct exec_strings *s = &e->strings;
	int err = 0;

	if (e->nprefix == 0)
		e->prefix[e->nprefix++] = e->path;
	for (unsigned i = e->nprefix; i-- > 0 && !err; s->argc++)
		err = exec_add_string(s, e->prefix[i]);
	if (!err)
		err = add_words(s, args);
	s->argv_bytes = s->bytes;
	for (unsigned i = 0; i < ARRAY_SIZE(environment) && !err; i++, s->envc++)
		err = exec_add_string(s, environment[i]);
	return err;
}

static void set_limits(struct process *p)
{
	for (unsigned i = 0; i < PROCESS_LIMITS; i++)
		p->limit[i].cur = p->limit[i].max = RLIM64_INFINITY;
	p->limit[RLIMIT_STACK].cur = USER_STACK_LIMIT;
	p->limit[RLIMIT_NOFILE].cur = p->limit[RLIMIT_NOFILE].max = FILES_MAX;
	p->limit[RLIMIT_CORE].cur = 0;
}

static struct process *make_process(struct exec *e)
{
	struct process *p = process_alloc();
	const char *slash = strrchr(e->path, '/');

	if (!p)
		return NULL;
	p->files = files_create();
	p->fs = fs_context_create();
	p->sighand = sighand_create();
	if (!p->files || !p->fs || !p->sighand || fs_open_console(p->files))
		return NULL;	/* the caller ends the machine */
	p->mm = e->mm;
	e->mm = NULL;
	p->compat = e->plan.header.is32;
	p->unkillable = true;
	p->exit_signal = 17;	/* SIGCHLD, though there is nobody to get it */
	strlcpy(p->comm, slash ? slash + 1 : e->path, sizeof(p->comm));
	set_limits(p);
	return p;
}

/* A new thread's selectors and bases are 0, its extended state is the initial one. */
static struct thread *make_thread(struct process *p, const struct exec *e)
{
	struct thread *t = thread_alloc(true);

	if (!t)
		return NULL;
	if (p->compat)
		t->seg.ds = t->seg.es = USER_DS;
	exec_set_registers(e, thread_regs(t));
	memcpy(t->comm, p->comm, sizeof(t->comm));
	return t;
}

/* Its own session and group, so that it can own the console. */
static void publish(struct process *p, struct thread *t)
{
	uint64_t flags = group_lock(p);

	p->pid = t->tid = pid_alloc();
	ASSERT(p->pid == 1, "PID-2");
	p->pgid = p->sid = p->pid;
	p->leader = t;
	init_process = p;
	process_add(p, NULL);
	process_add_thread(p, t);
	group_unlock(p, flags);
}

void process_start_init(const char *path, const char *args)
{
	struct exec *e = kzalloc(sizeof(*e));
	struct process *p;
	struct thread *t;
	int err;

	if (!e)
		fatal("out of memory before init");
	e->path = path;
	err = exec_open_file(AT_FDCWD, path, 0, &e->file);
	if (!err)
		err = exec_open(e);
	if (!err)
		err = collect_strings(e, args);
	if (!err)
		err = exec_build(e);
	if (err)
		fatal("cannot start init %s: error %d", path, -err);
	p = make_process(e);
	t = p ? make_thread(p, e) : NULL;
	if (!t)
		fatal("out of memory while starting init %s", path);
	exec_free(e);
	publish(p, t);
	thread_start(t);
}
