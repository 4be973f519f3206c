/* SPDX-License-Identifier: MIT */
/*
 * The screen as a grid of characters.  screen.c knows what stands where; a driver only
 * draws single cells, so video memory (slow to read) is never read.
 */
#pragma once

#include "boot/boot_info.h"

#define SCREEN_MAX_COLUMNS 240
#define SCREEN_MAX_ROWS	   100

struct screen_driver {
	unsigned columns, rows;		/* at most the above */
	unsigned scroll_rows;		/* how far to move up when the last row is full */
	void (*draw)(unsigned column, unsigned row, char c);
};

/* Fills *d and blanks the screen; false if its memory cannot be mapped or is too small for text. */
bool vga_text_init(const struct boot_framebuffer *fb, struct screen_driver *d);
bool framebuffer_init(const struct boot_framebuffer *fb, struct screen_driver *d);

/* Makes this (blank) screen the one that screen_write_byte uses. */
void screen_start(const struct screen_driver *d);
/* Nothing before screen_start. */
void screen_write_byte(char c);

/* Glyphs of characters 0-127, top row first, leftmost pixel in bit 7 (made by boot/font.py). */
#define FONT_WIDTH  8
#define FONT_HEIGHT 16
extern const uint8_t console_font[128][FONT_HEIGHT];
