/* SPDX-License-Identifier: MIT */
/*
 * The entry trace: a ring of events for each CPU that says who came into the kernel by which door,
 * what the door did about GS, and who left.  Debug builds only; with DEBUG=0 every call here is
 * nothing.
 *
 *	entry_trace.c		an event is recorded
 *	entry_trace_text.c	as text: in a panic, in /proc/entry_trace
 *	entry_trace_check.c	what must hold of a CPU's events (TRACE-1, TRACE-2, GS-3)
 *	tests/tools/entry_trace.py	from that text to pictures
 *
 * The doors' C functions call it; their assembly does where it makes the system call itself.  So an
 * event stands for the moment in which the door is behind, or still ahead.  NMIs that the assembly
 * merges with another one, and those that only leave a note (kernel/cpu/nmi.c), have no event; a
 * run of the NMI handler has.
 */
#pragma once

#include "kernel/cpu/percpu.h"
#include "kernel/cpu/ptregs.h"

#define TRACE_EVENTS 1024u	/* of each CPU; the oldest goes first */

struct thread;

enum trace_kind { TRACE_ENTER, TRACE_EXIT, TRACE_SWITCH };

/* Who decided about GS: the saved CS, or the tristate (entry/paranoid.asm) and how. */
enum trace_gs { TRACE_BY_CS, TRACE_RESTORE, TRACE_NOTHING, TRACE_SWAPGS };

/* Doors that are no vectors. */
enum trace_door { TRACE_SYSCALL_64 = 256, TRACE_SYSCALL_FAST_32, TRACE_DOORS };

struct trace_event {
	uint32_t number;	/* the CPU's first event is 1; 0: being written */
	uint16_t thread;	/* struct thread.trace_id; TRACE_SWITCH: the one that comes */
	uint16_t door;		/* TRACE_ENTER: vector or enum trace_door */
	uint64_t tsc;
	uint64_t rip;		/* where it came from, or goes on */
	/*
	 * TRACE_ENTER: number of the system call, error code, address of a page fault; of the
	 * tristate: GS base that was found, or without FSGSBASE 1 kernel's, 0 user's.
	 * TRACE_EXIT to user mode: enum exit_reason.
	 */
	uint64_t arg;
	uint32_t frame;		/* low half of the address of struct pt_regs */
	uint8_t kind, gs;
	uint8_t depth;		/* entries of the thread that are open, this one included */
	bool user;		/* from user mode, or to it */
};

#ifdef CONFIG_DEBUG
/* Any context of the CPU itself, NMI included. */
void trace_enter(const struct pt_regs *regs, unsigned door, uint64_t arg);
/* A system call of the current thread's, from the assembly (kernel/debug/trace_system_call.asm). */
void trace_enter_current(unsigned door);
/* gs: what paranoid_entry left in RBX; of no meaning if regs is of user mode. */
void trace_enter_paranoid(const struct pt_regs *regs, unsigned vector, uint64_t gs);
/* arg: enum exit_reason, or 0. */
void trace_exit(const struct pt_regs *regs, uint64_t arg);
/* Interrupts off: from prev to next, with the entries that each has open. */
void trace_switch(struct thread *prev, struct thread *next);

/* A new thread's identity.  A user thread begins with an exit, so it has an entry open. */
void trace_new_thread(struct thread *t, bool user);
/*
 * On the CPU itself, when its idle thread begins: makes the ring.  A CPU without memory for it
 * records nothing.
 */
void trace_start(struct thread *idle);
/*
 * A panic: NMIs that come while it is printed must not push out what led to it.  For the CPU
 * itself; it never records again.
 */
void trace_stop(unsigned cpu);

/* Events recorded so far on that CPU. */
uint64_t trace_count(const struct percpu *pc);
/* Copies one by its number, from 0.  False if it is overwritten, or not complete yet. */
bool trace_read(const struct percpu *pc, uint64_t number, struct trace_event *e);

#define TRACE_LINE 200
/* Without a line feed. */
void trace_format(char line[TRACE_LINE], unsigned cpu, const struct trace_event *e);
void trace_format_head(char line[TRACE_LINE]);
/* The last events to the log: this CPU's first. */
void trace_print(unsigned cpu);
/* The last count events of one CPU on the panic page, in few words. */
void trace_print_short(unsigned cpu, unsigned count);
#else
static inline void trace_enter(const struct pt_regs *regs, unsigned door, uint64_t arg) {}
static inline void trace_enter_paranoid(const struct pt_regs *regs, unsigned door, uint64_t gs) {}
static inline void trace_exit(const struct pt_regs *regs, uint64_t arg) {}
static inline void trace_switch(struct thread *prev, struct thread *next) {}
static inline void trace_new_thread(struct thread *t, bool user) {}
static inline void trace_start(struct thread *idle) {}
static inline void trace_stop(unsigned cpu) {}
static inline void trace_print(unsigned cpu) {}
static inline void trace_print_short(unsigned cpu, unsigned count) {}
#endif
