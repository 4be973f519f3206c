/* SPDX-License-Identifier: MIT */
/*
 * 16550 UARTs: 115200 baud, 8 data bits, no parity (National Semiconductor PC16550D data
 * sheet).  Output is polled, so it works with interrupts off and in a panic.
 */
#include "boot/serial.h"
#include "boot/console.h"
#include "kernel/cpu/x86.h"

/* Register offsets. */
#define DATA	      0
#define IRQ_ENABLE    1
#define DIVISOR_LOW   0	/* with LINE_CONTROL bit 7 set */
#define DIVISOR_HIGH  1
#define FIFO_CONTROL  2
#define LINE_CONTROL  3
#define MODEM_CONTROL 4
#define LINE_STATUS   5
#define MODEM_STATUS  6

#define LCR_DIVISOR  0x80
#define LCR_8N1	     0x03
#define FCR_ON_CLEAR 0x07	/* FIFOs on, both cleared, receive trigger at 1 byte */
#define MCR_DTR	     0x01
#define MCR_RTS	     0x02
#define MCR_OUT2     0x08	/* on PCs: lets the interrupt out */
#define MCR_LOOP     0x10
#define MSR_CTS	     0x10
#define MSR_DCD	     0x80
#define LSR_DATA     0x01
#define LSR_THRE     0x20	/* can take a byte */
#define LSR_IDLE     0x40	/* shift register empty as well */
#define LSR_NOTHING  0xff	/* no UART answers (any more) */
#define IER_RECEIVE  0x01

/* A byte takes 87 microseconds and an I/O read about one: a limit only for broken hardware. */
#define POLL_LIMIT 100000

#define MOST_BYTES 64	/* for one interrupt; the receive FIFO holds 16 */

static const uint16_t base[SERIAL_PORTS] = { 0x3f8, 0x2f8 };
static bool present[SERIAL_PORTS];

/* In loopback mode RTS is wired to CTS and OUT2 to DCD: no byte has to travel. */
static bool loopback_works(uint16_t port)
{
	outb(port + MODEM_CONTROL, MCR_LOOP | MCR_RTS | MCR_OUT2);
	return (inb(port + MODEM_STATUS) & 0xf0) == (MSR_CTS | MSR_DCD);
}

void serial_init(enum serial_port n)
{
	uint16_t port = base[n];

	present[n] = loopback_works(port) && inb(port + LINE_STATUS) != LSR_NOTHING;
	if (!present[n])
		return;
	outb(port + IRQ_ENABLE, 0);
	outb(port + LINE_CONTROL, LCR_DIVISOR);
	outb(port + DIVISOR_LOW, 1);
	outb(port + DIVISOR_HIGH, 0);
	outb(port + LINE_CONTROL, LCR_8N1);
	outb(port + FIFO_CONTROL, FCR_ON_CLEAR);
	outb(port + MODEM_CONTROL, MCR_DTR | MCR_RTS | MCR_OUT2);
}

static void wait_for(enum serial_port n, uint8_t status)
{
	for (unsigned i = 0; i < POLL_LIMIT; i++) {
		if (inb(base[n] + LINE_STATUS) & status)
			return;
		cpu_relax();
	}
}

void serial_write_byte(enum serial_port n, char c)
{
	if (!present[n])
		return;
	wait_for(n, LSR_THRE);
	outb(base[n] + DATA, c);
}

void serial_drain(enum serial_port n)
{
	if (present[n])
		wait_for(n, LSR_IDLE);
}

bool serial_read(void (*receive)(unsigned char c))
{
	uint16_t port = base[SERIAL_COM1];

	if (!present[SERIAL_COM1])
		return true;
	for (unsigned i = 0; i < MOST_BYTES; i++) {
		uint8_t status = inb(port + LINE_STATUS);

		if (!(status & LSR_DATA) || status == LSR_NOTHING)
			return true;
		receive(inb(port + DATA));
	}
	return false;
}

void serial_receive_irq(bool on)
{
	if (present[SERIAL_COM1])
		outb(base[SERIAL_COM1] + IRQ_ENABLE, on ? IER_RECEIVE : 0);
}
