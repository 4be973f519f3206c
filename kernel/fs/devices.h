/* SPDX-License-Identifier: MIT */
/* Character devices: what stands behind the nodes of /dev. */
#pragma once

#include "kernel/fs/inode.h"

/* Linux's encoding of device numbers: 12 bits major, 20 bits minor, in st_rdev's order. */
#define DEVICE(major, minor) ((major) << 8 | ((minor) & 0xff) | ((minor) & ~0xffu) << 12)

/* The operations of a device number; opening one that is not there gives -ENXIO. */
const struct file_ops *device_ops(uint32_t rdev);
/* Nodes of /dev.  Boot only. */
void devices_init(void);
/*
 * Random bytes for programs and for the initial stack: RDRAND where the CPU has it, else a
 * generator seeded by the time stamp counter.  NOT fit for cryptography.  Any context.
 */
void random_bytes(void *buf, size_t n);
