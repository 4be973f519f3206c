/* SPDX-License-Identifier: MIT */
/*
 * The interruption sweep (R2.21, R2.32, spec 2.14): every way through the entry code is taken again
 * and again, each time with one event at one instruction of it, and afterwards the user's whole
 * register state must be what it would have been without.
 *
 *	sweep.c		which runs are made, what is printed
 *	sweep_doors.c	the table of doors: add a row for a new one
 *	sweep_run.c	one run: a user thread, its state before and after
 *	sweep_memory.c	the memory of that thread
 *	sweep_states.c	is the CPU in the state that entry/states.txt declares?
 *	sweep_events.c	what happens at the chosen instruction, inside #DB and NMI
 *	sweep_trace.c	what the entry trace says of the run
 *	sweep_timer.c	a second opinion: NMIs of the LAPIC timer, without any #DB
 *	sweep_exceptions.c	instructions that are left out, and why
 *
 * A run.  A user thread that belongs to no process executes one instruction (the door) and then
 * UD2.  UD2 leads to trap_probe.fault on that thread's kernel stack, with a frame that holds every
 * register as the door left it: there the run is judged and the next one begins, by nothing more
 * than a return to user mode.  So no system call had to be invented, and each path is the one that
 * real programs take, to the last instruction.
 */
#pragma once

#include "kernel/cpu/ptregs.h"
#include "kernel/cpu/segments.h"
#include "kernel/debug/ktest.h"

#define SWEEP_CODE 0x10000000ul		/* user address of the doors, SWEEP_SLOT bytes each */
#define SWEEP_SLOT 16
#define SWEEP_HOLE 0x20000000ul		/* user address where nothing is */
#define SWEEP_STACK 0x30000000ul	/* user address of SWEEP_ARG6 */
#define SWEEP_ARG6 0x61a66a16u
#define SWEEP_SS16 (0 << 3 | SELECTOR_TI | 3)	/* a 16-bit stack segment in the LDT */
#define SWEEP_FS_BASE 0x123456789000ul

struct mm;

struct sweep_door {
	const char *name;
	uint8_t code[4], size;		/* what user mode executes */
	bool compat;			/* in 32-bit code */
	bool fresh;			/* by a thread that has never run */
	int signo;			/* the door ends in this signal; 0: in none */
	uint16_t ss;			/* SWEEP_SS16, or 0 for the flat one */
	uint64_t flags;			/* in RFLAGS, beside the usual hostile ones */
	unsigned nmis;			/* runs of the NMI handler by the door itself */
	const void *step_from;		/* single steps from here, where breakpoints cannot go */
	bool needs_amd;			/* or QEMU's translator, which asks for no vendor */
	bool needs_sysenter;		/* vsyscall=sysenter */
	bool stack;			/* ESP and EBP: SWEEP_STACK, or SWEEP_HOLE with hole */
	bool interrupts;		/* the timer's vector comes */
	bool latches;			/* keeps an NMI waiting: not with nmi=early */
	bool hole;			/* faults on SWEEP_HOLE: CR2 */
	bool double_fault;		/* leaves an address of the kernel's in CR2 */
	void (*prepare)(struct pt_regs *user);	/* last before user mode, interrupts off */
	void (*mend)(struct pt_regs *user);	/* where the signal would be sent */
	void (*expect)(struct pt_regs *user);	/* from the state before to the state after */
};

bool sweep_sysenter_open(void);
bool sweep_syscall32_open(void);

extern const struct sweep_door sweep_doors[];
extern const unsigned sweep_door_count;

enum sweep_event {
	EVENT_NONE,		/* only count who comes by */
	EVENT_DB,		/* #DB at that instruction */
	EVENT_NMI,		/* NMI at that instruction */
	EVENT_NMI_IN_DB,	/* NMI inside that #DB */
	EVENT_BP_IN_NMI,	/* NMI there, INT3 in its handler, another NMI latched */
	EVENT_PF_IN_NMI,	/* the same with a page fault */
	EVENT_COUNT,
	EVENT_TIMER_NMI = EVENT_COUNT	/* NMI after so many ticks: sweep_timer.c */
};

/* An instruction of the entry text, with its row of entry/states.txt (boundaries.py). */
struct entry_boundary {
	uint32_t offset;		/* from KERNEL_BASE */
	char gs[8], stack[8], interrupts[8];
};

struct sweep_run {
	const struct sweep_door *door;
	uint64_t gs_base;
	enum sweep_event event;
	const struct entry_boundary *boundary;	/* the instruction */
	uintptr_t at;			/* its address */
	unsigned occurrence;		/* the how manieth time that it is come by */
	unsigned ticks;			/* EVENT_TIMER_NMI: instead of those two */
	/* Results. */
	unsigned hits, nmis, sent, faults, state_checks;
	bool fired;
	const char *problem;		/* what differs; NULL: nothing */
	uint64_t got, expected;
};

extern struct sweep_run sweep_run;

#define MAX_BOUNDARIES 4096u

/* sweep.c */
unsigned sweep_boundary_count(void);
uintptr_t sweep_boundary(unsigned i);
/* How often does this door come by each instruction?  How many it comes by at all. */
unsigned sweep_discover(const struct sweep_door *door);
unsigned sweep_hits(unsigned i);	/* of the door discovered last */
unsigned sweep_hostile_bases(uint64_t base[6]);
bool sweep_usable(const struct sweep_door *door);
void sweep_report_problem(const char *event);

/* sweep_timer.c: the very last, and the very first, of a run.  Interrupts off. */
void sweep_timer_arm(void);
void sweep_timer_disarm(void);
void sweep_timer_fired(uintptr_t rip);

/* sweep_run.c: takes a run, on this CPU, to its end.  The caller's affinity is one CPU. */
void sweep_execute(void);
int sweep_start(void);		/* makes the user thread.  0 or -ENOMEM */
void sweep_stop(void);
uint64_t sweep_user_rsp(void);	/* the user's RSP of this run */
bool sweep_running(void);	/* a run is under way, and by the current thread */

/* sweep_memory.c: 0 or -ENOMEM.  The caller frees mm. */
int sweep_fill_memory(struct mm *mm);

/* sweep_states.c: at the run's instruction; found_gs is what paranoid_entry has left in RBX. */
void sweep_check_state(const struct pt_regs *regs, uint64_t found_gs);

/* sweep_events.c */
void sweep_arm(void);		/* interrupts off */
void sweep_disarm(void);
void sweep_problem(const char *what, uint64_t got, uint64_t expected);
void sweep_latch_nmi(void);	/* one waits for the next IRET.  Interrupts off */
void sweep_send_nmi(void);	/* to this CPU, and gives it time to arrive */
void sweep_nest_next_nmi(void);	/* its handler lets another one in */
void sweep_debug_probe(struct pt_regs *regs, uint64_t found_gs);
void sweep_nmi_probe(struct pt_regs *regs);
void sweep_reset_events(void);
/* False if the event cannot be tried there: sweep_exceptions.c says why. */
bool sweep_possible(const struct sweep_door *door, enum sweep_event event, uintptr_t at);

/* sweep_trace.c: the rules of the entry trace, after each run. */
void sweep_trace_start(void);
void sweep_trace_check(void);
void sweep_trace_report(struct ktest_result *result);

/*
 * sweep_exceptions.c: why the instruction may go without this event; NULL: no reason, it has been
 * forgotten.
 */
const char *sweep_excuse(enum sweep_event event, uintptr_t at);
