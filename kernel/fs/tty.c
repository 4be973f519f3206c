/* SPDX-License-Identifier: MIT */
/*
 * The terminal's data path.  Characters arrive in the interrupts of COM1 and keyboard, go through
 * line editing under the tty's lock, and wait in its ring; signals are sent after the lock is
 * released, as the process lock comes before it.
 */
#include <asm/errno.h>
#include <asm/siginfo.h>
#include <asm/signal.h>
#include <linux/fcntl.h>
#include <linux/poll.h>
#include "boot/cmdline.h"
#include "boot/console.h"
#include "boot/keyboard.h"
#include "kernel/cpu/clock.h"
#include "kernel/cpu/idt.h"
#include "kernel/fs/file.h"
#include "kernel/fs/poll.h"
#include "kernel/fs/tty.h"
#include "kernel/process/signal.h"
#include "sched/timer.h"

#define CHUNK 256

/* With what serial_read takes at once, somewhat more than 115200 baud. */
#define SERIAL_PAUSE_NS 4000000

struct tty tty = {
	.lock = SPINLOCK("tty", RANK_TTY),
	.readable = WAITQ(tty.readable),
	/* What Linux gives a serial console, but for IXON: output cannot be stopped here. */
	.termios = {
		.c_iflag = ICRNL,
		.c_oflag = OPOST | ONLCR,
		.c_cflag = B115200 | CS8 | CREAD | HUPCL | CLOCAL,
		.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
		.c_cc = {
			[VINTR] = 'C' & 0x1f, [VQUIT] = '\\' & 0x1f, [VERASE] = 0x7f,
			[VKILL] = 'U' & 0x1f, [VEOF] = 'D' & 0x1f, [VMIN] = 1,
			[VSTART] = 'Q' & 0x1f, [VSTOP] = 'S' & 0x1f, [VSUSP] = 'Z' & 0x1f,
			[VREPRINT] = 'R' & 0x1f, [VDISCARD] = 'O' & 0x1f,
			[VWERASE] = 'W' & 0x1f, [VLNEXT] = 'V' & 0x1f,
		},
	},
};

/* To the console with output processing; n <= CHUNK. */
static void output(const char *bytes, size_t n)
{
	char cooked[2 * CHUNK];
	size_t used = 0;

	if ((tty.termios.c_oflag & (OPOST | ONLCR)) != (OPOST | ONLCR)) {
		console_write_user(bytes, n);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] == '\n')
			cooked[used++] = '\r';
		cooked[used++] = bytes[i];
	}
	console_write_user(cooked, used);
}

static void receive(unsigned char c)
{
	uint64_t flags = spin_lock_irqsave(&tty.lock);
	int signo = tty_line_input(&tty.line, &tty.termios, c, output);
	struct signal_info info = { .signo = signo, .code = SI_KERNEL };
	int foreground = tty.foreground;

	spin_unlock_irqrestore(&tty.lock, flags);
	if (signo && foreground)
		signal_send_group(foreground, &info);
}

static void resume_serial(struct timer *t)
{
	serial_receive_irq(true);
}

static struct timer serial_pause = { .fire = resume_serial };

/*
 * A UART that is broken, or fed faster than any line, may always have another byte.  The rest waits
 * for the timer.  The line is edge-triggered: enabling the interrupt again is what makes an edge.
 */
static void serial_interrupt(void *arg)
{
	if (!serial_read(receive)) {
		serial_receive_irq(false);
		timer_arm(&serial_pause, clock_monotonic_ns() + SERIAL_PAUSE_NS);
	}
	wake_up_all(&tty.readable);
}

static void keyboard_interrupt(void *arg)
{
	keyboard_read(receive);
	wake_up_all(&tty.readable);
}

static bool canonical(void)
{
	return tty.termios.c_lflag & ICANON;
}

/* Enough for a read (and poll) not to wait. */
static bool readable(void)
{
	uint32_t least = 1;

	if (!canonical() && !tty.termios.c_cc[VTIME] && tty.termios.c_cc[VMIN])
		least = tty.termios.c_cc[VMIN];
	return tty_line_available(&tty.line) >= least;
}

