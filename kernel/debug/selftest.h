/* SPDX-License-Identifier: MIT */
/* The boot self-test of spec 10: what this machine really does, one line an item. */
#pragma once

/*
 * Boot CPU, interrupts off, after the clock and the IDT.  Prints only: a surprising machine is no
 * error, but the log of a test run has to tell on which one it ran.
 */
void selftest_run(void);
