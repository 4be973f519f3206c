/* SPDX-License-Identifier: MIT */
/*
 * clone3: processes and threads by a structure, its size rules, and what it refuses (clone(2)).
 */
#include "user/lib/test.h"
#include "user/lib/thread.h"

static int *shared;

static long call(struct clone_args *args, size_t size)
{
	return SYS(clone3, args, size);
}

static void like_fork(void)
{
	struct clone_args args = { .flags = 0, .exit_signal = SIGCHLD };
	long pid = call(&args, sizeof(args));

	if (pid == 0)
		sys_exit(21);
	expect_status("child", child_wait((pid_t)pid), EXITED(21));
}

/* Only the first 64 bytes existed in its first version. */
static void older_and_newer_sizes(void)
{
	struct {
		struct clone_args args;
		uint64_t more[4];
	} big = { .args = { .exit_signal = SIGCHLD } };
	long pid = call(&big.args, 64);

	if (pid == 0)
		sys_exit(22);
	expect_status("the first version's size", child_wait((pid_t)pid), EXITED(22));
	pid = call(&big.args, sizeof(big));
	if (pid == 0)
		sys_exit(23);
	expect_status("longer, the rest 0", child_wait((pid_t)pid), EXITED(23));
	big.more[3] = 1;
	expect_error("longer, the rest not 0", call(&big.args, sizeof(big)), E2BIG);
	expect_error("shorter than the first version", call(&big.args, 56), EINVAL);
	expect_error("longer than a page", call(&big.args, 8192), E2BIG);
}

static void refused(void)
{
	static const struct {
		const char *what;
		struct clone_args args;
	} table[] = {
		{ "a signal in flags", { .flags = SIGCHLD } },
		{ "CLONE_DETACHED", { .flags = CLONE_DETACHED } },
		{ "a signal that does not exist", { .exit_signal = 65 } },
		{ "CLONE_THREAD with a signal", { .flags = CLONE_THREAD | CLONE_SIGHAND | CLONE_VM,
						  .exit_signal = SIGCHLD } },
		{ "a stack without a size", { .stack = 4096, .exit_signal = SIGCHLD } },
		{ "a size without a stack", { .stack_size = 4096, .exit_signal = SIGCHLD } },
		{ "CLONE_SIGHAND without CLONE_VM", { .flags = CLONE_SIGHAND } },
	};

	for (unsigned i = 0; i < COUNT(table); i++) {
		struct clone_args args = table[i].args;
		long ret = call(&args, sizeof(args));

		if (ret == 0)
			sys_exit(0);
		expect_error(table[i].what, ret, EINVAL);
	}
	expect_error("structure at a bad address", call((struct clone_args *)16,
							sizeof(struct clone_args)), EFAULT);
}

static void child_side(void *value)
{
	shared[0] = (int)(long)value;
}

/* The stack is given by its lowest address and its size; raw_spawn's words stand at its top. */
static void thread_with_stack(void)
{
	static int tid = -1;
	char *stack = map_private(THREAD_STACK);
	char *sp = spawn_stack(stack, THREAD_STACK, child_side, (void *)77);
	struct clone_args args = {
		.flags = THREAD_FLAGS,
		.parent_tid = (unsigned long)&tid,
		.child_tid = (unsigned long)&tid,
		.stack = (unsigned long)stack,
		.stack_size = (unsigned long)(sp - stack),
	};
	long ret = raw_spawn(__NR_clone3, (long)&args, sizeof(args), 0, 0, 0);
	int value;

	expect_true("a thread id", ret > 0);
	while ((value = __atomic_load_n(&tid, __ATOMIC_SEQ_CST)))
		SYS(futex, &tid, FUTEX_WAIT, value, NULL);
	expect_eq("what the thread wrote", shared[0], 77);
	unmap(stack, THREAD_STACK);
}

static int makes_sister(void *by_clone3)
{
	struct clone_args args = { .flags = CLONE_PARENT, .exit_signal = 0 };
	long pid = by_clone3 ? call(&args, sizeof(args))
			     : SYS(clone, CLONE_PARENT | SIGUSR1, 0, 0, 0, 0);

	if (pid == 0)
		sys_exit(31);
	return SYS(wait4, pid, NULL, __WALL, NULL) == -ECHILD ? 30 : 1;
}

/* The sister's end is told by the signal that the caller's own is, SIGCHLD: no need of __WALL. */
static void parent_of_the_child(void)
{
	for (int by_clone3 = 0; by_clone3 < 2; by_clone3++) {
		pid_t middle = child_start(makes_sister, by_clone3 ? shared : NULL);
		int status = NO_STATUS;

		expect_status("the middle one has no child", child_wait(middle), EXITED(30));
		expect_true("the child is ours", SYS(wait4, -1, &status, 0, NULL) > 0);
		expect_status("its status", status, EXITED(31));
	}
}

static void bad_address_for_parent(void)
{
	struct clone_args args = {
		.flags = CLONE_PARENT_SETTID | CLONE_CHILD_SETTID,
		.parent_tid = 16,
		.child_tid = (unsigned long)&shared[1],
		.exit_signal = SIGCHLD,
	};
	long pid = call(&args, sizeof(args));

	if (pid == 0)
		sys_exit(32);
	expect_status("there is a child", child_wait((pid_t)pid), EXITED(32));
	expect_eq("the child's word", shared[1], pid);
}

static const struct test_case cases[] = {
	{ "like fork", like_fork },
	{ "older and newer sizes", older_and_newer_sizes },
	{ "refused", refused },
	{ "a thread with its stack", thread_with_stack },
	{ "CLONE_PARENT", parent_of_the_child },
	{ "a bad address for the parent's word", bad_address_for_parent },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	shared = map_shared(PAGE);
	return RUN_CASES(cases);
}
