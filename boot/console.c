/* SPDX-License-Identifier: MIT */
/*
 * Who writes where: the kernel log and user output, to serial ports, screen and memory.
 *
 * The lock is a word that holds its owner (CPU number + 1), not a struct spinlock:
 * an NMI or a fault may come while its own CPU is writing, and must be able to see
 * that and go ahead without the lock.  For the same reason nothing is noted for LOCK-1; as
 * nothing else is ever taken under it, it is last in the order by construction.
 */
#include "boot/console.h"
#include "boot/cmdline.h"
#include "boot/screen.h"
#include "boot/serial.h"
#include "kernel/cpu/percpu.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/panic.h"
#include "kernel/mm/vmap.h"

#define BOOT_MAPPED GIB(4)	/* what the page tables of boot/start.asm reach */
#define LOG_BYTES 16384u	/* a power of two */

/* The end of the kernel log, also for gdb: log_end counts all bytes ever written. */
static char log_ring[LOG_BYTES];
static size_t log_end;

static uint32_t owner;		/* 0: free */
static bool everywhere;		/* the machine is ending: log=com2 hides nothing any more */

/* After a panic, the lock's holder may have been stopped: wait for a line's time, then take it. */
#define PANIC_PATIENCE 100000	/* reads of an unused port: a tenth of a second */
#define POST_PORT 0x80

struct console_hold {
	uint64_t flags;
	bool locked;
};

static bool out_of_patience(unsigned *reads)
{
	if (!panic_in_progress()) {
		cpu_relax();
		return false;
	}
	inb(POST_PORT);
	return ++*reads > PANIC_PATIENCE;
}

/*
 * Whoever tells of a panic loses patience and takes the lock over, so that it is waited for only
 * once; the other CPUs stop here.
 */
static struct console_hold console_lock(void)
{
	struct console_hold hold = { .flags = irq_save() };
	uint32_t me = (percpu_ready ? this_cpu(cpu) : 0) + 1, holder = 0;
	unsigned reads = 0;

	while (!__atomic_compare_exchange_n(&owner, &holder, me, false, __ATOMIC_ACQUIRE,
					    __ATOMIC_RELAXED)) {
		if (holder == me)
			return hold;
		if (percpu_ready)
			panic_stop_here();
		if (!out_of_patience(&reads))
			holder = 0;	/* else the next exchange takes it from the holder */
	}
	hold.locked = true;
	return hold;
}

static void console_unlock(struct console_hold hold)
{
	if (hold.locked)
		__atomic_store_n(&owner, 0, __ATOMIC_RELEASE);
	irq_restore(hold.flags);
}

void console_early_init(void)
{
	serial_init(SERIAL_COM1);
	serial_init(SERIAL_COM2);
}

static void remember(char c)
{
	log_ring[log_end++ % LOG_BYTES] = c;
}

/* What was said before there was a screen. */
static void replay(void)
{
	size_t at = log_end > LOG_BYTES ? log_end - LOG_BYTES : 0;

	for (; at < log_end; at++)
		screen_write_byte(log_ring[at % LOG_BYTES]);
}

static void start_screen(const struct boot_framebuffer *fb, volatile void *memory)
{
	struct screen_driver driver;
	bool usable = fb->type == FB_TEXT ? vga_text_init(fb, memory, &driver) :
					    framebuffer_init(fb, memory, &driver);

	if (!usable)
		return;
	screen_start(&driver);
	if (!boot_options.quiet && !boot_options.log_com2)
		replay();
}

static uint64_t screen_size(const struct boot_framebuffer *fb)
{
	return (uint64_t)fb->pitch * fb->height;
}

void console_screen_early(const struct boot_framebuffer *fb)
{
	if (fb->type != FB_NONE && fb->address + screen_size(fb) <= BOOT_MAPPED)
		start_screen(fb, phys_to_virt(fb->address));
}

void console_screen_map(const struct boot_framebuffer *fb)
{
	volatile void *memory = NULL;
	struct console_hold hold;

	if (fb->type == FB_NONE)
		return;
	memory = vmap_video(fb->address, screen_size(fb));
	hold = console_lock();
	if (screen_started())
		screen_move(memory);
	else if (memory)
		start_screen(fb, memory);
	console_unlock(hold);
}

/* A terminal on the other end wants CR before LF; the log itself has only LF. */
static void serial_write_line_byte(enum serial_port port, char c)
{
	if (c == '\n')
		serial_write_byte(port, '\r');
	serial_write_byte(port, c);
}

void console_write_user(const char *bytes, size_t n)
{
	struct console_hold hold = console_lock();

	for (size_t i = 0; i < n; i++) {
		serial_write_byte(SERIAL_COM1, bytes[i]);
		screen_write_byte(bytes[i]);
	}
	console_unlock(hold);
}

void console_write_log(const char *bytes, size_t n, bool show)
{
	struct console_hold hold = console_lock();
	bool com2 = show && boot_options.log_com2;
	bool com1 = show && (everywhere || !boot_options.log_com2);

	for (size_t i = 0; i < n; i++) {
		remember(bytes[i]);
		if (com2)
			serial_write_line_byte(SERIAL_COM2, bytes[i]);
		if (com1) {
			serial_write_line_byte(SERIAL_COM1, bytes[i]);
			screen_write_byte(bytes[i]);
		}
	}
	console_unlock(hold);
}

void console_log_everywhere(void)
{
	everywhere = true;
}

void console_begin_page(void)
{
	struct console_hold hold = console_lock();

	screen_begin_page();
	console_unlock(hold);
}

void console_drain(void)
{
	serial_drain(SERIAL_COM1);
	serial_drain(SERIAL_COM2);
}
