/* SPDX-License-Identifier: MIT */
/* Line editing of the terminal: kernel/fs/tty_line.h. */
#include <signal.h>
#include "kernel/fs/tty_line.h"
#include "tests/host/test.h"

#define CTRL(c) ((c) & 0x1f)

static struct tty_line line;
static struct termios settings;
static char echoed[4 * TTY_RING], got[TTY_RING + 1];
static size_t echoed_n;

static void echo(const char *bytes, size_t n)
{
	CHECK(echoed_n + n < sizeof(echoed));
	memcpy(echoed + echoed_n, bytes, n);
	echoed_n += n;
	echoed[echoed_n] = '\0';
}

static void start(unsigned local_flags)
{
	memset(&line, 0, sizeof(line));
	settings = (struct termios){
		.c_iflag = ICRNL,
		.c_lflag = local_flags,
		.c_cc = { [VINTR] = CTRL('C'), [VQUIT] = CTRL('\\'), [VSUSP] = CTRL('Z'),
			  [VERASE] = 0x7f, [VKILL] = CTRL('U'), [VEOF] = CTRL('D'),
			  [VWERASE] = CTRL('W'), [VLNEXT] = CTRL('V') },
	};
	echoed_n = 0;
	echoed[0] = '\0';
}

static void start_canonical(void)
{
	start(ICANON | ISIG | IEXTEN | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE);
}

/* The last signal asked for. */
static int type(const char *text)
{
	int signo = 0;

	for (; *text; text++)
		signo = tty_line_input(&line, &settings, *text, echo);
	return signo;
}

static const char *read_up_to(size_t n)
{
	bool end;
	size_t done = tty_line_read(&line, &settings, got, n, &end);

	CHECK(done <= n);
	got[done] = '\0';
	return got;
}

TEST(a_line_is_readable_when_it_ends)
{
	start_canonical();
	type("some text");
	CHECK_EQ(tty_line_available(&line), 0);
	type("\r");
	CHECK_EQ(tty_line_available(&line), 10);
	CHECK_STR(echoed, "some text\n");
	CHECK_STR(read_up_to(100), "some text\n");
	CHECK_EQ(tty_line_available(&line), 0);
}

TEST(a_read_gets_one_line_or_a_part_of_it)
{
	start_canonical();
	type("one\ntwo\n");
	CHECK_STR(read_up_to(2), "on");
	CHECK_STR(read_up_to(100), "e\n");
	CHECK_STR(read_up_to(100), "two\n");
}

TEST(erasing)
{
	start_canonical();
	type("ab\x7f\x7f\x7f" "c\n");
	CHECK_STR(read_up_to(100), "c\n");
	CHECK_STR(echoed, "ab\b \b\b \bc\n");
	type("two words \x17" "things\n");
	CHECK_STR(read_up_to(100), "two things\n");
	type("wrong\x15right\n");
	CHECK_STR(read_up_to(100), "right\n");
	type("line\n\x7f\x15\x17");
	CHECK_STR(read_up_to(100), "line\n");	/* what has ended stays */
}

TEST(control_characters_are_shown_with_a_caret)
{
	start_canonical();
	type("\x16\x03\x01\x7f\n");
	CHECK_STR(echoed, "^C^A\b \b\b \b\n");
	CHECK_STR(read_up_to(100), "\x03\n");
}

TEST(end_of_file)
{
	bool end;

	start_canonical();
	type("\x04");
	CHECK_EQ(tty_line_available(&line), 1);
	CHECK_EQ(tty_line_read(&line, &settings, got, 100, &end), 0);
	CHECK(end);
	CHECK_EQ(tty_line_available(&line), 0);
	type("abc\x04");
	CHECK_STR(read_up_to(100), "abc");
	CHECK_EQ(tty_line_available(&line), 0);
	type("abc\x04");	/* no second end-of-file behind a read of exactly this size */
	CHECK_STR(read_up_to(3), "abc");
	CHECK_EQ(tty_line_available(&line), 0);
}

TEST(signal_keys)
{
	start_canonical();
	CHECK_EQ(type("text\x03"), SIGINT);
	CHECK_EQ(type("\x1c"), SIGQUIT);
	CHECK_EQ(type("line\n\x1a"), SIGTSTP);
	CHECK_EQ(tty_line_available(&line), 0);	/* flushed */
	CHECK_STR(echoed, "text^C^\\line\n^Z");
	settings.c_lflag |= NOFLSH;
	CHECK_EQ(type("kept\n\x03"), SIGINT);
	CHECK_STR(read_up_to(100), "kept\n");
	settings.c_lflag &= ~ISIG;
	CHECK_EQ(type("\x03\n"), 0);
	CHECK_STR(read_up_to(100), "\x03\n");
}

TEST(a_key_of_0_is_none)
{
	start_canonical();
	settings.c_cc[VINTR] = settings.c_cc[VEOF] = 0;
	CHECK_EQ(tty_line_input(&line, &settings, 0, echo), 0);
	type("\n");
	CHECK_EQ(tty_line_available(&line), 2);
}

TEST(raw_mode)
{
	start(0);
	type("a\x7f\x04\r");
	CHECK_EQ(tty_line_available(&line), 4);
	CHECK_STR(read_up_to(100), "a\x7f\x04\n");
	CHECK_STR(echoed, "");
	settings.c_iflag = IGNCR;
	type("\r");
	CHECK_EQ(tty_line_available(&line), 0);
	settings.c_iflag = INLCR | ISTRIP;
	type("\n\xe1");
	CHECK_STR(read_up_to(100), "\ra");
}

TEST(changes_of_mode)
{
	start_canonical();
	type("not ended");
	settings.c_lflag &= ~ICANON;
	tty_line_mode_changed(&line);
	CHECK_STR(read_up_to(3), "not");
	settings.c_lflag |= ICANON;
	tty_line_mode_changed(&line);
	CHECK_STR(read_up_to(100), " ended");
}

/* Text beyond the ring is lost, but the end of the line is not. */
TEST(a_full_ring)
{
	start_canonical();
	for (unsigned round = 0; round < 3; round++) {
		echoed_n = 0;
		for (unsigned i = 0; i < TTY_RING + 10; i++)
			type("x");
		CHECK_EQ(echoed_n, TTY_RING - 1);
		type("\n");
		CHECK_EQ(tty_line_available(&line), TTY_RING);
		type("y\n");
		CHECK_EQ(tty_line_available(&line), TTY_RING);
		CHECK_EQ(strlen(read_up_to(TTY_RING)), TTY_RING);
		CHECK_EQ(got[TTY_RING - 1], '\n');
		CHECK_EQ(tty_line_available(&line), 0);
	}
}

TEST(positions_wrap)
{
	start_canonical();
	line.tail = line.ready = line.head = -3u;
	type("across the end\n");
	CHECK_STR(read_up_to(100), "across the end\n");
}
