/* SPDX-License-Identifier: MIT */
/* The scheduler: one run queue for each CPU; levels, and round robin in each; idle CPUs steal. */
#pragma once

#include <linux/sched.h>
#include "sched/thread.h"

#define SLICE_NS 4000000ull	/* 4 ms: SCHED_RR, and SCHED_OTHER at nice 0 */
#define REALTIME_MAX 99

/* Boot CPU: makes its idle thread out of the code that is running. */
void sched_init(void);
/* An AP's last call: becomes that CPU's idle thread. */
__noreturn void sched_start_ap(void);
/* The boot CPU's last call. */
__noreturn void sched_idle(void);

/*
 * A thread object with stack (and xstate, if user) but without process, pid or frame.
 * NULL: out of memory.  thread_free is for one that never ran or is dead and off its CPU.
 */
struct thread *thread_alloc(bool user);
void thread_free(struct thread *t);

/* Kernel thread that starts at fn(arg).  NULL: out of memory. */
struct thread *kthread_create(const char *name, void (*fn)(void *), void *arg);

/*
 * fork/clone: copies the parent's user registers (frame, FS/GS selectors and real bases,
 * TLS, extended state) into child (A11, R3.8); it will return to user mode with RAX = 0.
 * Called by the parent.
 */
void thread_copy_user_state(struct thread *child, struct thread *parent);
/*
 * exec: R3.9 - selectors 0 (compat: DS=ES=USER_DS), bases 0, TLS empty, xstate initial; own thread.
 */
void thread_reset_user_state(bool compat);

/* FS/GS bases as the next user instruction will see them; t is current or not running. */
uint64_t thread_get_fs_base(struct thread *t);
uint64_t thread_get_gs_base(struct thread *t);
/*
 * ARCH_SET_FS/GS semantics (R1.10): selector := 0, base := v (already validated).  Current thread.
 */
void thread_set_fs_base(uint64_t v);
void thread_set_gs_base(uint64_t v);
/*
 * 32-bit signal frames: loads the four selectors into the registers of the current thread, as MOV
 * in its own code would.  FS and GS take the base of a new selector; an unchanged one keeps its
 * base (R3.14).
 */
void thread_load_selectors(uint16_t fs, uint16_t gs, uint16_t ds, uint16_t es);
/* The flat data segment in DS and ES, for a 32-bit signal handler. */
void thread_load_flat_data(void);
/* TLS slot of current: writes the GDT too and reloads DS/ES/FS/GS that hold it (R3.10). */
void thread_set_tls(unsigned slot, uint64_t descriptor);

/* Puts a new or woken thread on a run queue.  Any context.  False: it was already runnable. */
void thread_start(struct thread *t);
/* Wakes from that state or a lighter one. */
bool thread_wake(struct thread *t, enum thread_state only_if);
/* Makes a thread that may be in user mode on another CPU look at its work flags. */
void thread_kick(struct thread *t);

void schedule(void);
/*
 * The same, and the caller gives way to its equals.  Only it and its CPU's timer interrupt write
 * to_tail.
 */
static inline void sched_yield_now(void)
{
	current_thread()->to_tail = true;
	schedule();
}
/* Timer interrupt: is the slice over? */
void sched_tick(void);
void sched_reschedule_interrupt(void);

/* Last thing a dying thread does; its stack is freed by whoever runs next. */
__noreturn void thread_exit_now(void);
/*
 * A thread that waits for its turn goes to an allowed CPU at once, one that runs as soon as it
 * leaves the kernel, the calling one before the return.  -EINVAL: mask has no online CPU.
 */
int sched_set_affinity(struct thread *t, uint64_t mask);

/*
 * Policy and nice value of any thread, valid ones, priority 0 for all but SCHED_FIFO and SCHED_RR.
 * It counts at once: a thread that is now behind others gives way, one that is now ahead preempts.
 * Under process_lock, so that t stays.
 */
void sched_set_policy(struct thread *t, int policy, unsigned priority);
void sched_set_nice(struct thread *t, int nice);
/* The same for a new thread. */
void sched_inherit(struct thread *child, const struct thread *parent);
/* TSC cycles that a thread of that policy and nice value may run while its equals wait. */
uint64_t sched_slice(int policy, int nice);

struct sched_stats {
	uint64_t switches, migrations;
	uint64_t segment_loads, ldt_loads;	/* done by those switches: kernel/cpu/percpu.h */
	unsigned runnable;
	uint64_t idle_ns;
};
struct sched_stats sched_cpu_stats(unsigned cpu);
