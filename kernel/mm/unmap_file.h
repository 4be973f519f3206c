/* SPDX-License-Identifier: MIT */
/* Taking the end of a file out of the address spaces that map it. */
#pragma once

#include "kernel/fs/inode.h"

/*
 * After the file was cut to size, with its write_lock held: all pages behind the one that size
 * falls into are unmapped everywhere, private copies included, as on Linux.  What fork
 * or exec is just making belongs to no process yet and may keep them.
 */
void unmap_file(const struct inode *inode, uint64_t size);
