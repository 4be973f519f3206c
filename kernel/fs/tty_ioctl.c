/* SPDX-License-Identifier: MIT */
/*
 * ioctl on the terminal: settings, window size, queues. All layouts are the same for 32-bit
 * programs.
 */
#include <asm/errno.h>
#include <asm/signal.h>
#include "kernel/fs/file.h"
#include "kernel/fs/tty.h"
#include "kernel/process/process.h"
#include "kernel/process/signal.h"

/* struct termios2 starts like struct termios; the speeds behind it are kept by nobody. */
_Static_assert(offsetof(struct termios2, c_ispeed) >= sizeof(struct termios), "termios2");

static long get_settings(void __user *user)
{
	struct termios t;
	uint64_t flags = spin_lock_irqsave(&tty.lock);

	t = tty.termios;
	spin_unlock_irqrestore(&tty.lock, flags);
	return copy_to_user(user, &t, sizeof(t));
}

static long get_settings2(void __user *user)
{
	struct termios2 t = { .c_ispeed = 115200, .c_ospeed = 115200 };
	uint64_t flags = spin_lock_irqsave(&tty.lock);

	memcpy(&t, &tty.termios, sizeof(tty.termios));
	spin_unlock_irqrestore(&tty.lock, flags);
	return copy_to_user(user, &t, sizeof(t));
}

static long set_settings(const void __user *user, bool flush)
{
	long err = tty_check_foreground(SIGTTOU);
	struct termios t;
	uint64_t flags;

	if (err)
		return err;
	if (copy_from_user(&t, user, sizeof(t)))
		return -EFAULT;
	flags = spin_lock_irqsave(&tty.lock);
	if (flush)
		tty_line_flush(&tty.line);
	if ((t.c_lflag ^ tty.termios.c_lflag) & ICANON)
		tty_line_mode_changed(&tty.line);
	tty.termios = t;
	spin_unlock_irqrestore(&tty.lock, flags);
	/* What a reader waits for may mean something else now. */
	wake_up_all(&tty.readable);
	return 0;
}

static long set_size(const void __user *user)
{
	struct winsize size;
	int foreground = 0;
	uint64_t flags;

	if (copy_from_user(&size, user, sizeof(size)))
		return -EFAULT;
	flags = spin_lock_irqsave(&tty.lock);
	if (memcmp(&size, &tty.size, sizeof(size)))
		foreground = tty.foreground;
	tty.size = size;
	spin_unlock_irqrestore(&tty.lock, flags);
	if (foreground)
		signal_send_group(foreground, &(struct signal_info){ .signo = SIGWINCH });
	return 0;
}

static long flush_queues(uintptr_t which)
{
	uint64_t flags;

	if (which > TCIOFLUSH)
		return -EINVAL;
	if (which == TCOFLUSH)
		return 0;	/* output never waits */
	flags = spin_lock_irqsave(&tty.lock);
	tty_line_flush(&tty.line);
	spin_unlock_irqrestore(&tty.lock, flags);
	return 0;
}

long tty_ioctl(struct file *file, unsigned cmd, uintptr_t arg, bool compat)
{
	void __user *user = (void __user *)arg;

	switch (cmd) {
	case TCGETS:
		return get_settings(user);
	case TCGETS2:
		return get_settings2(user);
	case TCSETS:
	case TCSETS2:
	case TCSETSW:
	case TCSETSW2:
		return set_settings(user, false);
	case TCSETSF:
	case TCSETSF2:
		return set_settings(user, true);
	case TIOCGWINSZ:
		return copy_to_user(user, &tty.size, sizeof(tty.size));
	case TIOCSWINSZ:
		return set_size(user);
	case TCFLSH:
		return flush_queues(arg);
	case FIONREAD:
		return put_user_u32(user, tty_line_available(&tty.line));
	case TIOCOUTQ:
	case TIOCGETD:
		return put_user_u32(user, 0);
	case TCSBRK:
	case TCSBRKP:
	case TCXONC:
		return 0;	/* output is out when write returns; breaks mean nothing to QEMU */
	default:
		return tty_job_ioctl(cmd, arg);
	}
}
