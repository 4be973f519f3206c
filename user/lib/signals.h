/* SPDX-License-Identifier: MIT */
/* Signal dispositions and masks, without handlers. */
#pragma once

#include <stdint.h>

#define SIGNAL_BIT(n) (1ull << ((n) - 1))

/* SIG_IGN or SIG_DFL; the raw result. */
long signal_set(int signo, void *disposition);
/* The disposition that is set. */
void *signal_get(int signo);
/* how: SIG_BLOCK, SIG_UNBLOCK, SIG_SETMASK; the raw result. */
long signal_mask(int how, uint64_t set, uint64_t *old);
/* The signals that are pending. */
uint64_t signal_pending(void);
