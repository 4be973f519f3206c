/* SPDX-License-Identifier: MIT */
/*
 * A linear framebuffer of 15 to 32 bits a pixel, in whatever order and width of colours the loader
 * told.  Four pixels are drawn at once: for each colour of text there are the 16 patterns that four
 * pixels of a glyph can have, ready as they stand in video memory.
 */
#include "boot/screen.h"
#include "kernel/lib/string.h"

#define NIBBLE_PIXELS 4
#define PATTERN_BYTES (NIBBLE_PIXELS * 4)

/* 0xRRGGBB; the text mode's colours. */
static const uint32_t rgb[SCREEN_COLOURS] = {
	[GREY] = 0xaaaaaa, [WHITE] = 0xffffff, [GREEN] = 0x55ff55,
	[RED] = 0xff5555,  [YELLOW] = 0xffff55,
};

static volatile uint8_t *pixels;
static uint32_t pitch;
static unsigned bytes_per_pixel;
static uint8_t pattern[SCREEN_COLOURS][16][PATTERN_BYTES] __aligned(8);

static uint32_t channel(uint32_t value, unsigned shift, unsigned bits)
{
	uint32_t full = (1u << bits) - 1;

	return (value & 0xff) * full / 255 << shift;
}

static void make_patterns(const struct boot_framebuffer *fb)
{
	for (unsigned c = 0; c < SCREEN_COLOURS; c++) {
		uint32_t ink = channel(rgb[c] >> 16, fb->red_shift, fb->red_bits) |
			       channel(rgb[c] >> 8, fb->green_shift, fb->green_bits) |
			       channel(rgb[c], fb->blue_shift, fb->blue_bits);

		for (unsigned i = 0; i < 16 * NIBBLE_PIXELS; i++) {
			unsigned nibble = i / NIBBLE_PIXELS, pixel = i % NIBBLE_PIXELS;
			uint32_t value = nibble & 8 >> pixel ? ink : 0;

			memcpy(&pattern[c][nibble][pixel * bytes_per_pixel], &value,
			       bytes_per_pixel);
		}
	}
}

/* Eight bytes at a time: on a bus the number of writes counts, not their size. */
static void put_nibble(volatile uint8_t *at, const uint8_t *from)
{
	*(volatile uint64_t *)at = *(const uint64_t *)from;
	if (bytes_per_pixel == 4)
		*(volatile uint64_t *)(at + 8) = *(const uint64_t *)(from + 8);
	else if (bytes_per_pixel == 3)
		*(volatile uint32_t *)(at + 8) = *(const uint32_t *)(from + 8);
}

static void draw(unsigned column, unsigned row, char c, enum screen_colour colour)
{
	const uint8_t *glyph = console_font[c & 127];
	const unsigned half = NIBBLE_PIXELS * bytes_per_pixel;
	volatile uint8_t *line = pixels + (size_t)row * FONT_HEIGHT * pitch +
				 (size_t)column * 2 * half;

	for (unsigned y = 0; y < FONT_HEIGHT; y++, line += pitch) {
		put_nibble(line, pattern[colour][glyph[y] >> 4]);
		put_nibble(line + half, pattern[colour][glyph[y] & 15]);
	}
}

static void move(volatile void *memory)
{
	pixels = memory;
}

bool framebuffer_init(const struct boot_framebuffer *fb, volatile void *memory,
		      struct screen_driver *d)
{
	uint32_t rows = MIN(fb->height / FONT_HEIGHT, (uint32_t)SCREEN_MAX_ROWS);

	*d = (struct screen_driver){
		.columns = MIN(fb->width / FONT_WIDTH, (uint32_t)SCREEN_MAX_COLUMNS),
		.rows = rows,
		.scroll_rows = (rows + 3) / 4,	/* a row costs as much as a quarter screen */
		.draw = draw,
		.move = move,
	};
	if (d->columns == 0 || d->rows == 0)
		return false;
	pitch = fb->pitch;
	bytes_per_pixel = (fb->bpp + 7) / 8;
	make_patterns(fb);
	move(memory);
	memset((void *)memory, 0, (size_t)fb->pitch * fb->height);
	return true;
}
