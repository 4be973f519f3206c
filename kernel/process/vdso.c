/* SPDX-License-Identifier: MIT */
/*
 * The vDSO.  Each image is a file without a name, made once at boot, and every exec maps it like a
 * library: private, readable and executable.  So copy-on-write for debuggers, fork, mremap and
 * munmap are the ones that every file mapping has.  The data page is a file that is open for
 * reading only, mapped shared: mprotect cannot make it writable.
 *
 *	mm->vdso - PAGE_SIZE	[vvar]	struct vdso_data
 *	mm->vdso		[vdso]	the image
 */
#include "kernel/process/vdso.h"

#include <asm/errno.h>
#include <asm/fcntl.h>
#include <linux/mman.h>
#include "entry/vdso/vdso.h"
#include "kernel/cpu/clock.h"
#include "kernel/debug/panic.h"
#include "kernel/fs/file.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/process/vdso_image.h"
#include "sched/thread.h"

static struct file *image_32, *image_64, *data_file;
static enum vsyscall flavour;

static struct file *make_file(const void *bytes, size_t size)
{
	struct file *file = shmem_file_create(size);

	if (!file || inode_write(file->inode, bytes, size, 0) != (long)size)
		fatal("out of memory for the vDSO");
	file->flags = O_RDONLY;
	return file;
}

static void patch(struct file *file, uint32_t at, uint32_t value)
{
	if (inode_write(file->inode, &value, sizeof(value), at) != sizeof(value))
		panic("VDSO-1 violated: the image is not writable at boot");
}

/* R6.2, R6.5: the three pointers to the chosen flavour, while no program has the image mapped. */
static void choose(struct file *file, const struct vdso_image *image)
{
	patch(file, image->entry_field, image->flavour[flavour].start);
	patch(file, image->value_field, image->flavour[flavour].start);
	patch(file, image->size_field, image->flavour[flavour].size);
}

static void share_clock(void)
{
	static const struct vdso_data zero;
	phys_t frame;

	data_file = make_file(&zero, sizeof(zero));
	if (inode_get_page(data_file->inode, 0, true, &frame))
		fatal("out of memory for the vDSO");
	clock_share(phys_to_virt(frame));	/* the reference stays with the clock */
}

void vdso_init(void)
{
	share_clock();
	image_64 = make_file(vdso_image_64.bytes, vdso_image_64.size);
	flavour = vsyscall_chosen();
	if (flavour == VSYSCALL_NONE)
		return;
	image_32 = make_file(vdso_image_32.bytes, vdso_image_32.size);
	choose(image_32, &vdso_image_32);
}

/* One search for both: the image is mapped one page too early, then the data page over that. */
int vdso_map(struct mm *mm, bool compat)
{
	const struct vdso_image *image = compat ? &vdso_image_32 : &vdso_image_64;
	struct file *file = compat ? image_32 : image_64;
	uintptr_t data = 0, code;
	int err;

	if (!file)
		return 0;
	err = mm_map(mm, &data, PAGE_SIZE + image->size, PROT_READ, MAP_SHARED | VMA_VVAR,
		     data_file, 0, 0);
	code = data + PAGE_SIZE;
	if (!err)
		err = mm_map(mm, &code, image->size, PROT_READ | PROT_EXEC,
			     MAP_PRIVATE | MAP_FIXED | VMA_VDSO, file, 0, 0);
	if (err)
		return err;
	mm->vdso = code;
	if (compat)
		mm->landing_pad = code + image->flavour[flavour].pad;
	return 0;
}

void vdso_moved(struct mm *mm, uintptr_t to)
{
	struct pt_regs *regs = thread_regs(current_thread());
	uintptr_t pad = mm->landing_pad, distance = to - mm->vdso;

	mm->vdso = to;
	if (!pad)
		return;
	mm->landing_pad = pad + distance;
	if (regs->rip == pad)
		regs->rip += distance;
}

uintptr_t vdso_entry(const struct mm *mm)
{
	return mm->vdso + vdso_image_32.flavour[flavour].start;
}

uintptr_t vdso_sigreturn(const struct mm *mm, bool rt)
{
	if (!mm->landing_pad)
		return 0;
	return mm->vdso + (rt ? vdso_image_32.rt_sigreturn : vdso_image_32.sigreturn);
}
