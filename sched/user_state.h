/* SPDX-License-Identifier: MIT */
/* The part of a thread's user registers that no door saves: extended state, segments, bases. */
#pragma once

#include "sched/thread.h"

/* cpu_info.xsave_size bytes, 64-byte aligned, in the initial state.  NULL: out of memory. */
void *xstate_alloc(void);
void xstate_free(void *xstate);
void xstate_save(void *xstate);
void xstate_load(const void *xstate);
/* The state that exec and thread_alloc begin with: FCW 0x37f, MXCSR 0x1f80, everything else initial. */
void xstate_reset(void *xstate);

/* Selectors, real bases and TLS; current or next thread, interrupts off. */
void segments_save(struct thread_segments *seg);
void segments_load(const struct thread_segments *seg);

/* entry/return.asm: load a selector for user mode; a descriptor that is gone gives 0.  Interrupts off. */
void load_fs_index(uint16_t selector);
void load_gs_index(uint16_t selector);
void load_ds_index(uint16_t selector);
void load_es_index(uint16_t selector);
