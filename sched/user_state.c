/* SPDX-License-Identifier: MIT */
/*
 * The user registers that no door saves, as the rest of the kernel sees them: at a switch, at fork
 * and exec, and through arch_prctl and set_thread_area.
 */
#include "kernel/cpu/cpu_area.h"
#include "kernel/cpu/features.h"
#include "kernel/cpu/x86.h"
#include "kernel/lib/string.h"
#include "sched/runqueue.h"
#include "sched/user_state.h"

/* Selectors and bases that user code never saw: all null. */
void user_state_init_cpu(void)
{
	static const struct thread_segments none;
	struct thread_segments found;
	uint64_t flags = irq_save();

	segments_save(&found);
	segments_load(&none);
	irq_restore(flags);
}

/*
 * Saves into the parent and copies, so that the child gets the bases that the hardware has now,
 * whatever the selectors say (R3.8).  Interrupts are off, or a switch could come in between.
 */
void thread_copy_user_state(struct thread *child, struct thread *parent)
{
	uint64_t flags = irq_save();

	segments_save(&parent->seg);
	xstate_save(parent->xstate);
	irq_restore(flags);
	child->seg = parent->seg;
	memcpy(child->xstate, parent->xstate, cpu_info.xsave_size);
	*thread_regs(child) = *thread_regs(parent);
	thread_regs(child)->rax = 0;
}

void thread_reset_user_state(bool compat)
{
	struct thread *t = current_thread();
	uint64_t flags = irq_save();

	segments_save(&t->seg);		/* for what is live now, nothing else */
	t->seg = (struct thread_segments){ .ds = compat ? USER_DS : 0, .es = compat ? USER_DS : 0 };
	xstate_reset(t->xstate);
	user_state_load(t);
	irq_restore(flags);
}

/* The saved copy of the current thread is stale: brings it up to date. */
static void sync_current(struct thread *t)
{
	uint64_t flags = irq_save();

	if (t == current_thread())
		segments_save(&t->seg);
	irq_restore(flags);
}

/* Loads what was changed in the copy of the current thread. */
static void apply_current(struct thread *t)
{
	uint64_t flags = irq_save();

	segments_load(&t->seg);
	irq_restore(flags);
}

uint64_t thread_get_fs_base(struct thread *t)
{
	sync_current(t);
	return t->seg.fs_base;
}

uint64_t thread_get_gs_base(struct thread *t)
{
	sync_current(t);
	return t->seg.gs_base;
}

void thread_set_fs_base(uint64_t v)
{
	struct thread *t = current_thread();

	sync_current(t);
	t->seg.fs = 0;
	t->seg.fs_base = v;
	apply_current(t);
}

void thread_set_gs_base(uint64_t v)
{
	struct thread *t = current_thread();

	sync_current(t);
	t->seg.gs = 0;
	t->seg.gs_base = v;
	apply_current(t);
}

/* Those in the registers are the thread's own but during a switch: no need for interrupts off. */
static struct thread_segments live_selectors(void)
{
	struct thread_segments live;

	STORE_SELECTOR(fs, live.fs);
	STORE_SELECTOR(gs, live.gs);
	STORE_SELECTOR(ds, live.ds);
	STORE_SELECTOR(es, live.es);
	return live;
}

static __noinline void change_selectors(uint16_t fs, uint16_t gs, uint16_t ds, uint16_t es)
{
	struct thread_segments *seg = &current_thread()->seg, old;
	uint64_t flags = irq_save();

	segments_save(seg);
	old = *seg;
	seg->fs = fs, seg->gs = gs, seg->ds = ds, seg->es = es;
	load_user_segments(seg);
	read_user_bases(&seg->fs_base, &seg->gs_base);
	write_user_bases(fs == old.fs ? old.fs_base : seg->fs_base,
			 gs == old.gs ? old.gs_base : seg->gs_base);
	irq_restore(flags);
}

void thread_load_selectors(uint16_t fs, uint16_t gs, uint16_t ds, uint16_t es)
{
	struct thread_segments live = live_selectors();

	if (fs != live.fs || gs != live.gs || ds != live.ds || es != live.es)
		change_selectors(fs, gs, ds, es);
}

void thread_load_flat_data(void)
{
	struct thread_segments live = live_selectors();

	if (live.ds != USER_DS || live.es != USER_DS)
		change_selectors(live.fs, live.gs, USER_DS, USER_DS);
}

static uint64_t descriptor_base(uint64_t d)
{
	return (d >> 16 & 0xffffff) | (d >> 56 & 0xff) << 24;
}

/*
 * A selector of the slot in FS or GS takes the new descriptor's base; with the descriptor gone it
 * becomes null and its base 0 (R3.10).
 */
static void refresh(uint16_t *selector, uint64_t *base, uint16_t slot_selector, uint64_t d)
{
	if ((*selector | 3) != slot_selector)
		return;
	if (!d)
		*selector = 0;
	if (base)
		*base = d ? descriptor_base(d) : 0;
}

void thread_set_tls(unsigned slot, uint64_t descriptor)
{
	struct thread *t = current_thread();
	uint16_t selector = (GDT_TLS + slot) << 3 | 3;

	sync_current(t);
	t->seg.tls[slot] = descriptor;
	refresh(&t->seg.fs, &t->seg.fs_base, selector, descriptor);
	refresh(&t->seg.gs, &t->seg.gs_base, selector, descriptor);
	refresh(&t->seg.ds, NULL, selector, descriptor);
	refresh(&t->seg.es, NULL, selector, descriptor);
	apply_current(t);
}
