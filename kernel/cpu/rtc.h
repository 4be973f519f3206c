/* SPDX-License-Identifier: MIT */
/* The CMOS clock. */
#pragma once

#include "kernel/lib/compiler.h"

/* Seconds since 1970, the CMOS clock taken as UTC; 0 if it holds no valid date.  Boot only. */
uint64_t rtc_read_seconds(void);
