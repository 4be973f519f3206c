/* SPDX-License-Identifier: MIT */
/*
 * A linear framebuffer of 16, 24 or 32 bits a pixel: light grey text on black, in
 * whatever order and width of colours the loader told.
 */
#include "boot/screen.h"
#include "kernel/lib/string.h"
#include "kernel/mm/vmap.h"

static volatile uint8_t *pixels;
static uint32_t pitch, ink;
static unsigned bytes_per_pixel;

/* Two thirds of full brightness. */
static uint32_t channel(unsigned shift, unsigned bits)
{
	uint32_t full = (1u << bits) - 1;

	return (full - full / 3) << shift;
}

static void set_pixel(volatile uint8_t *at, uint32_t colour)
{
	switch (bytes_per_pixel) {
	case 4:
		*(volatile uint32_t *)at = colour;
		break;
	case 2:
		*(volatile uint16_t *)at = colour;
		break;
	default:
		at[0] = colour;
		at[1] = colour >> 8;
		at[2] = colour >> 16;
	}
}

static void draw(unsigned column, unsigned row, char c)
{
	const uint8_t *glyph = console_font[c & 127];
	volatile uint8_t *line = pixels + (size_t)row * FONT_HEIGHT * pitch +
				 (size_t)column * FONT_WIDTH * bytes_per_pixel;

	for (unsigned y = 0; y < FONT_HEIGHT; y++, line += pitch) {
		volatile uint8_t *at = line;

		for (unsigned bit = 0x80; bit; bit >>= 1, at += bytes_per_pixel)
			set_pixel(at, glyph[y] & bit ? ink : 0);
	}
}

bool framebuffer_init(const struct boot_framebuffer *fb, struct screen_driver *d)
{
	size_t size = (size_t)fb->pitch * fb->height;

	pitch = fb->pitch;
	bytes_per_pixel = fb->bpp / 8;
	ink = channel(fb->red_shift, fb->red_bits) | channel(fb->green_shift, fb->green_bits) |
	      channel(fb->blue_shift, fb->blue_bits);
	d->columns = MIN(fb->width / FONT_WIDTH, (uint32_t)SCREEN_MAX_COLUMNS);
	d->rows = MIN(fb->height / FONT_HEIGHT, (uint32_t)SCREEN_MAX_ROWS);
	d->scroll_rows = (d->rows + 3) / 4;	/* a row costs as much as a quarter screen */
	d->draw = draw;
	if (d->columns == 0 || d->rows == 0)
		return false;
	pixels = vmap_mmio(fb->address, size);
	if (pixels)
		memset((void *)pixels, 0, size);
	return pixels != NULL;
}
