/* SPDX-License-Identifier: MIT */
/* The character devices of /dev. */
#include <asm/errno.h>
#include <linux/fcntl.h>
#include "kernel/cpu/clock.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/panic.h"
#include "kernel/fs/at.h"
#include "kernel/fs/devices.h"
#include "kernel/fs/file.h"
#include "kernel/fs/mode.h"
#include "kernel/fs/tree.h"
#include "kernel/fs/tty.h"

static long null_read(struct file *file, struct iobuf buf, size_t n, uint64_t *pos)
{
	return 0;
}

static long null_write(struct file *file, struct iobuf buf, size_t n, uint64_t *pos)
{
	return n;
}

static long zero_read(struct file *file, struct iobuf buf, size_t n, uint64_t *pos)
{
	size_t done = 0, left = 0;

	while (done < n && !left && !(done && cond_resched())) {
		size_t chunk = MIN(n - done, (size_t)PAGE_SIZE);

		left = iobuf_clear(buf, done, chunk);
		done += chunk - left;
	}
	return done || !n ? (long)done : -EFAULT;
}

static long full_write(struct file *file, struct iobuf buf, size_t n, uint64_t *pos)
{
	return -ENOSPC;
}

/*
 * SDM vol. 1, 7.3.17: CF says whether there was a number; ten failures in a row mean a
 * broken unit.
 */
static bool rdrand(uint64_t *value)
{
	bool ok = false;

	for (unsigned tries = 0; tries < 10 && !ok; tries++)
		__asm__ volatile("rdrand %0" : "=r"(*value), "=@ccc"(ok));
	return ok;
}

static bool has_rdrand(void)
{
	return cpuid(1, 0).ecx >> 30 & 1;
}

/* splitmix64 (Steele, Lea, Flood 2014): a counter and a mixer, so that CPUs need no lock. */
static uint64_t weak_random(void)
{
	static uint64_t counter;
	uint64_t z = __atomic_add_fetch(&counter, 0x9e3779b97f4a7c15, __ATOMIC_RELAXED) + rdtsc();

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

void random_bytes(void *buf, size_t n)
{
	static int8_t use_rdrand = -1;	/* CPUID is slow in a guest: asked once */
	uint64_t value;

	if (use_rdrand < 0)
		use_rdrand = has_rdrand();
	for (size_t done = 0; done < n; done += sizeof(value)) {
		if (!use_rdrand || !rdrand(&value))
			value = weak_random();
		memcpy((char *)buf + done, &value, MIN(n - done, sizeof(value)));
	}
}

static long random_read(struct file *file, struct iobuf buf, size_t n, uint64_t *pos)
{
	char chunk[256];
	size_t done = 0, left = 0;

	while (done < n && !left && !(done && cond_resched())) {
		size_t part = MIN(n - done, sizeof(chunk));

		random_bytes(chunk, part);
		left = iobuf_store(buf, done, chunk, part);
		done += part - left;
	}
	return done || !n ? (long)done : -EFAULT;
}

static const struct file_ops null_ops = { .read = null_read, .write = null_write };
static const struct file_ops zero_ops = { .read = zero_read, .write = null_write };
static const struct file_ops full_ops = { .read = zero_read, .write = full_write };
static const struct file_ops random_ops = { .read = random_read, .write = null_write };

/* Numbers from Linux's Documentation/admin-guide/devices.txt. */
static const struct device {
	const char *name;
	uint32_t number, mode;
	const struct file_ops *ops;
} devices[] = {
	{ "/dev/null", DEVICE(1, 3), 0666, &null_ops },
	{ "/dev/zero", DEVICE(1, 5), 0666, &zero_ops },
	{ "/dev/full", DEVICE(1, 7), 0666, &full_ops },
	{ "/dev/random", DEVICE(1, 8), 0666, &random_ops },
	{ "/dev/urandom", DEVICE(1, 9), 0666, &random_ops },
	{ "/dev/ttyS0", DEVICE(4, 64), 0600, &tty_ops },
	{ "/dev/tty", DEVICE(5, 0), 0666, &tty_own_ops },
	{ "/dev/console", DEVICE(5, 1), 0600, &tty_ops },
};

const struct file_ops *device_ops(uint32_t rdev)
{
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
		if (devices[i].number == rdev)
			return devices[i].ops;
	}
	return NULL;
}

void devices_init(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
		const struct device *d = &devices[i];
		struct walk w;
		int err = at_walk(&w, AT_FDCWD, d->name, WALK_MISSING);

		if (!err)
			err = tree_make(&w, S_IFCHR | d->mode, d->number, NULL);
		at_end(&w);
		if (err)
			fatal("out of memory while making %s", d->name);
	}
}
