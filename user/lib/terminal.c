/* SPDX-License-Identifier: MIT */
#include "user/lib/file.h"
#include "user/lib/terminal.h"
#include "user/lib/test.h"

/* The other end of a pseudo-terminal; this kernel has none, but its console is nobody else's. */
static long open_terminal(void)
{
	int number, unlock = 0;
	char path[32];
	long master;

	if (on_paranoid())
		return sys_open("/dev/console", O_RDWR | O_NOCTTY, 0);
	master = sys_open("/dev/ptmx", O_RDWR | O_NOCTTY, 0);
	if (is_error(master))
		return master;
	SYS(ioctl, master, TIOCSPTLCK, &unlock);
	SYS(ioctl, master, TIOCGPTN, &number);
	format(path, sizeof(path), "/dev/pts/%d", number);
	return sys_open(path, O_RDWR | O_NOCTTY, 0);
}

long open_session(void)
{
	long fd, err;

	SYS(setsid);
	fd = open_terminal();
	if (is_error(fd))
		return fd;
	err = SYS(ioctl, fd, TIOCSCTTY, 0);
	return err ? err : fd;
}
