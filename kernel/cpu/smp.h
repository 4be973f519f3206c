/* SPDX-License-Identifier: MIT */
/* Application processors: INIT, SIPI, and their way into the scheduler. */
#pragma once

/* Fills percpu_table from acpi_info (boot CPU first, at most boot_options.max_cpus). */
void percpu_init(void);
/*
 * Starts every further CPU; each ends in sched_start_ap().  A CPU that does not answer is named and
 * left out.
 */
void smp_start_all(void);
