/* SPDX-License-Identifier: MIT */
/*
 * Thread pointers: arch_prctl for 64-bit code, TLS descriptors in the GDT for 32-bit code
 * (spec 1.3, 3.5; R1.10-R1.12, R2.31, R3.10).
 */
#include <asm/errno.h>
#include <asm/ldt.h>
#include <asm/prctl.h>
#include "kernel/mm/layout.h"
#include "kernel/mm/usercopy.h"
#include "kernel/process/clone.h"
#include "kernel/process/process.h"
#include "kernel/process/syscall.h"
#include "kernel/process/user_desc.h"
#include "sched/sched.h"

#define ARCH_GET_CPUID 0x1011
#define ARCH_SET_CPUID 0x1012

/* CPUID faulting is not offered, on either side of the call. */
static long cpuid_prctl(int code)
{
	return code == ARCH_GET_CPUID ? 1 : code == ARCH_SET_CPUID ? -ENODEV : -EINVAL;
}

SYSCALL2(arch_prctl, int, code, uint64_t, value)
{
	struct thread *t = current_thread();

	switch (code) {
	case ARCH_SET_FS:
	case ARCH_SET_GS:
		if (value >= TASK_SIZE_MAX)
			return -EPERM;
		if (code == ARCH_SET_FS)
			thread_set_fs_base(value);
		else
			thread_set_gs_base(value);
		return 0;
	case ARCH_GET_FS:
		return put_user_u64((void __user *)value, thread_get_fs_base(t));
	case ARCH_GET_GS:
		return put_user_u64((void __user *)value, thread_get_gs_base(t));
	default:
		return cpuid_prctl(code);
	}
}

COMPAT_SYSCALL2(arch_prctl, int, code, uint64_t, value)
{
	return cpuid_prctl(code);
}

/* The GDT holds 32-bit data segments only. */
static bool desc_ok(const struct user_desc *d)
{
	return desc_empty(d) || desc_zero(d) ||
	       (d->seg_32bit && d->contents <= 1 && !d->seg_not_present);
}

/* Both forms of "no segment" clear the slot. */
static uint64_t tls_encode(const struct user_desc *d)
{
	return desc_empty(d) || desc_zero(d) ? 0 : desc_encode(d);
}

static bool entry_ok(unsigned entry)
{
	return entry >= GDT_TLS && entry < GDT_TLS + GDT_TLS_COUNT;
}

int tls_set_for_child(struct thread *child, uint64_t tls, bool compat)
{
	struct thread_segments *seg = &child->seg;
	struct user_desc d;
	uint16_t selector;

	if (!compat) {
		if (tls >= TASK_SIZE_MAX)
			return -EPERM;
		seg->fs = 0;
		seg->fs_base = tls;
		return 0;
	}
	if (copy_from_user(&d, (void __user *)tls, sizeof(d)))
		return -EFAULT;
	if (!entry_ok(d.entry_number) || !desc_ok(&d))
		return -EINVAL;
	seg->tls[d.entry_number - GDT_TLS] = tls_encode(&d);
	/* An inherited selector of the slot means the new segment: 32-bit glibc counts on it. */
	selector = d.entry_number << 3 | 3;
	if ((seg->fs | 3) == selector)
		seg->fs_base = d.base_addr;
	if ((seg->gs | 3) == selector)
		seg->gs_base = d.base_addr;
	return 0;
}

/* Entry number -1: the first empty slot, whose number is written back. */
COMPAT_SYSCALL1(set_thread_area, struct user_desc __user *, user)
{
	struct thread *t = current_thread();
	struct user_desc d;
	unsigned slot = 0;

	if (copy_from_user(&d, user, sizeof(d)))
		return -EFAULT;
	if (!desc_ok(&d))
		return -EINVAL;
	if (d.entry_number == -1u) {
		while (slot < GDT_TLS_COUNT && t->seg.tls[slot])
			slot++;
		if (slot == GDT_TLS_COUNT)
			return -ESRCH;
		if (put_user_u32(user, GDT_TLS + slot))
			return -EFAULT;
	} else if (entry_ok(d.entry_number)) {
		slot = d.entry_number - GDT_TLS;
	} else {
		return -EINVAL;
	}
	thread_set_tls(slot, tls_encode(&d));
	return 0;
}

COMPAT_SYSCALL1(get_thread_area, struct user_desc __user *, user)
{
	struct user_desc d;
	uint32_t entry;

	if (get_user_u32(&entry, user))
		return -EFAULT;
	if (!entry_ok(entry))
		return -EINVAL;
	d = desc_decode(entry, current_thread()->seg.tls[entry - GDT_TLS]);
	return copy_to_user(user, &d, sizeof(d));
}
