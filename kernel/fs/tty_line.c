/* SPDX-License-Identifier: MIT */
/* Line editing of the console: canonical and raw input, echo, the signal characters. */
#include <asm/signal.h>
#include "kernel/fs/tty_line.h"
#include "kernel/lib/string.h"

static uint32_t at(uint32_t position)
{
	return position % TTY_RING;
}

static bool is_end(const struct tty_line *l, uint32_t position)
{
	return l->ends[at(position) / 64] >> at(position) % 64 & 1;
}

static void mark_end(struct tty_line *l, uint32_t position, bool on)
{
	uint64_t bit = 1ull << at(position) % 64;

	if (on)
		l->ends[at(position) / 64] |= bit;
	else
		l->ends[at(position) / 64] &= ~bit;
}

/* NUL in c_cc means that there is no such character. */
static bool is_key(const struct termios *t, unsigned key, unsigned char c)
{
	return c && t->c_cc[key] == c;
}

static bool shown_with_caret(const struct termios *t, unsigned char c)
{
	return t->c_lflag & ECHOCTL && (c < ' ' || c == 0x7f) && c != '\t' && c != '\n';
}

static void echo_char(const struct termios *t, unsigned char c, tty_echo *echo)
{
	char two[2] = { '^', c ^ 0x40 };
	char one = c;

	if (!(t->c_lflag & ECHO) && !(c == '\n' && t->c_lflag & ECHONL && t->c_lflag & ICANON))
		return;
	if (shown_with_caret(t, c))
		echo(two, 2);
	else
		echo(&one, 1);
}

static void echo_erased(const struct termios *t, unsigned char c, tty_echo *echo)
{
	if ((t->c_lflag & (ECHO | ECHOE)) != (ECHO | ECHOE))
		return;
	echo("\b \b", 3);
	if (shown_with_caret(t, c))
		echo("\b \b", 3);
}

/* One place is kept for the character that ends the line. */
static void put(struct tty_line *l, unsigned char c, bool end)
{
	if (l->head - l->tail >= TTY_RING - !end)
		return;
	l->ring[at(l->head)] = c;
	mark_end(l, l->head, end);
	l->head++;
}

static void erase_char(struct tty_line *l, const struct termios *t, tty_echo *echo)
{
	if (l->head != l->ready)
		echo_erased(t, l->ring[at(--l->head)], echo);
}

static bool blank_at_end(const struct tty_line *l)
{
	char c = l->ring[at(l->head - 1)];

	return c == ' ' || c == '\t';
}

static void erase_word(struct tty_line *l, const struct termios *t, tty_echo *echo)
{
	while (l->head != l->ready && blank_at_end(l))
		erase_char(l, t, echo);
	while (l->head != l->ready && !blank_at_end(l))
		erase_char(l, t, echo);
}

static void erase_line(struct tty_line *l, const struct termios *t, tty_echo *echo)
{
	while (l->head != l->ready)
		erase_char(l, t, echo);
}

static void end_line(struct tty_line *l, unsigned char c)
{
	put(l, c, true);
	l->ready = l->head;
}

/* True if c was an editing character or the end of a line. */
static bool edit(struct tty_line *l, const struct termios *t, unsigned char c, tty_echo *echo)
{
	bool extended = t->c_lflag & IEXTEN;

	if (is_key(t, VERASE, c)) {
		erase_char(l, t, echo);
	} else if (extended && is_key(t, VWERASE, c)) {
		erase_word(l, t, echo);
	} else if (is_key(t, VKILL, c)) {
		erase_line(l, t, echo);
	} else if (extended && is_key(t, VLNEXT, c)) {
		l->literal = true;
	} else if (is_key(t, VEOF, c)) {
		end_line(l, '\0');
	} else if (c == '\n' || is_key(t, VEOL, c) || (extended && is_key(t, VEOL2, c))) {
		echo_char(t, c, echo);
		end_line(l, c);
	} else {
		return false;
	}
	return true;
}

static int signal_of(const struct termios *t, unsigned char c)
{
	if (!(t->c_lflag & ISIG))
		return 0;
	if (is_key(t, VINTR, c))
		return SIGINT;
	if (is_key(t, VQUIT, c))
		return SIGQUIT;
	return is_key(t, VSUSP, c) ? SIGTSTP : 0;
}

static void take_text(struct tty_line *l, const struct termios *t, unsigned char c, tty_echo *echo)
{
	if (l->head - l->tail < TTY_RING - 1)
		echo_char(t, c, echo);
	put(l, c, false);
	if (!(t->c_lflag & ICANON))
		l->ready = l->head;
}

int tty_line_input(struct tty_line *l, const struct termios *t, unsigned char c, tty_echo *echo)
{
	int signo;

	if (t->c_iflag & ISTRIP)
		c &= 0x7f;
	if (l->literal) {
		l->literal = false;
		take_text(l, t, c, echo);
		return 0;
	}
	if (c == '\r' && t->c_iflag & IGNCR)
		return 0;
	if (c == '\r' && t->c_iflag & ICRNL)
		c = '\n';
	else if (c == '\n' && t->c_iflag & INLCR)
		c = '\r';
	signo = signal_of(t, c);
	if (signo) {
		echo_char(t, c, echo);
		if (!(t->c_lflag & NOFLSH))
			tty_line_flush(l);
		return signo;
	}
	if (!(t->c_lflag & ICANON) || !edit(l, t, c, echo))
		take_text(l, t, c, echo);
	return 0;
}

void tty_line_mode_changed(struct tty_line *l)
{
	memset(l->ends, 0, sizeof(l->ends));
	l->ready = l->head;
	l->literal = false;
	if (l->head != l->tail)
		mark_end(l, l->head - 1, true);
}

void tty_line_flush(struct tty_line *l)
{
	l->tail = l->ready = l->head;
	l->literal = false;
}

uint32_t tty_line_available(const struct tty_line *l)
{
	return l->ready - l->tail;
}

size_t tty_line_read(struct tty_line *l, const struct termios *t, char *to, size_t n,
		     bool *line_end)
{
	bool canonical = t->c_lflag & ICANON;
	size_t done = 0;
	char c;

	*line_end = false;
	while (l->tail != l->ready && !*line_end) {
		bool end = canonical && is_end(l, l->tail);

		c = l->ring[at(l->tail)];
		/* An end-of-file right behind the last byte asked for belongs to this read. */
		if (done == n && !(end && !c))
			break;
		l->tail++;
		*line_end = end;
		if (!end || c)
			to[done++] = c;
	}
	return done;
}
