/* SPDX-License-Identifier: MIT */
/* The 8042 keyboard controller (IBM PC AT Technical Reference).  No port of it may hold us up. */
#include "boot/keyboard.h"
#include "kernel/cpu/x86.h"
#include "kernel/lib/print.h"

#define DATA   0x60
#define STATUS 0x64		/* read */
#define COMMAND 0x64		/* write */
#define STATUS_OUTPUT 0x01	/* there is a byte for us */
#define STATUS_INPUT  0x02	/* it has not taken our byte yet */
#define STATUS_MOUSE  0x20	/* the byte is the mouse's */
#define NOTHING_THERE 0xff

#define READ_CONFIG	0x20
#define WRITE_CONFIG	0x60
#define DISABLE_MOUSE	0xa7
#define ENABLE_KEYBOARD 0xae
#define CONFIG_INTERRUPT 0x01
#define CONFIG_CLOCK_OFF 0x10
#define CONFIG_TRANSLATE 0x40	/* to scan code set 1 */

#define POLL_LIMIT 10000	/* reads of about a microsecond */

#define MOST_BYTES 1000		/* keyboard and controller hold fewer, also QEMU's */

static bool given_up;		/* it is broken and left alone: nothing is read any more */

static bool wait_status(uint8_t mask, uint8_t value)
{
	for (unsigned i = 0; i < POLL_LIMIT; i++)
		if ((inb(STATUS) & mask) == value)
			return true;
	return false;
}

static void send(uint16_t port, uint8_t byte)
{
	if (wait_status(STATUS_INPUT, 0))
		outb(port, byte);
}

static void give_up(void)
{
	given_up = true;
	printk("keyboard: the PS/2 controller has bytes without end: ignored from now on\n");
}

/* False: there is no end to it. */
static bool drop_output(void)
{
	for (unsigned i = 0; i < MOST_BYTES; i++) {
		if (!(inb(STATUS) & STATUS_OUTPUT))
			return true;
		inb(DATA);
	}
	return false;
}

static bool set_up(void)
{
	uint8_t config;

	send(COMMAND, DISABLE_MOUSE);
	send(COMMAND, ENABLE_KEYBOARD);
	if (!drop_output())
		return false;
	send(COMMAND, READ_CONFIG);
	if (!wait_status(STATUS_OUTPUT, STATUS_OUTPUT))
		return false;
	config = inb(DATA);
	send(COMMAND, WRITE_CONFIG);
	send(DATA, (config | CONFIG_INTERRUPT | CONFIG_TRANSLATE) & ~CONFIG_CLOCK_OFF);
	return true;
}

/*
 * Interrupts are off, or the handler would take the controller's answer for a key.  The line
 * is edge-triggered, so no byte may be left behind.
 */
void keyboard_init(void)
{
	uint64_t flags;
	bool answers;

	if (inb(STATUS) == NOTHING_THERE) {
		printk("keyboard: no PS/2 controller: only COM1 can be typed to\n");
		return;
	}
	flags = irq_save();
	answers = set_up();
	if (!drop_output())
		give_up();
	else if (!answers)
		printk("keyboard: the PS/2 controller does not answer\n");
	irq_restore(flags);
}

void keyboard_read(void (*receive)(unsigned char c))
{
	char keys[KEY_BYTES];

	if (given_up)
		return;
	for (unsigned i = 0; i <= MOST_BYTES; i++) {
		uint8_t status = inb(STATUS), code;
		unsigned n;

		if (!(status & STATUS_OUTPUT) || status == NOTHING_THERE)
			return;
		code = inb(DATA);
		n = status & STATUS_MOUSE ? 0 : keyboard_decode(code, keys);
		for (unsigned k = 0; k < n; k++)
			receive(keys[k]);
	}
	give_up();
}
