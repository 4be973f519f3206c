/* SPDX-License-Identifier: MIT */
/*
 * Kernel tests of memory.  A kernel thread puts on an address space for the time of a test, so
 * faults and user copies run exactly as they do for a program.
 */
#include <asm/errno.h>
#include <linux/mman.h>
#include "kernel/cpu/x86.h"
#include "kernel/debug/ktest.h"
#include "kernel/lib/string.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/image.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/usercopy.h"
#include "kernel/mm/vmap.h"
#include "sched/sched.h"

#define BASE 0x10000000ul

static void load_mm(struct mm *mm)
{
	uint64_t flags = irq_save();

	mm_switch(current_thread()->mm, mm);
	current_thread()->mm = mm;
	irq_restore(flags);
}

static struct mm *enter_mm(size_t pages, unsigned prot)
{
	struct mm *mm = mm_create(false);
	uintptr_t addr = BASE;

	if (!mm)
		return NULL;
	if (mm_map(mm, &addr, pages * PAGE_SIZE, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
		   NULL, 0, 0)) {
		mm_put(mm);
		return NULL;
	}
	load_mm(mm);
	return mm;
}

static void leave_mm(struct mm *mm)
{
	load_mm(NULL);
	mm_put(mm);
}

static void __user *user(uintptr_t addr)
{
	return (void __user *)addr;
}

KTEST(usercopy_counts_exactly)
{
	static char buf[3 * PAGE_SIZE];
	struct mm *mm = enter_mm(2, PROT_READ | PROT_WRITE);

	if (!mm)
		KTEST_SKIP("out of memory");
	memset(buf, 'x', sizeof(buf));
	/* Two pages are there, the third is not; starts are odd on purpose. */
	KTEST_EQ(copy_to_user_partial(user(BASE + 3), buf, sizeof(buf)), PAGE_SIZE + 3);
	KTEST_EQ(copy_from_user_partial(buf, user(BASE + 5), sizeof(buf)), PAGE_SIZE + 5);
	KTEST_EQ(buf[2 * PAGE_SIZE - 6], 'x');
	KTEST_EQ(copy_from_user(buf, user(BASE), 2 * PAGE_SIZE), 0);
	KTEST_EQ(buf[2], 0);
	KTEST_EQ(clear_user(user(BASE + 2 * PAGE_SIZE - 4), 8), -EFAULT);
	KTEST_EQ(clear_user(user(BASE + 1), 2 * PAGE_SIZE - 1), 0);
	KTEST_EQ(irqs_on(), true);
	leave_mm(mm);
}

KTEST(usercopy_refuses_what_is_not_user_memory)
{
	static const uintptr_t bad[] = {
		0, BASE + 2 * PAGE_SIZE, TASK_SIZE_MAX - 1, TASK_SIZE_MAX, 0x0000800000000000ul,
		0x8000000000000000ul, DIRECT_MAP_BASE, KERNEL_BASE, UINTPTR_MAX - 2,
	};
	struct mm *mm = enter_mm(1, PROT_READ);
	uint32_t v;
	char s[16];

	if (!mm)
		KTEST_SKIP("out of memory");
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		KTEST_EQ(get_user_u32(&v, user(bad[i])), -EFAULT);
		KTEST_EQ(put_user_u32(user(bad[i]), 1), -EFAULT);
		KTEST_EQ(cmpxchg_user_u32(&v, user(bad[i]), 0, 1), -EFAULT);
		KTEST_EQ(strncpy_from_user(s, user(bad[i]), sizeof(s)), -EFAULT);
		KTEST_EQ(copy_from_user_partial(s, user(bad[i]), 9), 9);
	}
	/* Readable, but not writable. */
	KTEST_EQ(get_user_u32(&v, user(BASE)), 0);
	KTEST_EQ(put_user_u32(user(BASE), 1), -EFAULT);
	KTEST_EQ(strncpy_from_user(s, user(BASE), sizeof(s)), 0);
	leave_mm(mm);
}

KTEST(fork_copies_on_write)
{
	struct mm *mm = enter_mm(1, PROT_READ | PROT_WRITE), *child;
	uint64_t seen = 0;

	if (!mm)
		KTEST_SKIP("out of memory");
	KTEST_EQ(put_user_u64(user(BASE), 1), 0);
	child = mm_fork(mm);
	KTEST_EQ(put_user_u64(user(BASE), 2), 0);
	KTEST_EQ(child ? mm_read(child, BASE, &seen, 8) : -ENOMEM, 0);
	KTEST_EQ(seen, 1);
	if (child)
		mm_put(child);
	KTEST_EQ(get_user_u64(&seen, user(BASE)), 0);
	KTEST_EQ(seen, 2);
	leave_mm(mm);
}

static void churn(void)
{
	struct mm *mm = enter_mm(64, PROT_READ | PROT_WRITE), *child;

	if (!mm)
		return;
	(void)clear_user(user(BASE), 64 * PAGE_SIZE);
	child = mm_fork(mm);
	(void)clear_user(user(BASE), 32 * PAGE_SIZE);
	(void)mm_protect(mm, BASE, 8 * PAGE_SIZE, PROT_NONE);
	(void)mm_unmap(mm, BASE + 4 * PAGE_SIZE, 8 * PAGE_SIZE);
	if (child)
		mm_put(child);
	leave_mm(mm);
	vmap_free(vmap_alloc(5 * PAGE_SIZE), 5 * PAGE_SIZE);
}

