/* SPDX-License-Identifier: MIT */
/*
 * Robust futexes: a list in user memory of the locks that a thread holds.  When it dies, each
 * is marked and one waiter woken.  The list is the program's, so it may be broken, endless, or
 * change meanwhile.
 */
#include <linux/futex.h>
#include "kernel/mm/usercopy.h"
#include "kernel/process/compat.h"
#include "kernel/process/process.h"
#include "sched/futex.h"

struct robust_head {
	uintptr_t self, next, pending;
	intptr_t offset;
};

/* The lowest bit of a link says "priority inheritance", which nobody has here. */
static int read_link(uintptr_t *link, uintptr_t at, bool compat)
{
	uint64_t wide;
	uint32_t narrow;
	int err;

	if (compat) {
		err = get_user_u32(&narrow, (void __user *)at);
		wide = narrow;
	} else {
		err = get_user_u64(&wide, (void __user *)at);
	}
	*link = wide & ~1ul;
	return err;
}

static int read_head(struct robust_head *h, uintptr_t at, bool compat)
{
	struct compat_robust_list_head c;
	struct robust_list_head n;

	h->self = at;
	if (compat) {
		if (copy_from_user(&c, (void __user *)at, sizeof(c)))
			return -1;
		h->next = c.next & ~1u;
		h->offset = c.futex_offset;
		h->pending = c.list_op_pending & ~1u;
		return 0;
	}
	if (copy_from_user(&n, (void __user *)at, sizeof(n)))
		return -1;
	h->next = (uintptr_t)n.list.next & ~1ul;
	h->offset = n.futex_offset;
	h->pending = (uintptr_t)n.list_op_pending & ~1ul;
	return 0;
}

/*
 * pending: the owner died between changing the word and its list; a word of 0 may have lost
 * its wake-up.
 */
static void mark(uintptr_t word, bool pending)
{
	uint32_t tid = current_thread()->tid, value, seen;

	if (word % sizeof(value) || get_user_u32(&value, (void __user *)word))
		return;
	if (pending && value == 0) {
		futex_wake(word, 1, FUTEX_BITSET_MATCH_ANY, true);
		return;
	}
	for (; (value & FUTEX_TID_MASK) == tid; value = seen) {
		if (cmpxchg_user_u32(&seen, (void __user *)word, value,
				     (value & FUTEX_WAITERS) | FUTEX_OWNER_DIED))
			return;
		if (seen != value)
			continue;
		if (value & FUTEX_WAITERS)
			futex_wake(word, 1, FUTEX_BITSET_MATCH_ANY, true);
		return;
	}
}

void futex_exit_robust(void)
{
	struct thread *t = current_thread();
	bool compat = t->process->compat;
	struct robust_head h;
	uintptr_t entry;

	if (read_head(&h, t->robust_list, compat))
		return;
	entry = h.next;
	for (unsigned n = 0; entry != h.self && n < ROBUST_LIST_LIMIT; n++) {
		uintptr_t next;
		/* Read before a woken owner unlinks it. */
		int err = read_link(&next, entry, compat);

		if (entry != h.pending)
			mark(entry + h.offset, false);
		if (err)
			return;
		entry = next;
	}
	if (h.pending)
		mark(h.pending + h.offset, true);
}
