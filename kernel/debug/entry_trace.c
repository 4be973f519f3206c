/* SPDX-License-Identifier: MIT */
/*
 * How an event gets into the ring.
 *
 * An NMI or a #DB may come in the middle of this, and records events of its own.  So the place in
 * the ring, the depth and the thread are one word of the CPU, and one XADD takes the place, counts
 * the depth and says who runs: events lie in the ring as they were counted (TRACE-1), and whoever
 * comes in between has places behind.  No loop: with a #DB after every instruction (the sweep does
 * that) CMPXCHG would never succeed.  No LOCK prefix: nobody else writes the word.
 *
 * Only the TSC is not part of it.  It is read before, so an event's may be older than that of the
 * event before it, if that came in between; it is never newer than the next one's.
 *
 * The depth belongs to the thread: one may sleep in the kernel with its entry open.  trace_switch
 * keeps it there, and exchanges both threads' with one XADD, too.
 */
#ifdef CONFIG_DEBUG
#include "kernel/cpu/features.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/entry_trace.h"
#include "kernel/mm/vmap.h"
#include "sched/thread.h"

/* The word: number of the next event, thread, depth. */
#define NUMBER_BITS 40
#define DEPTH_SHIFT 56
#define NUMBER_MASK ((1ull << NUMBER_BITS) - 1)
#define STATE(thread, depth) ((uint64_t)(depth) << DEPTH_SHIFT | (uint64_t)(thread) << NUMBER_BITS)

static uint16_t last_id = MAX_CPUS - 1;	/* below: the idle threads */

static uint8_t depth_of(uint64_t word)
{
	return word >> DEPTH_SHIFT;
}

static uint16_t thread_of(uint64_t word)
{
	return word >> NUMBER_BITS;
}

/*
 * Takes the next place and adds step to the word; *word is what it was.  number is 0 until
 * publish(), so that a reader on another CPU does not take a mixture for an event.
 */
static __always_inline struct trace_event *take(struct percpu *pc, uint64_t step, uint64_t *word)
{
	struct trace_event *e;
	uint64_t tsc = rdtsc();

	*word = step;
	__asm__ volatile("xaddq %0, %1" : "+r"(*word), "+m"(pc->trace_word)::"memory", "cc");
	e = &pc->trace[*word % TRACE_EVENTS];
	WRITE_ONCE(e->number, 0);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);	/* x86 keeps the order of stores */
	e->tsc = tsc;
	e->thread = thread_of(*word);
	return e;
}

static __always_inline void publish(struct trace_event *e, uint64_t word)
{
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	WRITE_ONCE(e->number, (uint32_t)(word + 1));
}

static __always_inline void fill(struct trace_event *e, const struct pt_regs *regs,
				 enum trace_kind kind, uint64_t arg)
{
	e->kind = kind;
	e->user = user_mode(regs);
	e->frame = (uint32_t)(uintptr_t)regs;
	e->rip = regs->rip;
	e->arg = arg;
}

static __always_inline void enter(const struct pt_regs *regs, unsigned door, enum trace_gs gs,
				  uint64_t arg)
{
	struct percpu *pc = this_percpu();
	struct trace_event *e;
	uint64_t word;

	if (unlikely(!pc->trace))
		return;
	e = take(pc, STATE(0, 1) + 1, &word);
	e->door = door;
	e->gs = gs;
	e->depth = depth_of(word) + 1;
	fill(e, regs, TRACE_ENTER, arg);
	publish(e, word);
}

void trace_enter(const struct pt_regs *regs, unsigned door, uint64_t arg)
{
	enter(regs, door, TRACE_BY_CS, arg);
}

void trace_enter_current(unsigned door)
{
	const struct pt_regs *regs = thread_regs(current_thread());

	trace_enter(regs, door, regs->orig_rax);
}

void trace_enter_paranoid(const struct pt_regs *regs, unsigned vector, uint64_t gs)
{
	if (user_mode(regs))
		enter(regs, vector, TRACE_BY_CS, 0);
	else if (cpu_has(FEATURE_FSGSBASE))
		enter(regs, vector, TRACE_RESTORE, gs);
	else
		enter(regs, vector, gs ? TRACE_NOTHING : TRACE_SWAPGS, gs);
}

void trace_exit(const struct pt_regs *regs, uint64_t arg)
{
	struct percpu *pc = this_percpu();
	struct trace_event *e;
	uint64_t word;

	if (unlikely(!pc->trace))
		return;
	e = take(pc, 1 - STATE(0, 1), &word);
	e->depth = depth_of(word);
	fill(e, regs, TRACE_EXIT, arg);
	publish(e, word);
}

/* An NMI between the read and the XADD leaves thread and depth as they were: the step is right. */
void trace_switch(struct thread *prev, struct thread *next)
{
	struct percpu *pc = this_percpu();
	uint64_t word = READ_ONCE(pc->trace_word);
	struct trace_event *e;

	if (unlikely(!pc->trace))
		return;
	prev->trace_depth = depth_of(word);
	e = take(pc, STATE(next->trace_id, next->trace_depth) - (word & ~NUMBER_MASK) + 1, &word);
	e->kind = TRACE_SWITCH;
	e->thread = next->trace_id;
	e->depth = next->trace_depth;
	publish(e, word);
}

/* 16 bits: an identity comes back when 65,472 threads later the ring has long forgotten it. */
void trace_new_thread(struct thread *t, bool user)
{
	uint16_t id;

	do
		id = __atomic_add_fetch(&last_id, 1, __ATOMIC_RELAXED);
	while (id < MAX_CPUS);
	t->trace_id = id;
	t->trace_depth = user;
}

void trace_start(struct thread *idle)
{
	struct percpu *pc = this_percpu();
	struct trace_event *ring = vmap_alloc(TRACE_EVENTS * sizeof(*ring));

	idle->trace_id = pc->cpu;
	pc->trace_word = STATE(idle->trace_id, 0);
	WRITE_ONCE(pc->trace_ring, ring);
	WRITE_ONCE(pc->trace, ring);
}

void trace_stop(unsigned cpu)
{
	WRITE_ONCE(percpu_table[cpu].trace, NULL);
}

uint64_t trace_count(const struct percpu *pc)
{
	return READ_ONCE(pc->trace_word) & NUMBER_MASK;
}

bool trace_read(const struct percpu *pc, uint64_t number, struct trace_event *e)
{
	const struct trace_event *from;

	if (!pc->trace_ring)
		return false;
	from = &pc->trace_ring[number % TRACE_EVENTS];
	if (__atomic_load_n(&from->number, __ATOMIC_ACQUIRE) != (uint32_t)(number + 1))
		return false;
	*e = *from;
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return READ_ONCE(from->number) == (uint32_t)(number + 1);
}
#endif
