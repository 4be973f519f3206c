/* SPDX-License-Identifier: MIT */
/* The screen's grid: boot/screen.h. */
#include "boot/screen.h"
#include "tests/host/test.h"

#define COLUMNS 5
#define ROWS	3

static char shown[ROWS][COLUMNS + 1];
static unsigned draws, nest_at;

static void write(const char *s)
{
	for (; *s; s++)
		screen_write_byte(*s);
}

static void draw(unsigned column, unsigned row, char c)
{
	CHECK(column < COLUMNS);
	CHECK(row < ROWS);
	shown[row][column] = c;
	if (++draws == nest_at)
		write("nested\nprinting\n\n");
}

static void start(unsigned nested_at)
{
	static const struct screen_driver d = {
		.columns = COLUMNS, .rows = ROWS, .scroll_rows = 1, .draw = draw,
	};

	memset(shown, ' ', sizeof(shown));
	for (unsigned row = 0; row < ROWS; row++)
		shown[row][COLUMNS] = '\0';
	draws = 0;
	nest_at = nested_at;
	screen_start(&d);
}

TEST(lines_wrap_and_scroll)
{
	start(0);
	write("one\ntwo\nthree");
	CHECK_STR(shown[0], "one  ");
	CHECK_STR(shown[2], "three");
	write("4");
	CHECK_STR(shown[0], "two  ");
	CHECK_STR(shown[1], "three");
	CHECK_STR(shown[2], "4    ");
}

TEST(escapes_and_controls)
{
	start(0);
	write("ab\bc\033[1;31md\re\tf");
	CHECK_STR(shown[0], "ecd f");
}

/*
 * An NMI or a panic prints while its own CPU is in the middle of printing: no cell outside the
 * screen.
 */
TEST(printing_within_printing)
{
	for (unsigned at = 1; at < 60; at++) {
		start(at);
		write("a\nlonger text\nthat\nscrolls and wraps\n\nend");
	}
}
