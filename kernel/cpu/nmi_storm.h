/* SPDX-License-Identifier: MIT */
#pragma once

/* nmistorm=HZ on the command line; fatal() where no IOAPIC carries the PIT's interrupt. */
void nmi_storm_start(void);
