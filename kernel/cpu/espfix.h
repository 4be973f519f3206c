/* SPDX-License-Identifier: MIT */
/*
 * Where IRETQ finds its five words when SS is a segment of the LDT (entry/espfix.asm says why): one
 * page for each CPU, mapped read-only at 65,536 aliases, ESPFIX_STRIDE apart.  Sixteen CPUs share
 * the 4 GiB of a group, one page of each alias for every one of them.
 */
#pragma once

#include "kernel/cpu/percpu.h"
#include "kernel/cpu/ptregs.h"

#define ESPFIX_STRIDE     0x10000ul
#define ESPFIX_GROUP      (1ul << 32)
#define ESPFIX_GROUP_CPUS (ESPFIX_STRIDE / PAGE_SIZE)
#define ESPFIX_SIZE       (MAX_CPUS / ESPFIX_GROUP_CPUS * ESPFIX_GROUP)

/* Maps the CPU's page and fills pc->espfix_*.  The boot CPU, for every CPU.  -ENOMEM. */
int espfix_create(struct percpu *pc);

/*
 * #DF on its IST stack: if it is a fault of the IRETQ in entry/espfix.asm, makes regs return to the
 * door of #GP as if user mode had raised it, and returns true (R2.16).
 */
bool espfix_fixup(struct pt_regs *regs);
