/* SPDX-License-Identifier: MIT */
/*
 * KTAP reports as they pass by on the screen: verdicts get colours, and the last row tells how
 * far the tests are.  The report itself stays plain text, the same on every console.
 *
 *	KTAP version 1			the top level stands at the left edge, or behind the
 *	1..126				kernel log's time stamp
 *	  # Subtest: 64/affinity	(of a test program; in the kernel: "# running NAME")
 *	  ok 1 set			single cases are coloured, but not counted
 *	ok 1 64/affinity
 */
#include "boot/screen.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"

#define LINE_MAX 80
#define BAR	 20

static char line[LINE_MAX + 1];		/* the beginning of the current one */
static unsigned length;
static enum screen_colour verdict;	/* its colour, GREY: none */

static struct {
	bool active;
	unsigned planned, passed, failed, skipped;
	char now[40];			/* the test that runs */
} report;

/* What follows prefix in s, or NULL. */
static const char *after(const char *s, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(s, prefix, n) ? NULL : s + n;
}

/* Without the time stamp "[    1.234567] ". */
static const char *top_level(void)
{
	const char *end = line[0] == '[' ? strchr(line, ']') : NULL;

	return end && end[1] == ' ' ? end + 2 : line;
}

static const char *skip_blanks(const char *s)
{
	while (*s == ' ')
		s++;
	return s;
}

static void colour(const char *marker, enum screen_colour c)
{
	verdict = c;
	screen_colour_line(strlen(marker), c);
}

/* The characters of a marker have been drawn already when it is complete. */
static void look_for_marker(void)
{
	const char *body = skip_blanks(top_level());

	if (verdict == GREEN && length > 6 && !strcmp(line + length - 6, "# SKIP"))
		colour("# SKIP", YELLOW);
	else if (!strcmp(body, "ok "))
		colour(body, GREEN);
	else if (!strcmp(body, "not ok ") || !strcmp(body, "# failed:") ||
		 !strcmp(body, "paranoid: fatal:"))
		colour(body, RED);
}

static unsigned number(const char *s)
{
	unsigned n = 0;

	while (*s >= '0' && *s <= '9' && n < 100000)
		n = n * 10 + (*s++ - '0');
	return n;
}

static void show_progress(void)
{
	unsigned done = report.passed + report.failed + report.skipped;
	unsigned full = report.planned ? MIN(done * BAR / report.planned, (unsigned)BAR) : 0;
	char text[160], bar[BAR + 1];

	memset(bar, '.', BAR);
	memset(bar, '#', full);
	bar[BAR] = '\0';
	snprintf(text, sizeof(text), "[%s] %u of %u: %u passed, %u failed, %u skipped  %s", bar,
		 done, MAX(report.planned, done), report.passed, report.failed, report.skipped,
		 report.now);
	screen_status(text, report.failed ? RED : GREEN);
}

static bool count_verdict(void)
{
	if (verdict == GREEN)
		report.passed++;
	else if (verdict == YELLOW)
		report.skipped++;
	else
		report.failed++;
	report.now[0] = '\0';
	return true;
}

/* True if the line changed something that the status line shows. */
static bool read_line(const char *top)
{
	const char *rest;

	if ((rest = after(top, "KTAP version"))) {
		memset(&report, 0, sizeof(report));
		report.active = true;
		return false;
	}
	if (!report.active)
		return false;
	if ((rest = after(top, "1.."))) {
		report.planned = number(rest);
		return true;
	}
	if ((rest = after(top, "  # Subtest: ")) || (rest = after(top, "# running "))) {
		strlcpy(report.now, rest, sizeof(report.now));
		return true;
	}
	if (after(top, "ok ") || after(top, "not ok "))
		return count_verdict();
	return false;
}

void screen_ktap_byte(char c)
{
	if (c == '\n') {
		if (read_line(top_level()))
			show_progress();
		length = 0;
		verdict = GREY;
	} else if (c >= ' ' && length < LINE_MAX) {
		line[length++] = c;
		line[length] = '\0';
		if (c == ' ' || c == ':' || c == 'P')
			look_for_marker();
		return;
	}
	line[length] = '\0';
}
