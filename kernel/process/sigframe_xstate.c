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

#define SW_BYTES_OFFSET 464	/* bytes 464-511 of an FXSAVE image are software's */
#define FXSAVE_SIZE     512
#define XSAVE_MIN_SIZE  (FXSAVE_SIZE + 64)
#define XCR0_LEGACY     (XCR0_X87 | XCR0_SSE)

/* The part of the image that is neither registers nor reserved: software bytes, XSAVE header. */
struct image_middle {
	struct _fpx_sw_bytes sw;
	uint64_t xstate_bv, xcomp_bv, reserved[6];
};
_Static_assert(sizeof(struct image_middle) == XSAVE_MIN_SIZE - SW_BYTES_OFFSET, "layout");

/* What XRSTOR checks of it: the header's bytes up to 23 (SDM vol. 1, 13.8.1). */
#define CHECKED_SIZE offsetof(struct image_middle, reserved[1])

size_t sigframe_xstate_size(void)
{
	return cpu_info.xsave_size + (cpu_has(FEATURE_XSAVE) ? sizeof(uint32_t) : 0);
}

static void __user *at(uint64_t addr, size_t offset)
{
	return (void __user *)(addr + offset);
}

/* XSAVE leaves software bytes, and its header but for XSTATE_BV, alone: they are written before. */
static int write_description(uint64_t fx, bool compat)
{
	/*
	 * Always the same but for one field; whoever comes first fills it in, and so do the others.
	 */
	static struct image_middle descriptions[2];
	struct image_middle *m = &descriptions[compat];

	if (!cpu_has(FEATURE_XSAVE))
		return clear_user(at(fx, SW_BYTES_OFFSET), sizeof(m->sw));
	m->sw.magic1 = FP_XSTATE_MAGIC1;
	m->sw.extended_size = cpu_info.xsave_size + 4 + (compat ? FSAVE_SIZE : 0);
	m->sw.xfeatures = cpu_info.xcr0;
	m->sw.xstate_size = cpu_info.xsave_size;
	if (copy_to_user(at(fx, SW_BYTES_OFFSET), m, sizeof(*m)))
		return -EFAULT;
	return put_user_u32(at(fx, cpu_info.xsave_size), FP_XSTATE_MAGIC2);
}

/* FNSAVE comes last: it is the only step that changes registers. */
int sigframe_save_xstate(const struct sigframe_place *place)
{
	bool compat = place->fx != place->fpstate;

	if (write_description(place->fx, compat) || xsave_to_user(at(place->fx, 0)))
		return -EFAULT;
	return compat ? fnsave_to_user(at(place->fpstate, 0)) : 0;
}

/* The components that the image holds; 0: it cannot be read, or XRSTOR would refuse it. */
static uint64_t image_components(uint64_t fx, bool *has_header)
{
	struct image_middle m;
	uint32_t magic2;

	*has_header = false;
	if (!cpu_has(FEATURE_XSAVE))
		return XCR0_LEGACY;
	if (copy_from_user(&m, at(fx, SW_BYTES_OFFSET), CHECKED_SIZE)) {
		if (copy_from_user(&m, at(fx, SW_BYTES_OFFSET), sizeof(m.sw)))
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
static int load_image(uint64_t fx, uint64_t fsave)
{
	bool has_header;
	uint64_t components = image_components(fx, &has_header);

	if (!components && !has_header)
		return -EFAULT;
	if (components != cpu_info.xcr0 || fsave)
		xstate_load_initial();
	if (has_header ? xrstor_from_user(at(fx, 0), components) : fxrstor_from_user(at(fx, 0)))
		return -EFAULT;
	return fsave ? frstor_from_user(at(fsave, 0)) : 0;
}

/*
 * In an i386 frame the x87 registers are those of the FSAVE image; the FXSAVE image has the rest.
 */
int sigframe_restore_xstate(uint64_t fpstate, bool compat)
{
	int err = 0;

	if (fpstate)
		err = load_image(compat ? fpstate + FSAVE_SIZE : fpstate, compat ? fpstate : 0);
	if (!fpstate || err)
		xstate_load_initial();
	return err;
}
