/* SPDX-License-Identifier: MIT */
/* How fast TSC and LAPIC timer run. */
#pragma once

#include "kernel/cpu/clock.h"

/* Boot CPU, interrupts off, APIC enabled.  fatal() where nothing can tell. */
void clock_calibrate(struct clock_params *out);
