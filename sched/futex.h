/* SPDX-License-Identifier: MIT */
/* Futexes: wait and wake on a user word. */
#pragma once

#include "kernel/lib/compiler.h"

/* Wakes up to n waiters of the word at addr in the current address space; for exit's clear_child_tid. */
long futex_wake(uintptr_t addr, unsigned n, uint32_t bitset, bool shared);
/* Robust list of a dying thread: marks owned futexes FUTEX_OWNER_DIED. */
void futex_exit_robust(void);
