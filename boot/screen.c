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

static struct screen_driver driver;
static char cell[SCREEN_MAX_ROWS][SCREEN_MAX_COLUMNS];
static unsigned column, row;
static enum escape_state state;

void screen_start(const struct screen_driver *d)
{
	memset(cell, ' ', sizeof(cell));
	column = 0;
	row = 0;
	driver = *d;
}

static void put(unsigned x, unsigned y, char c)
{
	if (x >= driver.columns || y >= driver.rows || cell[y][x] == c)
		return;
	cell[y][x] = c;
	driver.draw(x, y, c);
}

/* Only cells that change are drawn: most of a screen of text is blank. */
static void scroll(void)
{
	unsigned by = driver.scroll_rows;

	for (unsigned y = 0; y < driver.rows; y++) {
		for (unsigned x = 0; x < driver.columns; x++)
			put(x, y, y + by < driver.rows ? cell[y + by][x] : ' ');
	}
	row = driver.rows - by;
}

static void new_line(void)
{
	column = 0;
	if (row + 1 >= driver.rows)
		scroll();
	else
		row++;
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
	put(column++, row, c);
}

void screen_write_byte(char c)
{
	if (!driver.draw || part_of_escape(c))
		return;
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
	else if (c >= ' ')
		put_here(c);
}
