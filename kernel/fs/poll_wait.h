/* SPDX-License-Identifier: MIT */
/* The waiting behind poll and select: a set of files, what is wanted of each, until when. */
#pragma once

#include "kernel/fs/file.h"
#include "kernel/fs/poll.h"
#include "kernel/process/sigstate.h"

struct poll_item {
	struct file *file;	/* with a reference; NULL: nothing to wait for */
	int fd;
	uint16_t events, revents;
	struct poll_table table;
};

#define POLL_NOW 0ull		/* a deadline: only look */

/* Zeroed items; few ones are those of the caller's array small[POLL_FEW].  NULL: out of memory. */
#define POLL_FEW 8
struct poll_item *poll_items_alloc(struct poll_item *small, size_t n);
/* Also drops the files. */
void poll_items_free(struct poll_item *items, struct poll_item *small, size_t n);
/* Fills in revents.  Items with some, 0 after deadline, or -ERESTARTNOHAND. */
long poll_items_wait(struct poll_item *items, size_t n, uint64_t deadline);

/* Timeouts in the layouts of user space.  NULL there means never. */
enum timeout_layout { TIMEOUT_TIMESPEC, TIMEOUT_TIMEVAL, TIMEOUT_TIMESPEC32, TIMEOUT_TIMEVAL32 };
int timeout_get(const void __user *user, enum timeout_layout layout, uint64_t *deadline);
/* What is left of it goes back, as Linux does; a page that cannot be written is no error. */
void timeout_put(void __user *user, enum timeout_layout layout, uint64_t deadline);

/*
 * The signal mask of ppoll and pselect6: in force during the call and, if a signal ends it,
 * until that is taken.
 */
struct temporary_mask {
	bool on;
	sigmask_t saved;
};
int temporary_mask_begin(struct temporary_mask *m, const void __user *mask, size_t size);
void temporary_mask_end(const struct temporary_mask *m, long ret);
