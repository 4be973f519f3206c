/* SPDX-License-Identifier: MIT */
/* VGA text mode: two bytes a cell, the character and its colours. */
#include "boot/screen.h"
#include "kernel/mm/vmap.h"

#define LIGHT_GREY_ON_BLACK 0x07

static volatile uint8_t *text;
static uint32_t pitch;

static void draw(unsigned column, unsigned row, char c)
{
	volatile uint16_t *at = (volatile uint16_t *)(text + row * pitch) + column;

	*at = LIGHT_GREY_ON_BLACK << 8 | (uint8_t)c;
}

bool vga_text_init(const struct boot_framebuffer *fb, struct screen_driver *d)
{
	pitch = fb->pitch;
	text = vmap_mmio(fb->address, (size_t)fb->pitch * fb->height);
	d->columns = MIN(fb->width, (uint32_t)SCREEN_MAX_COLUMNS);
	d->rows = MIN(fb->height, (uint32_t)SCREEN_MAX_ROWS);
	d->scroll_rows = 1;
	d->draw = draw;
	for (unsigned i = 0; text && i < d->columns * d->rows; i++)
		draw(i % d->columns, i / d->columns, ' ');
	return text != NULL;
}
