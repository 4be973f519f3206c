/* SPDX-License-Identifier: MIT */
/* Threads. */
#include "user/lib/thread.h"
#include "user/lib/test.h"

void *spawn_stack(void *stack, size_t size, void (*fn)(void *), void *arg)
{
	uintptr_t top = ((uintptr_t)stack + size - 64) & -16ul;
	void **sp = (void **)top;

	/* The i386 ABI wants the argument, not the function, on a 16-byte boundary. */
	if (!IS_64BIT)
		sp--;
	sp[0] = (void *)fn;
	sp[1] = arg;
	return sp;
}

long thread_start_tls(struct thread *t, void (*fn)(void *), void *arg, unsigned long flags,
		      void *tls)
{
	void *sp;
	long ret;

	t->stack = map_private(THREAD_STACK);
	sp = spawn_stack(t->stack, THREAD_STACK, fn, arg);
	t->tid = -1;
#ifdef __x86_64__
	ret = raw_spawn(__NR_clone, (long)(THREAD_FLAGS | flags), (long)sp, (long)&t->tid,
			(long)&t->tid, (long)tls);
#else
	ret = raw_spawn(__NR_clone, (long)(THREAD_FLAGS | flags), (long)sp, (long)&t->tid,
			(long)tls, (long)&t->tid);
#endif
	if (is_error(ret))
		unmap(t->stack, THREAD_STACK);
	return ret;
}

long thread_start(struct thread *t, void (*fn)(void *), void *arg)
{
	return thread_start_tls(t, fn, arg, 0, NULL);
}

void thread_join(struct thread *t)
{
	int tid;

	/* Not FUTEX_PRIVATE: the kernel's wake at thread exit is a shared one. */
	while ((tid = __atomic_load_n(&t->tid, __ATOMIC_ACQUIRE)))
		SYS(futex, &t->tid, FUTEX_WAIT, tid, NULL);
	unmap(t->stack, THREAD_STACK);
}

long futex_wait(int *word, int value)
{
	return SYS(futex, word, FUTEX_WAIT, value, NULL);
}

long futex_wake(int *word, int n)
{
	return SYS(futex, word, FUTEX_WAKE, n);
}

void sleep_ms(unsigned ms)
{
	struct __kernel_old_timespec t = { (long)(ms / 1000), (long)(ms % 1000) * 1000000 };

	while (SYS(nanosleep, &t, &t) == -EINTR)
		;
}

bool wait_for_value(volatile int *word, int value, unsigned seconds)
{
	for (unsigned i = 0; i < seconds * 200; i++) {
		if (*word == value)
			return true;
		sleep_ms(5);
	}
	return *word == value;
}