static long take(struct iobuf buf, size_t done, size_t n, bool *line_end)
{
	char chunk[CHUNK];
	uint64_t flags = spin_lock_irqsave(&tty.lock);
	size_t got = tty_line_read(&tty.line, &tty.termios, chunk, MIN(n, sizeof(chunk)), line_end);

	spin_unlock_irqrestore(&tty.lock, flags);
	return iobuf_store(buf, done, chunk, got) ? -EFAULT : (long)got;
}

/* Until a character is there.  0, -ERESTARTSYS, or -ETIME after deadline. */
static int wait_input(uint64_t deadline)
{
	struct waiter w = { 0 };
	bool late = false;
	int ret = 0;

	for (;;) {
		wait_prepare(&tty.readable, &w, THREAD_SLEEPING);
		if (tty_line_available(&tty.line))
			break;
		if (late || signal_pending()) {
			ret = late ? -ETIME : -ERESTARTSYS;
			break;
		}
		late = schedule_until(deadline);
	}
	wait_finish(&tty.readable, &w);
	return ret;
}

/*
 * Non-canonical reads wait for VMIN characters; VTIME (tenths of a second) limits the wait
 * for each.
 */
static uint64_t read_deadline(size_t done)
{
	unsigned min = tty.termios.c_cc[VMIN], time = tty.termios.c_cc[VTIME];

	if (canonical() || !time || (min && !done))
		return TIMEOUT_NEVER;
	return clock_monotonic_ns() + time * 100000000ull;
}

static bool wants_more(size_t done, size_t n, bool line_end)
{
	if (done == n || line_end)
		return false;
	if (tty_line_available(&tty.line))
		return true;
	if (canonical())
		return !done;
	return done < tty.termios.c_cc[VMIN] || (!done && tty.termios.c_cc[VTIME]);
}

static long tty_read(struct file *file, struct iobuf buf, size_t n, uint64_t *pos)
{
	long ret = tty_check_foreground(SIGTTIN);
	bool line_end = false;
	size_t done = 0;

	while (!ret && wants_more(done, n, line_end)) {
		if (!tty_line_available(&tty.line)) {
			if (file->flags & O_NONBLOCK)
				ret = -EAGAIN;
			else
				ret = wait_input(read_deadline(done));
			if (ret)
				break;
		}
		ret = take(buf, done, n - done, &line_end);
		if (ret < 0)
			break;
		done += ret;
		ret = 0;
	}
	return done || ret == -ETIME ? (long)done : ret;
}

static long tty_write(struct file *file, struct iobuf buf, size_t n, uint64_t *pos)
{
	char chunk[CHUNK];
	size_t done = 0, part, left = 0;
	int err = tty.termios.c_lflag & TOSTOP ? tty_check_foreground(SIGTTOU) : 0;

	if (err)
		return err;
	while (done < n && !left) {
		part = MIN(n - done, sizeof(chunk));
		left = iobuf_fetch(chunk, buf, done, part);
		output(chunk, part - left);
		done += part - left;
		if (cond_resched() || signal_pending())
			break;
	}
	return done || !n ? (long)done : -EFAULT;
}

static unsigned tty_poll(struct file *file, struct poll_table *table)
{
	poll_wait(table, &tty.readable);
	return POLLOUT | POLLWRNORM | (readable() ? POLLIN | POLLRDNORM : 0);
}

static int tty_own_open(struct inode *inode, struct file *file)
{
	return tty_controls_caller() ? 0 : -ENXIO;
}

const struct file_ops tty_ops = {
	.read = tty_read,
	.write = tty_write,
	.poll = tty_poll,
	.ioctl = tty_ioctl,
};

const struct file_ops tty_own_ops = {
	.open = tty_own_open,
	.read = tty_read,
	.write = tty_write,
	.poll = tty_poll,
	.ioctl = tty_ioctl,
};

void tty_init(void)
{
	if (boot_options.tty_raw) {
		tty.termios.c_oflag &= ~OPOST;
		tty.termios.c_lflag &= ~ECHO;
	}
	if (!irq_request_isa(SERIAL_COM1_ISA_IRQ, serial_interrupt, NULL))
		serial_receive_irq(true);
	if (!irq_request_isa(KEYBOARD_ISA_IRQ, keyboard_interrupt, NULL))
		keyboard_init();
}
