/* SPDX-License-Identifier: MIT */
/* The screen's grid and what it makes of KTAP: boot/screen.h. */
#include "boot/screen.h"
#include "tests/host/test.h"

#define COLUMNS 80
#define ROWS	4

static char shown[ROWS][COLUMNS + 1], colours[ROWS][COLUMNS + 1];
static unsigned width, height, draws, nest_at;

static void write(const char *s)
{
	for (; *s; s++)
		screen_write_byte(*s);
}

static void draw(unsigned column, unsigned row, char c, enum screen_colour colour)
{
	CHECK(column < width);
	CHECK(row < height);
	shown[row][column] = c;
	colours[row][column] = "-wgry"[colour];
	if (++draws == nest_at)
		write("nested\nprinting\n\nok 1\n");
}

static void start(unsigned columns, unsigned rows, unsigned nested_at)
{
	struct screen_driver d = {
		.columns = columns, .rows = rows, .scroll_rows = 1, .draw = draw,
	};

	width = columns;
	height = rows;
	memset(shown, ' ', sizeof(shown));
	memset(colours, '-', sizeof(colours));
	for (unsigned row = 0; row < rows; row++)
		shown[row][columns] = colours[row][columns] = '\0';
	draws = 0;
	nest_at = nested_at;
	screen_start(&d);
	write("\n");	/* a line that an earlier test has begun */
	screen_start(&d);
}

static void starts_with(const char *got, const char *expected)
{
	char part[COLUMNS + 1];

	snprintf(part, sizeof(part), "%.*s", (int)strlen(expected), got);
	CHECK_STR(part, expected);
}

TEST(lines_wrap_and_scroll)
{
	start(5, 3, 0);
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
	start(5, 3, 0);
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
		start(5, 3, at);
		write("a\nlonger text\nthat\nscrolls and wraps\n\nend");
	}
}

TEST(verdicts_have_colours)
{
	start(20, 4, 0);
	write("ok 1 a\n  not ok 2 b\n[  0.1] ok 3 # SKIP\nlook 4 ok");
	CHECK_STR(shown[0], "ok 1 a              ");
	CHECK_STR(colours[0], "gggggg--------------");
	starts_with(colours[1], "--rrrrrrrrrr--");
	starts_with(colours[2], "--------gggggyyyyyy-");
	CHECK_STR(colours[3], "--------------------");
}

TEST(progress_in_the_last_row)
{
	start(COLUMNS, 4, 0);
	write("KTAP version 1\n1..4\n  # Subtest: 64/one\n  1..1\n  ok 1 case\n");
	starts_with(shown[3],
		    "[....................] 0 of 4: 0 passed, 0 failed, 0 skipped  64/one ");
	CHECK(colours[3][0] == 'g');
	write("ok 1 64/one\nok 2 64/two # SKIP why\n");
	starts_with(shown[3], "[##########..........] 2 of 4: 1 passed, 0 failed, 1 skipped   ");
	CHECK(colours[3][0] == 'g');
	write("not ok 3 64/three # exit status 1\n");
	starts_with(shown[3], "[###############.....] 3 of 4: 1 passed, 1 failed, 1 skipped   ");
	CHECK(colours[3][0] == 'r');
	starts_with(shown[1], "not ok 3 64/three # exit status 1");	/* text ends above it */
	CHECK_STR(shown[2], "                                                                 "
			    "               ");
}

/* The last report: from the top of a blank screen, and nothing of it is lost again. */
TEST(page_keeps_what_came_first)
{
	start(20, 4, 0);
	write("KTAP version 1\n1..4\nok 1 a\nok 2 b\n");
	screen_begin_page();
	write("1\n2\n3\n4\n5\nok 3 c\n");
	CHECK_STR(shown[0], "1                   ");
	CHECK_STR(shown[3], "4                   ");
}
