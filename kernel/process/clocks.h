/* SPDX-License-Identifier: MIT */
/* User clock numbers. */
#pragma once

#include "kernel/lib/compiler.h"

/* CLOCK_* -> its time now.  -EINVAL: there is no such clock. */
int clock_read(int id, uint64_t *ns);
