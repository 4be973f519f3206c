/* SPDX-License-Identifier: MIT */
/* COM1's registers as working and broken UARTs answer them: boot/serial.c on ports of our own. */
#include "kernel/cpu/x86.h"
#include "tests/host/test.h"

static uint8_t port_read(uint16_t port);
static void port_write(uint16_t port, uint8_t value);

#define inb  port_read
#define outb port_write
#include "boot/serial.c"

#define ENDLESS (~0u)

static bool gone;
static unsigned bytes_left, received;
static uint8_t enabled;

static uint8_t port_read(uint16_t port)
{
	if (gone)
		return 0xff;
	switch (port - base[SERIAL_COM1]) {
	case MODEM_STATUS:
		return MSR_CTS | MSR_DCD;	/* loopback */
	case LINE_STATUS:
		return LSR_THRE | LSR_IDLE | (bytes_left ? LSR_DATA : 0);
	}
	if (bytes_left && bytes_left != ENDLESS)
		bytes_left--;
	return 'a';
}

static void port_write(uint16_t port, uint8_t value)
{
	if (port == base[SERIAL_COM1] + IRQ_ENABLE)
		enabled = value;
}

/* A bound that has gone must fail here, not hang. */
static void receive(unsigned char c)
{
	if (++received == 100000)
		gone = true;
}

static void begin(unsigned bytes)
{
	gone = false;
	bytes_left = bytes;
	received = 0;
	serial_init(SERIAL_COM1);
}

TEST(all_that_has_arrived)
{
	begin(16);
	CHECK(serial_read(receive));
	CHECK_EQ(received, 16);
	CHECK(serial_read(receive));
	CHECK_EQ(received, 16);
}

/* What is left behind is there for the next time: nothing of a long paste is lost. */
TEST(more_than_one_interrupt_takes)
{
	begin(3 * MOST_BYTES + 1);
	for (unsigned i = 1; i <= 3; i++) {
		CHECK(!serial_read(receive));
		CHECK_EQ(received, i * MOST_BYTES);
	}
	CHECK(serial_read(receive));
	CHECK_EQ(received, 3 * MOST_BYTES + 1);
}

TEST(data_ready_that_sticks)
{
	begin(ENDLESS);
	CHECK(!serial_read(receive));
	CHECK_EQ(received, MOST_BYTES);
}

TEST(a_uart_that_goes_away)
{
	begin(1);
	gone = true;
	CHECK(serial_read(receive));
	CHECK_EQ(received, 0);
}

TEST(no_uart)
{
	gone = true;
	serial_init(SERIAL_COM1);
	CHECK(!present[SERIAL_COM1]);
	CHECK(serial_read(receive));
}

TEST(the_interrupt_off_and_on)
{
	begin(0);
	serial_receive_irq(true);
	CHECK_EQ(enabled, IER_RECEIVE);
	serial_receive_irq(false);
	CHECK_EQ(enabled, 0);
}
