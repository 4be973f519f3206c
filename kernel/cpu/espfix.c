/* SPDX-License-Identifier: MIT */
/* espfix: the pages of entry/espfix.asm, and what becomes of a fault there. */
#include "kernel/cpu/espfix.h"

#include <asm/errno.h>
#include "kernel/cpu/features.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/panic.h"
#include "kernel/lib/string.h"
#include "kernel/mm/kernel_tables.h"
#include "kernel/mm/layout.h"
#include "sched/thread.h"

#define FRAME_WORDS  5
#define FRAME_OFFSET (PAGE_SIZE - 8 * sizeof(uint64_t))	/* SP itself comes from the frame */

_Static_assert(MAX_CPUS % ESPFIX_GROUP_CPUS == 0 && ESPFIX_BASE % ESPFIX_GROUP == 0,
	       "bits 31:16 of an alias are free");

/*
 * One page table, that of the group's first 2 MiB, serves all of its 4 GiB: the tables above name
 * it again and again (RET-3).  NULL: out of memory.
 */
static pte_t *group_table(uintptr_t base)
{
	pte_t *table = kernel_entry(base, 1), *directory, *pointers;

	if (!table)
		return NULL;
	directory = kernel_entry(base, 2);
	pointers = kernel_entry(base, 3);
	for (unsigned i = 1; i < level_size(3) / level_size(2); i++)
		directory[i] = directory[0];
	for (unsigned i = 1; i < ESPFIX_GROUP / level_size(3); i++)
		pointers[i] = pointers[0];
	return table;
}

int espfix_create(struct percpu *pc)
{
	uintptr_t base = ESPFIX_BASE + pc->cpu / ESPFIX_GROUP_CPUS * ESPFIX_GROUP;
	unsigned slot = pc->cpu % ESPFIX_GROUP_CPUS;
	pte_t *table = group_table(base);
	phys_t frame = table ? frame_alloc_zeroed() : 0;
	pte_t leaf = frame | PTE_P | PTE_A | PTE_NX | (cpu_has(FEATURE_PGE) ? PTE_G : 0);

	if (!frame)
		return -ENOMEM;
	for (unsigned i = slot; i < 512; i += ESPFIX_GROUP_CPUS)
		table[i] = leaf;
	pc->espfix_words = (uintptr_t)phys_to_virt(frame) + FRAME_OFFSET;
	pc->espfix_alias = base + slot * PAGE_SIZE + FRAME_OFFSET;
	return 0;
}

bool espfix_fixup(struct pt_regs *regs)
{
	extern const uint8_t iret_to_user_espfix[], entry_GP[];
	struct pt_regs *user = thread_regs(current_thread());

	if (user_mode(regs) || regs->rip != (uintptr_t)iret_to_user_espfix ||
	    regs->rsp - ESPFIX_BASE >= ESPFIX_SIZE)
		return false;
	memcpy(&user->rip, (const void *)regs->rsp, FRAME_WORDS * sizeof(uint64_t));
	/* As in fixup_bad_iret(): this IRETQ only ever returns to user mode. */
	ASSERT(user_mode(user), "RET-2");
	user->orig_rax = 0;		/* the place of #GP's error code */
	regs->rip = (uintptr_t)entry_GP;
	regs->rsp = (uintptr_t)&user->orig_rax;
	regs->rflags = X86_FIXED;	/* as through a gate: IF, TF, NT and RF are clear */
	return true;
}
