/* SPDX-License-Identifier: MIT */
/*
 * The screen as a grid of coloured characters.  screen.c knows what stands where; a driver only
 * draws single cells, so video memory (slow to read) is never read.
 */
#pragma once

#include "boot/boot_info.h"

#define SCREEN_MAX_COLUMNS 240
#define SCREEN_MAX_ROWS	   100

enum screen_colour { GREY, WHITE, GREEN, RED, YELLOW, SCREEN_COLOURS };

struct screen_driver {
	unsigned columns, rows;		/* at most the above */
	unsigned scroll_rows;		/* how far to move up when the last row is full */
	void (*draw)(unsigned column, unsigned row, char c, enum screen_colour colour);
	void (*move)(volatile void *memory);	/* the video memory has a new virtual address */
};

/*
 * Fill *d and blank the screen, whose memory is mapped at memory; false if it is too small for
 * text.
 */
bool vga_text_init(const struct boot_framebuffer *fb, volatile void *memory,
		   struct screen_driver *d);
bool framebuffer_init(const struct boot_framebuffer *fb, volatile void *memory,
		      struct screen_driver *d);

/* Makes this (blank) screen the one that screen_write_byte uses. */
void screen_start(const struct screen_driver *d);
bool screen_started(void);
/* The driver's move.  NULL: nothing is drawn any more. */
void screen_move(volatile void *memory);
/* Nothing before screen_start. */
void screen_write_byte(char c);

/*
 * A blank page for one last report: it does not scroll, and what does not fit is left out.  Once
 * full it stays as it is, to be photographed.
 */
void screen_begin_page(void);
/* The last row becomes a status line, with this text. */
void screen_status(const char *text, enum screen_colour colour);
/* The n characters before the cursor, and what follows on this line, take another colour. */
void screen_colour_line(unsigned n, enum screen_colour colour);

/*
 * Reads along: colours the verdicts of KTAP reports and keeps their progress in the status line
 * (boot/screen_ktap.c).  Called for each byte after it has been drawn.
 */
void screen_ktap_byte(char c);

/* Glyphs; 32-126 are the characters. Top row first, leftmost pixel in bit 7 (boot/font.asm). */
#define FONT_WIDTH  8
#define FONT_HEIGHT 16
extern const uint8_t console_font[128][FONT_HEIGHT];
