/* SPDX-License-Identifier: MIT */
/*
 * Threads: what clone's flags share, thread ids, the word that is cleared at a thread's end, and
 * the combinations that clone refuses (clone(2)).
 */
#include "user/lib/test.h"
#include "user/lib/thread.h"

#define THREADS 24

static struct thread threads[THREADS];
static volatile int counter, seen_pid, seen_tid, seen_fd;

static void adds(void *unused)
{
	(void)unused;
	for (unsigned i = 0; i < 2000; i++) {
		__atomic_add_fetch(&counter, 1, __ATOMIC_SEQ_CST);
		if (i % 256 == 0)
			SYS(sched_yield);
	}
}

static void many_at_once(void)
{
	unsigned started = 0;

	counter = 0;
	for (; started < THREADS; started++)
		if (!(thread_start(&threads[started], adds, NULL) > 0))
			break;
	expect_eq("threads started", started, THREADS);
	for (unsigned i = 0; i < started; i++)
		thread_join(&threads[i]);
	expect_eq("additions by all of them", counter, THREADS * 2000);
}

static void looks_around(void *unused)
{
	int fds[2];

	(void)unused;
	seen_pid = self_pid();
	seen_tid = (int)SYS(gettid);
	SYS(pipe, fds);
	seen_fd = fds[0];
	SYS(chdir, "/dev");
}

static void identity_and_sharing(void)
{
	char cwd[64] = "";
	long tid;

	SYS(chdir, "/");
	tid = thread_start(threads, looks_around, NULL);
	expect_true("a thread id", tid > 0);
	thread_join(threads);
	expect_eq("its process id is ours", seen_pid, self_pid());
	expect_eq("its thread id is what clone returned", seen_tid, tid);
	expect_true("which is not the process id", tid != self_pid());
	expect_ok("its descriptors are ours (CLONE_FILES)", SYS(fcntl, seen_fd, F_GETFD));
	SYS(getcwd, cwd, sizeof(cwd));
	expect_string("its chdir is ours (CLONE_FS)", cwd, "/dev");
	SYS(chdir, "/");
	SYS(close, seen_fd), SYS(close, seen_fd + 1);
	expect_error("it is no child to wait for", SYS(wait4, tid, NULL, __WALL | WNOHANG, NULL),
		     ECHILD);
	/* The word is cleared a moment before the thread is gone. */
	for (unsigned i = 0; i < 1000 && SYS(tgkill, self_pid(), tid, 0) == 0; i++)
		sleep_ms(5);
	expect_error("it is gone", SYS(tgkill, self_pid(), tid, 0), ESRCH);
}

/* CLONE_CHILD_SETTID and CLONE_PARENT_SETTID without CLONE_VM: two memories, two words. */
static int *parent_word, *child_word;

static void thread_id_words(void)
{
	unsigned long flags = CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | SIGCHLD;
	static int in_parent, in_child;
	long pid;

	in_parent = in_child = -1;
#ifdef __x86_64__
	pid = SYS(clone, flags, 0, &in_parent, &in_child, 0);
#else
	pid = SYS(clone, flags, 0, &in_parent, 0, &in_child);
#endif
	if (pid == 0) {
		*parent_word = in_parent;
		*child_word = in_child;
		sys_exit(self_pid() == in_child ? 0 : 1);
	}
	expect_status("child finds its own id", child_wait((pid_t)pid), EXITED(0));
	expect_eq("the parent's word", in_parent, pid);
	expect_eq("the child's word in the child", *child_word, pid);
	expect_eq("the child's word in the parent is untouched", in_child, -1);
	expect_true("the parent's word was written before the child was copied, or not at all",
		    *parent_word == pid || *parent_word == -1);
}

static void stays(void *unused)
{
	(void)unused;
	seen_tid = SYS(gettid);
	wait_for_value(&seen_tid, 0, 30);
}

/* Where a process is meant, the number of any of its threads will do. */
static void stands_for_process(void)
{
	__u64 limit[2];

	seen_tid = 0;
	thread_start(&threads[0], stays, NULL);
	wait_for_value(&seen_tid, threads[0].tid, 30);
	expect_eq("kill", SYS(kill, threads[0].tid, 0), 0);
	expect_eq("getpgid", SYS(getpgid, threads[0].tid), SYS(getpgid, 0));
	expect_eq("getsid", SYS(getsid, threads[0].tid), SYS(getsid, 0));
	expect_eq("prlimit64", SYS(prlimit64, threads[0].tid, 7, NULL, limit), 0);
	seen_tid = 0;
	thread_join(&threads[0]);
	expect_error("no thread of that number", SYS(getpgid, 4000000), ESRCH);
}

static void refused(void)
{
	static const struct {
		const char *what;
		unsigned long flags;
		int error;
	} table[] = {
		{ "CLONE_SIGHAND without CLONE_VM", CLONE_SIGHAND, EINVAL },
		{ "CLONE_THREAD without CLONE_SIGHAND", CLONE_THREAD | CLONE_VM, EINVAL },
		{ "CLONE_FS with CLONE_NEWNS", CLONE_FS | CLONE_NEWNS, EINVAL },
	};

	for (unsigned i = 0; i < COUNT(table); i++) {
		long ret = SYS(clone, table[i].flags, 0, 0, 0, 0);

		if (ret == 0)
			sys_exit(0);
		expect_error(table[i].what, ret, table[i].error);
	}
}

/* Linux gives such a thread files and directories of its own. */
static void refused_here(void)
{
	static const unsigned long missing[] = { CLONE_FILES, CLONE_FS, CLONE_FILES | CLONE_FS };

	if (!on_paranoid()) {
		skip("not on Linux: it knows them");
		return;
	}
	for (unsigned i = 0; i < COUNT(missing); i++) {
		long ret = SYS(clone, THREAD_FLAGS & ~missing[i], 0, 0, 0, 0);

		if (ret == 0)
			SYS(exit, 0);
		expect_error("not everything shared", ret, EINVAL);
	}
}

/* set_tid_address names the word for this thread's end, as CLONE_CHILD_CLEARTID does. */
static int end_word = 1;

static void ends_with_word(void *unused)
{
	(void)unused;
	end_word = 1;
	SYS(set_tid_address, &end_word);
}

static void word_at_the_end(void)
{
	struct thread *t = &threads[0];
	long tid = thread_start(t, ends_with_word, NULL);
	int value;

	expect_true("started", tid > 0);
	while ((value = __atomic_load_n(&end_word, __ATOMIC_SEQ_CST)))
		SYS(futex, &end_word, FUTEX_WAIT, value, NULL);
	expect_eq("the new word is cleared", end_word, 0);
	expect_eq("the old one is not", t->tid, tid);
	/* The stack is not unmapped: nothing tells any more when the thread has left it. */
}

static const struct test_case cases[] = {
	{ "many threads at once", many_at_once },
	{ "identity and sharing", identity_and_sharing },
	{ "thread id words", thread_id_words },
	{ "a thread stands for its process", stands_for_process },
	{ "refused combinations", refused },
	{ "threads with files of their own", refused_here },
	{ "set_tid_address", word_at_the_end },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	parent_word = map_shared(PAGE);
	child_word = parent_word + 1;
	return RUN_CASES(cases);
}
