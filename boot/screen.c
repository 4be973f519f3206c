/* SPDX-License-Identifier: MIT */
/*
 * What a terminal does, in its smallest form: characters, LF, CR, backspace, tab;
 * escape sequences are swallowed.  Bytes outside of ASCII show as '?'.
 *
 * A panic or an NMI may print while its own CPU is printing (boot/console.c).  Then lines may mix,
 * but nothing is drawn outside of the screen: put() looks, and a row or column that is beyond comes
 * back with the next line.
 */
#include "boot/screen.h"
#include "kernel/lib/string.h"

#define ESCAPE 0x1b

enum escape_state { TEXT, AFTER_ESCAPE, IN_SEQUENCE };

struct cell {
	char c;
	uint8_t colour;
};

static const struct cell blank = { ' ', GREY };

static struct screen_driver driver;
static struct cell cells[SCREEN_MAX_ROWS][SCREEN_MAX_COLUMNS];
static unsigned used[SCREEN_MAX_ROWS];	/* columns of a row; the rest of it is blank */
static unsigned text_rows;		/* without the status line */
static unsigned column, row;
static enum screen_colour ink;
static enum escape_state state;
static bool is_page;			/* the last report: no scrolling, no status line */

void screen_start(const struct screen_driver *d)
{
	for (unsigned y = 0; y < d->rows; y++)
		for (unsigned x = 0; x < d->columns; x++)
			cells[y][x] = blank;
	memset(used, 0, sizeof(used));
	column = 0;
	row = 0;
	ink = GREY;
	is_page = false;
	text_rows = d->rows;
	driver = *d;
}

bool screen_started(void)
{
	return driver.draw;
}

void screen_move(volatile void *memory)
{
	if (memory)
		driver.move(memory);
	else
		driver.draw = NULL;
}

static void put(unsigned x, unsigned y, struct cell new)
{
	struct cell *old = &cells[y][x];

	if (x >= driver.columns || y >= driver.rows ||
	    (old->c == new.c && old->colour == new.colour))
		return;
	*old = new;
	if (x >= used[y])
		used[y] = x + 1;
	driver.draw(x, y, new.c, new.colour);
}

/* Row y becomes a copy of row from; from == driver.rows: blank. */
static void copy_row(unsigned y, unsigned from)
{
	unsigned width = from < text_rows ? used[from] : 0;

	for (unsigned x = 0; x < MAX(width, used[y]); x++)
		put(x, y, x < width ? cells[from][x] : blank);
	used[y] = width;
}

/* Only cells that change are drawn: most of a screen of text is blank. */
static void scroll(void)
{
	unsigned by = driver.scroll_rows;

	for (unsigned y = 0; y < text_rows; y++)
		copy_row(y, MIN(y + by, driver.rows));
	row = text_rows > by ? text_rows - by : 0;
}

static void new_line(void)
{
	column = 0;
	if (row + 1 < text_rows || is_page)
		row++;
	else
		scroll();
}

static bool part_of_escape(char c)
{
	if (c == ESCAPE)
		state = AFTER_ESCAPE;
	else if (state == AFTER_ESCAPE)
		state = c == '[' ? IN_SEQUENCE : TEXT;
	else if (state == IN_SEQUENCE)
		state = c >= '@' && c <= '~' ? TEXT : IN_SEQUENCE;
	else
		return false;
	return true;
}

static void put_here(char c)
{
	if (column >= driver.columns)
		new_line();
	put(column++, row, (struct cell){ c, ink });
}

static void draw_byte(char c)
{
	if (c == '\n')
		new_line();
	else if (c == '\r')
		column = 0;
	else if (c == '\b')
		column -= column > 0;
	else if (c == '\t')
		column = MIN((column + 8) & ~7u, driver.columns - 1);
	else if ((unsigned char)c >= 0x80)
		put_here('?');
	else if (c >= ' ' && c != 0x7f)
		put_here(c);
}

void screen_write_byte(char c)
{
	if (!driver.draw || part_of_escape(c))
		return;
	draw_byte(c);
	if (c == '\n')
		ink = GREY;
	if (!is_page)
		screen_ktap_byte(c);
}

void screen_begin_page(void)
{
	if (!driver.draw)
		return;
	text_rows = driver.rows;
	for (unsigned y = 0; y < driver.rows; y++)
		copy_row(y, driver.rows);
	column = 0;
	row = 0;
	state = TEXT;
	ink = RED;		/* the first line: what happened */
	is_page = true;
}

void screen_status(const char *text, enum screen_colour colour)
{
	unsigned y = driver.rows - 1, x;

	if (!driver.draw || is_page)
		return;
	if (text_rows == driver.rows && text_rows > 1) {
		text_rows--;
		if (row >= text_rows)
			scroll();
		copy_row(y, driver.rows);
	}
	for (x = 0; text[x] && x < driver.columns; x++)
		put(x, y, (struct cell){ text[x], colour });
	for (unsigned end = used[y]; x < end; x++)
		put(x, y, blank);
}

void screen_colour_line(unsigned n, enum screen_colour colour)
{
	if (!driver.draw)
		return;
	ink = colour;
	for (unsigned x = column - MIN(n, column); x < column; x++)
		if (row < driver.rows && x < driver.columns)
			put(x, row, (struct cell){ cells[row][x].c, colour });
}
