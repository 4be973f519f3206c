/* SPDX-License-Identifier: MIT */
/*
 * Extended state in signal frames: an XSAVE image in the standard format, described by the
 * software bytes of its FXSAVE part, with a magic word behind it (<asm/sigcontext.h>).
 *
 * What comes back is checked twice: here, where a wrong description means "only x87 and
 * SSE" as on Linux, and by XRSTOR, on the very bytes that it loads.
 */
#include <asm/errno.h>
#include <asm/sigcontext.h>
#include "kernel/cpu/features.h"
#include "kernel/mm/user_xstate.h"
#include "kernel/mm/usercopy.h"
#include "kernel/process/sigframe.h"
#include "sched/user_state.h"

#define FXSAVE_SIZE     512
#define XSAVE_MIN_SIZE  (FXSAVE_SIZE + 64)
#define XCR0_LEGACY     (XCR0_X87 | XCR0_SSE)
_Static_assert(XSAVE_MIDDLE_OFFSET + sizeof(struct xsave_middle) == XSAVE_MIN_SIZE, "layout");

/* What XRSTOR checks of it: the header's bytes up to 23 (SDM vol. 1, 13.8.1). */
#define CHECKED_SIZE offsetof(struct xsave_middle, reserved[1])

static void __user *at(uint64_t addr, size_t offset)
{
	return (void __user *)(addr + offset);
}

/*
 * Always the same, on every CPU.  Whoever comes first fills it in; several may, with the same
 * values, and the magic word comes last: who sees it sees the rest.
 */
static const struct xsave_middle *description(bool compat)
{
	static struct xsave_middle descriptions[2];
	struct xsave_middle *m = &descriptions[compat];

	if (likely(__atomic_load_n(&m->sw.magic1, __ATOMIC_ACQUIRE)))
		return m;
	m->sw.extended_size = cpu_info.xsave_size + 4 + (compat ? FSAVE_SIZE : 0);
	m->sw.xfeatures = cpu_info.xcr0;
	m->sw.xstate_size = cpu_info.xsave_size;
	__atomic_store_n(&m->sw.magic1, FP_XSTATE_MAGIC1, __ATOMIC_RELEASE);
	return m;
}

static int save_without_xsave(uint64_t fx)
{
	if (fxsave_to_user(at(fx, 0)))
		return -EFAULT;
	return clear_user(at(fx, XSAVE_MIDDLE_OFFSET), sizeof(struct _fpx_sw_bytes));
}

int sigframe_save_xstate(uint64_t fx, bool compat)
{
	if (unlikely(!cpu_has(FEATURE_XSAVE)))
		return save_without_xsave(fx);
	return xsave_to_user(at(fx, 0), description(compat), FP_XSTATE_MAGIC2);
}

/* The components that the image holds; 0: it cannot be read, or XRSTOR would refuse it. */
static uint64_t image_components(uint64_t fx, bool *has_header)
{
	struct xsave_middle m;
	uint32_t magic2;

	*has_header = false;
	if (!cpu_has(FEATURE_XSAVE))
		return XCR0_LEGACY;
	if (copy_from_user(&m, at(fx, XSAVE_MIDDLE_OFFSET), CHECKED_SIZE)) {
		if (copy_from_user(&m, at(fx, XSAVE_MIDDLE_OFFSET), sizeof(m.sw)))
			return 0;
		m.xstate_bv = 0;
		m.xcomp_bv = 1;		/* no header: only good for an image without one */
	}
	if (m.sw.magic1 != FP_XSTATE_MAGIC1 || m.sw.xstate_size < XSAVE_MIN_SIZE ||
	    m.sw.xstate_size > cpu_info.xsave_size || m.sw.xstate_size > m.sw.extended_size)
		return XCR0_LEGACY;
	if (get_user_u32(&magic2, at(fx, m.sw.xstate_size)))
		return 0;
	if (magic2 != FP_XSTATE_MAGIC2)
		return XCR0_LEGACY;
	if ((m.xstate_bv & ~cpu_info.xcr0) || m.xcomp_bv || m.reserved[0])
		return 0;
	*has_header = true;
	return m.sw.xfeatures & cpu_info.xcr0;
}

/* Components that the image lacks become initial; that comes first, for it also loads MXCSR. */
static int load_image(uint64_t fx)
{
	bool has_header;
	uint64_t components = image_components(fx, &has_header);

	if (!components && !has_header)
		return -EFAULT;
	if (components != cpu_info.xcr0)
		xstate_load_initial();
	return has_header ? xrstor_from_user(at(fx, 0), components) : fxrstor_from_user(at(fx, 0));
}

/*
 * The image is described as the kernel described it, and XRSTOR will take it.  Most frames come
 * back like that; all others are for load_image().
 */
static bool is_as_written(uint64_t fx, bool compat)
{
	const struct xsave_middle *d = description(compat);
	struct xsave_check c;

	if (!cpu_has(FEATURE_XSAVE) || xsave_check_from_user(&c, at(fx, 0)))
		return false;
	return c.sw.magic1 == d->sw.magic1 && c.sw.extended_size == d->sw.extended_size &&
	       c.sw.xfeatures == d->sw.xfeatures && c.sw.xstate_size == d->sw.xstate_size &&
	       c.end_word == FP_XSTATE_MAGIC2 &&
	       !((c.xstate_bv & ~cpu_info.xcr0) | c.xcomp_bv | c.reserved);
}

/*
 * In an i386 frame the x87 registers are those of the FSAVE image; the FXSAVE image has the rest.
 */
int sigframe_restore_xstate(uint64_t fpstate, bool compat)
{
	uint64_t fx = compat ? fpstate + FSAVE_SIZE : fpstate;
	int err;

	if (!fpstate) {
		xstate_load_initial();
		return 0;
	}
	if (likely(is_as_written(fx, compat)))
		err = xrstor_from_user(at(fx, 0), cpu_info.xcr0);
	else
		err = load_image(fx);
	if (compat && !err)
		err = frstor_from_user(at(fpstate, 0));
	if (unlikely(err))
		xstate_load_initial();
	return err;
}