/* The first round makes kernel page tables that stay; after it nothing may be missing. */
KTEST(address_spaces_leak_nothing)
{
	churn();
	uint64_t frames = frame_stats().free;
	size_t heap = kmalloc_in_use();

	for (unsigned i = 0; i < 10; i++)
		churn();
	KTEST_EQ(frame_stats().free, frames);
	KTEST_EQ(kmalloc_in_use(), heap);
}

static struct {
	struct mm *mm;
	struct waitq done;
	unsigned ready, gone, stale, finished;
} shoot = { .done = WAITQ(shoot.done) };

/* Reads the page over and over; once unmapping has returned, no read may succeed. */
static void reader(void *cpu)
{
	uint32_t v;
	bool gone;

	sched_set_affinity(current_thread(), 1ull << (uintptr_t)cpu);
	load_mm(shoot.mm);
	(void)get_user_u32(&v, user(BASE));
	__atomic_add_fetch(&shoot.ready, 1, __ATOMIC_SEQ_CST);
	do {
		gone = __atomic_load_n(&shoot.gone, __ATOMIC_SEQ_CST);
		if (get_user_u32(&v, user(BASE)) == 0 && gone)
			__atomic_add_fetch(&shoot.stale, 1, __ATOMIC_SEQ_CST);
		sched_yield_now();	/* others may still be queued here on their way elsewhere */
	} while (!gone);
	load_mm(NULL);
	__atomic_add_fetch(&shoot.finished, 1, __ATOMIC_SEQ_CST);
	wake_up_all(&shoot.done);
	thread_exit_now();
}

KTEST(unmapping_reaches_every_cpu)
{
	struct mm *mm = cpu_count > 1 ? enter_mm(1, PROT_READ | PROT_WRITE) : NULL;
	unsigned started = 0;

	if (!mm)
		KTEST_SKIP(cpu_count > 1 ? "out of memory" : "one CPU only");
	sched_set_affinity(current_thread(), 1);
	shoot.mm = mm;
	shoot.ready = shoot.gone = shoot.stale = shoot.finished = 0;
	for (uintptr_t c = 1; c < cpu_count; c++) {
		struct thread *t = kthread_create("ktest", reader, (void *)c);

		if (!t)
			break;
		thread_start(t);
		started++;
	}
	while (__atomic_load_n(&shoot.ready, __ATOMIC_SEQ_CST) < started)
		sched_yield_now();
	KTEST_EQ(mm_unmap(mm, BASE, PAGE_SIZE), 0);
	__atomic_store_n(&shoot.gone, 1, __ATOMIC_SEQ_CST);
	wait_event_hard(&shoot.done, __atomic_load_n(&shoot.finished, __ATOMIC_SEQ_CST) == started);
	KTEST_EQ(shoot.stale, 0);
	sched_set_affinity(current_thread(), ~0ull);
	leave_mm(mm);
}

KTEST(vmap_has_guards)
{
	char *p = vmap_alloc(3 * PAGE_SIZE);
	uintptr_t start = 0;

	if (!p)
		KTEST_SKIP("out of memory");
	p[3 * PAGE_SIZE - 1] = 1;
	KTEST_EQ(vmap_is_guard((uintptr_t)p - 1, &start), true);
	KTEST_EQ(start, (uintptr_t)p);
	KTEST_EQ(vmap_is_guard((uintptr_t)p, &start), false);
	KTEST_EQ(paging_lookup(kernel_pml4, (uintptr_t)p + 3 * PAGE_SIZE) == NULL, true);
	vmap_free(p, 3 * PAGE_SIZE);
	KTEST_EQ(paging_lookup(kernel_pml4, (uintptr_t)p) == NULL, true);
}

/* The boot CPU's idle thread keeps the stack that the boot code gave it. */
KTEST(boot_stack_has_a_guard)
{
	KTEST_EQ(paging_lookup(kernel_pml4, (uintptr_t)boot_stack_guard) == NULL, true);
	KTEST_EQ(paging_lookup(kernel_pml4, (uintptr_t)boot_stack_guard + PAGE_SIZE) != NULL, true);
}

KTEST(text_has_no_writable_alias)
{
	const pte_t *text = paging_lookup(kernel_pml4, (uintptr_t)__text_start);
	void *direct = phys_to_virt(image_phys(__text_start));
	const pte_t *alias = paging_lookup(kernel_pml4, (uintptr_t)direct);

	KTEST_EQ(*text & (PTE_W | PTE_NX), 0);
	KTEST_EQ(*alias & PTE_W, 0);
	KTEST_EQ(!!(*alias & PTE_NX), true);
	KTEST_EQ(paging_lookup(kernel_pml4, 0) == NULL, true);
}

KTEST(heap_reuses_and_counts)
{
	size_t before = kmalloc_in_use();
	void *p[70];

	for (unsigned i = 0; i < ARRAY_SIZE(p); i++)
		p[i] = kzalloc(i * 59);
	KTEST_EQ(kmalloc_in_use() > before, true);
	for (unsigned i = 0; i < ARRAY_SIZE(p); i++)
		kfree(p[i]);
	KTEST_EQ(kmalloc_in_use(), before);
}
