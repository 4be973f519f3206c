/* SPDX-License-Identifier: MIT */
/*
 * Line editing: what a terminal does with the characters it receives before a program reads them.
 * Pure C, without locks: also built and tested on the host.
 */
#pragma once

#include <asm/termbits.h>
#include "kernel/lib/compiler.h"

#define TTY_RING 4096u

/*
 * Positions count for ever (modulo 2^32). [tail, ready) can be read; [ready, head) is the
 * line being edited, empty in non-canonical mode. A set bit in ends marks a line's last
 * character; there a NUL stands for end-of-file, which a read takes but does not return.
 */
struct tty_line {
	uint32_t tail, ready, head;
	bool literal;			/* ^V: the next character is only text */
	uint64_t ends[TTY_RING / 64];
	char ring[TTY_RING];
};

typedef void tty_echo(const char *bytes, size_t n);

/* One received character.  Returns the signal that it asks for, or 0. */
int tty_line_input(struct tty_line *l, const struct termios *t, unsigned char c, tty_echo *echo);
/* To and from canonical mode: what has been typed becomes readable as it is. */
void tty_line_mode_changed(struct tty_line *l);
void tty_line_flush(struct tty_line *l);
uint32_t tty_line_available(const struct tty_line *l);
/*
 * Up to n available characters; in canonical mode not beyond the end of a line, which
 * *line_end tells.
 */
size_t tty_line_read(struct tty_line *l, const struct termios *t, char *to, size_t n,
		     bool *line_end);
