/* SPDX-License-Identifier: MIT */
/*
 * The framebuffer tag of multiboot2.  A screen is not worth a refusal to boot: what
 * makes no sense (GRUB gives a bogus tag where there is no video card) means "no screen".
 */
#include "boot/boot_parse.h"
#include "kernel/lib/string.h"

#define FRAMEBUFFER_RGB  1
#define FRAMEBUFFER_TEXT 2	/* 0: palette colours, which we do not set */

struct __packed fb_tag {
	uint64_t address;
	uint32_t pitch, width, height;
	uint8_t bpp, type;
	uint16_t reserved;
	uint8_t red_shift, red_bits, green_shift, green_bits, blue_shift, blue_bits;
};

static bool field_fits(unsigned shift, unsigned bits, unsigned bpp)
{
	return bits >= 1 && bits <= 16 && shift + bits <= bpp;
}

static bool plausible(const struct fb_tag *t, unsigned bytes_per_cell)
{
	uint64_t size = (uint64_t)t->pitch * t->height;

	return t->address && size && t->width && t->width <= t->pitch / bytes_per_cell &&
	       size <= GIB(1) && t->address + size > t->address;
}

static bool rgb_usable(const struct fb_tag *t)
{
	return (t->bpp == 15 || t->bpp == 16 || t->bpp == 24 || t->bpp == 32) &&
	       plausible(t, (t->bpp + 7) / 8) &&
	       field_fits(t->red_shift, t->red_bits, t->bpp) &&
	       field_fits(t->green_shift, t->green_bits, t->bpp) &&
	       field_fits(t->blue_shift, t->blue_bits, t->bpp);
}

/* t is zero behind size, the length of what the loader gave. */
static enum boot_fb_type usable_type(const struct fb_tag *t, uint32_t size)
{
	if (size < offsetof(struct fb_tag, red_shift))
		return FB_NONE;
	if (t->type == FRAMEBUFFER_TEXT && plausible(t, 2))
		return FB_TEXT;
	if (t->type == FRAMEBUFFER_RGB && size >= sizeof(*t) && rgb_usable(t))
		return FB_RGB;
	return FB_NONE;
}

void multiboot2_framebuffer(struct boot_info *out, const uint8_t *body, uint32_t size)
{
	struct boot_framebuffer *fb = &out->fb;
	struct fb_tag t = { 0 };

	memcpy(&t, body, MIN(size, (uint32_t)sizeof(t)));
	fb->type = usable_type(&t, size);
	out->remark = fb->type ? NULL : "multiboot2: the framebuffer tag is of no use: no screen";
	fb->address = t.address;
	fb->width = t.width;
	fb->height = t.height;
	fb->pitch = t.pitch;
	fb->bpp = t.bpp;
	fb->red_shift = t.red_shift;
	fb->red_bits = t.red_bits;
	fb->green_shift = t.green_shift;
	fb->green_bits = t.green_bits;
	fb->blue_shift = t.blue_shift;
	fb->blue_bits = t.blue_bits;
}
