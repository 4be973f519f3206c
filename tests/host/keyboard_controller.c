/* SPDX-License-Identifier: MIT */
/* The controller's ports as broken hardware answers them: boot/keyboard.c on ports of our own. */
#include "kernel/cpu/x86.h"
#include "kernel/lib/print.h"
#include "tests/host/test.h"

static uint8_t port_read(uint16_t port);
static void port_write(uint16_t port, uint8_t value);

#define inb	    port_read
#define outb	    port_write
#define irq_save()  0
#define irq_restore(flags) ((void)(flags))
#include "boot/keyboard.c"

#define ENDLESS (~0u)

static bool absent;
static unsigned bytes_left, reads;
static uint8_t next_byte;
static char said[200], typed[16];

void printk(const char *fmt, ...)
{
	snprintf(said, sizeof(said), "%s", fmt);
}

static uint8_t port_read(uint16_t port)
{
	reads++;
	if (absent)
		return NOTHING_THERE;
	if (port == STATUS)
		return bytes_left ? STATUS_OUTPUT : 0;
	if (bytes_left && bytes_left != ENDLESS)
		bytes_left--;
	return next_byte;
}

static void port_write(uint16_t port, uint8_t value)
{
	if (port == COMMAND && value == READ_CONFIG && !bytes_left)
		bytes_left = 1;
}

static void receive(unsigned char c)
{
	size_t n = strlen(typed);

	if (n + 1 < sizeof(typed))
		typed[n] = (char)c;
}

static void begin(unsigned bytes, uint8_t byte)
{
	bytes_left = bytes;
	next_byte = byte;
	reads = 0;
	given_up = false;
	memset(said, 0, sizeof(said));
	memset(typed, 0, sizeof(typed));
}

TEST(a_controller_that_works)
{
	begin(0, 0);
	keyboard_init();
	CHECK_STR(said, "");
	begin(3, 0x1e);
	keyboard_read(receive);
	CHECK_STR(typed, "aaa");
	CHECK(!given_up);
}

TEST(output_without_end_while_it_is_set_up)
{
	begin(ENDLESS, 0x55);
	keyboard_init();
	CHECK(strstr(said, "without end"));
	CHECK(reads < 10000);
}

/* Bytes that are no characters: nobody else would end the loop. */
TEST(output_without_end_in_the_interrupt)
{
	begin(ENDLESS, 0x9e);
	keyboard_read(receive);
	CHECK(strstr(said, "without end"));
	CHECK(reads < 10000);
	reads = 0;
	keyboard_read(receive);
	CHECK_EQ(reads, 0);
}

TEST(no_controller)
{
	begin(0, 0);
	absent = true;
	keyboard_init();
	keyboard_read(receive);
	absent = false;
	CHECK(strstr(said, "no PS/2 controller"));
	CHECK_STR(typed, "");
}
