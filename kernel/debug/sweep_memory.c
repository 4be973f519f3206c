/* SPDX-License-Identifier: MIT */
/* The address space of the sweep's user thread: the doors' instructions, a stack, a segment. */
#ifdef CONFIG_DEBUG
#include <linux/mman.h>
#include "kernel/debug/sweep.h"
#include "kernel/mm/ldt.h"
#include "kernel/process/user_desc.h"

/* Each door's instruction, then UD2; a last slot with UD2 only, where a new thread begins. */
static int write_code(struct mm *mm)
{
	static const uint8_t ud2[2] = { 0x0f, 0x0b };

	for (unsigned i = 0; i <= sweep_door_count; i++) {
		const struct sweep_door *door = &sweep_doors[i];
		uintptr_t to = SWEEP_CODE + i * SWEEP_SLOT;
		size_t size = i < sweep_door_count ? door->size : 0;
		int err = size ? mm_write(mm, to, door->code, size) : 0;

		if (!err)
			err = mm_write(mm, to + size, ud2, sizeof(ud2));
		if (err)
			return err;
	}
	return 0;
}

static int map_stack(struct mm *mm)
{
	static const uint32_t word = SWEEP_ARG6;
	uintptr_t stack = SWEEP_STACK;
	int err = mm_map(mm, &stack, PAGE_SIZE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, NULL, 0, 0);

	return err ? err : mm_write(mm, stack, &word, sizeof(word));
}

/* modify_ldt's encoding of writable data, 16 bits wide. */
static int make_segment(struct mm *mm)
{
	const struct user_desc d = { .limit = 0xffff };

	return ldt_set_entry(mm, SWEEP_SS16 >> 3, desc_encode(&d));
}

int sweep_fill_memory(struct mm *mm)
{
	uintptr_t code = SWEEP_CODE;
	int err = mm_map(mm, &code, PAGE_SIZE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, NULL, 0, 0);

	if (!err)
		err = write_code(mm);
	if (!err)
		err = map_stack(mm);
	if (!err)
		err = make_segment(mm);
	return err ? err : mm_protect(mm, code, PAGE_SIZE, PROT_READ | PROT_EXEC);
}
#endif
