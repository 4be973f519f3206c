/* SPDX-License-Identifier: MIT */
/* VGA text mode: two bytes a cell, the character and its colours. */
#include "boot/screen.h"
#include "kernel/cpu/x86.h"

/* The CRT controller's index and data port; register 10, bit 5 (IBM VGA manual): no cursor. */
#define CRTC_INDEX   0x3d4
#define CURSOR_START 0x0a
#define CURSOR_OFF   0x20

static const uint8_t attribute[SCREEN_COLOURS] = {
	[GREY] = 0x07, [WHITE] = 0x0f, [GREEN] = 0x0a, [RED] = 0x0c, [YELLOW] = 0x0e,
};

static volatile uint8_t *text;
static uint32_t pitch;

static void draw(unsigned column, unsigned row, char c, enum screen_colour colour)
{
	volatile uint16_t *at = (volatile uint16_t *)(text + row * pitch) + column;

	*at = attribute[colour] << 8 | (uint8_t)c;
}

static void move(volatile void *memory)
{
	text = memory;
}

bool vga_text_init(const struct boot_framebuffer *fb, volatile void *memory,
		   struct screen_driver *d)
{
	*d = (struct screen_driver){
		.columns = MIN(fb->width, (uint32_t)SCREEN_MAX_COLUMNS),
		.rows = MIN(fb->height, (uint32_t)SCREEN_MAX_ROWS),
		.scroll_rows = 1,
		.draw = draw,
		.move = move,
	};
	pitch = fb->pitch;
	move(memory);
	for (unsigned i = 0; i < d->columns * d->rows; i++)
		draw(i % d->columns, i / d->columns, ' ', GREY);
	outb(CRTC_INDEX, CURSOR_START);
	outb(CRTC_INDEX + 1, CURSOR_OFF);
	return true;
}
