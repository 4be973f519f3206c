/* SPDX-License-Identifier: MIT */
/* Files for tests. */
#include "user/lib/file.h"

static char temp_path[64];

char *self_path(void)
{
	static char path[PATH_MAX];
	size_t n = 0;

	if (path[0])
		return path;
	if (program_argv[0][0] != '/') {
		SYS(getcwd, path, sizeof(path));
		n = strlen(path);
		path[n++] = '/';
	}
	format(path + n, sizeof(path) - n, "%s", program_argv[0]);
	return path;
}

const char *temp_enter(void)
{
	long pid = SYS(getpid);

	self_path();
	SYS(mkdir, "/tmp", 01777);
	for (unsigned i = 0; i < 1000; i++) {
		long ret;

		format(temp_path, sizeof(temp_path), "/tmp/test.%ld.%u", pid, i);
		ret = SYS(mkdir, temp_path, 0700);
		if (ret == -EEXIST)
			continue;
		if (ret || (ret = SYS(chdir, temp_path)))
			test_abort(temp_path, ret);
		return temp_path;
	}
	test_abort(temp_path, -EEXIST);
}

void temp_leave(void)
{
	static char buf[2048] __attribute__((aligned(8)));
	long fd = sys_open(temp_path, O_RDONLY | O_DIRECTORY, 0), n;

	SYS(chdir, temp_path);
	while (fd >= 0 && (n = SYS(getdents64, fd, buf, sizeof(buf))) > 0) {
		for (long at = 0; at < n;) {
			struct dirent64 *d = (void *)(buf + at);

			if (SYS(unlink, d->name) && strcmp(d->name, ".") && strcmp(d->name, ".."))
				SYS(rmdir, d->name);
			at += d->reclen;
		}
	}
	SYS(close, fd);
	SYS(chdir, "/");
	SYS(rmdir, temp_path);
}

int run_cases_in_temp(const struct test_case *cases, unsigned n)
{
	int status;

	temp_enter();
	status = run_cases(cases, n);
	temp_leave();
	return status;
}

void file_write(const char *name, const void *data, size_t size, int mode)
{
	long fd = sys_open(name, O_WRONLY | O_CREAT | O_TRUNC, mode), ret;

	if (fd < 0)
		test_abort(name, fd);
	ret = SYS(write, fd, data, size);
	if (ret != (long)size)
		test_abort(name, ret);
	SYS(close, fd);
}

long file_read(const char *name, char *buf, size_t size)
{
	long fd = sys_open(name, O_RDONLY, 0), n, done = 0;

	if (fd < 0)
		return fd;
	while ((n = SYS(read, fd, buf + done, size - 1 - (size_t)done)) > 0)
		done += n;
	SYS(close, fd);
	buf[done] = 0;
	return n < 0 ? n : done;
}
