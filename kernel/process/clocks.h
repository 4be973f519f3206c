/* SPDX-License-Identifier: MIT */
/* User clock numbers. */
#pragma once

#include "kernel/lib/compiler.h"

/* CLOCK_* -> its time now.  -EINVAL: there is no such clock. */
int clock_read(int id, uint64_t *ns);
/* 0: it can be waited for.  -EOPNOTSUPP: it can only be read.  -EINVAL: there is no such clock. */
int clock_check_wait(int id);
/* Its times move when the wall clock is set. */
bool clock_is_realtime(int id);
