/* SPDX-License-Identifier: MIT */
/* newc cpio archives, as pure C: also built and fuzzed on the host. */
#pragma once

#include "kernel/lib/compiler.h"

struct cpio_entry {
	const char *name;	/* terminated, inside the archive */
	const uint8_t *data;
	size_t size;
	uint32_t mode, uid, gid, nlink, ino, rdev_major, rdev_minor, mtime;
	bool new_archive;	/* the first of its archive: inode numbers start anew */
};

/*
 * Reads the entry at *offset and moves *offset behind it.  Skips zero padding and
 * "TRAILER!!!" between concatenated archives.  1: entry filled, 0: end, -1: broken (*why says how,
 * *offset is where the broken entry starts).  An archive that ends without a trailer is broken.
 */
int cpio_next(const uint8_t *archive, size_t size, size_t *offset, struct cpio_entry *entry,
	      const char **why);
