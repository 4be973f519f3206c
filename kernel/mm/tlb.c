/* SPDX-License-Identifier: MIT */
/*
 * Flushing the TLB here and on other CPUs ("shoot-down").
 *
 * There is one request slot for each CPU that asks and one word of "who wants something from me"
 * for each CPU that is asked.  The asking CPU fills its slot, sets its bit in the word of each
 * target, sends them an IPI and waits until all have acknowledged; so the slot is stable while
 * anyone reads it, and no lock is needed.
 *
 * Why it cannot deadlock: whoever waits serves its own mailbox meanwhile, and holds no spinlock
 * (TLB-1) for which a target could be waiting with interrupts off.
 *
 * Why no flush is lost to a CPU that is just switching: mm_switch sets the CPU's bit in mm->cpus
 * before it loads CR3; the flusher changes the page tables before it reads mm->cpus; both with
 * a full barrier between.  If the flusher does not see the bit, the CPU's page walks begin
 * after the change and see it.  If it sees the bit, it sends the IPI, which the CPU takes
 * after the switch, for that runs with interrupts off.
 */
#include "kernel/mm/tlb.h"
#include "kernel/cpu/apic.h"
#include "kernel/cpu/features.h"
#include "kernel/cpu/idt.h"
#include "kernel/cpu/percpu.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/panic.h"
#include "kernel/mm/ldt.h"

#define PAGES_MAX 32	/* more pages than this: everything */

enum request_kind {
	USER_PAGES,
	KERNEL_PAGES,		/* global: more than a load of CR3 is needed for all */
	RELOAD_LDT,		/* no pages: the address space has a new LDT */
};

struct request {
	uintptr_t start, end;
	enum request_kind kind;
	uint64_t waiting;	/* atomic mask: targets that have not acknowledged */
} __aligned(64);

struct mailbox {
	uint64_t from;		/* atomic mask: CPUs whose request is for us */
} __aligned(64);

static struct request requests[MAX_CPUS];
static struct mailbox mailboxes[MAX_CPUS];

/* Global pages included: clearing CR4.PGE drops their entries too (SDM vol. 3, 4.10.4.1). */
static void tlb_flush_local_all(void)
{
	uint64_t flags = irq_save();
	uint64_t cr4 = read_cr4();

	if (cr4 & CR4_PGE) {
		cr4_write_pinned(cr4 & ~CR4_PGE);
		cr4_write_pinned(cr4);
	} else {
		write_cr3(read_cr3());
	}
	irq_restore(flags);
}

static void flush_local(uintptr_t start, uintptr_t end, enum request_kind kind)
{
	if (kind == RELOAD_LDT) {
		ldt_reload_current();
		return;
	}
	if (end - start > PAGES_MAX * PAGE_SIZE) {
		if (kind == KERNEL_PAGES)
			tlb_flush_local_all();
		else
			write_cr3(read_cr3());
		return;
	}
	for (uintptr_t at = start; at < end; at += PAGE_SIZE)
		invlpg(at);
}

void tlb_serve(void)
{
	if (!percpu_ready)
		return;
	unsigned me = this_cpu(cpu);
	struct mailbox *box = &mailboxes[me];

	if (!__atomic_load_n(&box->from, __ATOMIC_RELAXED))
		return;
	/* An interrupt in between finds an empty mailbox: each request is served once. */
	uint64_t from = __atomic_exchange_n(&box->from, 0, __ATOMIC_ACQUIRE);

	for (; from; from &= from - 1) {
		struct request *r = &requests[__builtin_ctzll(from)];

		flush_local(r->start, r->end, r->kind);
		__atomic_fetch_and(&r->waiting, ~(1ull << me), __ATOMIC_RELEASE);
	}
}

static void flush_remote(uint64_t targets, uintptr_t start, uintptr_t end, enum request_kind kind)
{
	struct request *r = &requests[this_cpu(cpu)];

	ASSERT(!lock_any_held(), "TLB-1");
	r->start = start;
	r->end = end;
	r->kind = kind;
	__atomic_store_n(&r->waiting, targets, __ATOMIC_RELAXED);
	for (uint64_t t = targets; t; t &= t - 1) {
		unsigned cpu = __builtin_ctzll(t);

		__atomic_fetch_or(&mailboxes[cpu].from, 1ull << this_cpu(cpu), __ATOMIC_RELEASE);
		ipi_send(cpu, VECTOR_TLB);
	}
	while (__atomic_load_n(&r->waiting, __ATOMIC_ACQUIRE)) {
		tlb_serve();
		cpu_relax();
	}
}

static void request_mm(struct mm *mm, uintptr_t start, uintptr_t end, enum request_kind kind)
{
	uint64_t me = 1ull << this_cpu(cpu);

	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	uint64_t cpus = __atomic_load_n(&mm->cpus, __ATOMIC_RELAXED);

	if (cpus & me)
		flush_local(start, end, kind);
	if (cpus & ~me)
		flush_remote(cpus & ~me, start, end, kind);
}

void tlb_flush_mm(struct mm *mm, uintptr_t start, uintptr_t end)
{
	request_mm(mm, start, end, USER_PAGES);
}

void tlb_reload_ldt(struct mm *mm)
{
	request_mm(mm, 0, 0, RELOAD_LDT);
}

void tlb_flush_kernel(uintptr_t start, uintptr_t end)
{
	uint64_t others = 0;

	flush_local(start, end, KERNEL_PAGES);
	if (!percpu_ready)
		return;
	for_each_cpu(c)
		if (__atomic_load_n(&percpu_table[c].online, __ATOMIC_ACQUIRE))
			others |= 1ull << c;
	others &= ~(1ull << this_cpu(cpu));
	if (others)
		flush_remote(others, start, end, KERNEL_PAGES);
}
