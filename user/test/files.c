/* SPDX-License-Identifier: MIT */
/*
 * Regular files: creating, reading and writing at positions, appending, holes, truncation, what
 * stat tells, and files that lost their name (open(2), read(2), lseek(2), stat(2)).
 */
#include "user/lib/file.h"
#include "user/lib/test.h"

static void open_modes(void)
{
	long fd;

	expect_error("open what is not there", sys_open("none", O_RDWR, 0), ENOENT);
	fd = sys_open("new", O_WRONLY | O_CREAT | O_EXCL, 0640);
	expect_ok("create", fd);
	expect_error("read a write-only descriptor", SYS(read, fd, &fd, 1), EBADF);
	SYS(close, fd);
	expect_error("create it again with O_EXCL", sys_open("new", O_RDWR | O_CREAT | O_EXCL, 0),
		     EEXIST);
	fd = sys_open("new", O_RDONLY | O_CREAT, 0);
	expect_error("write a read-only descriptor", SYS(write, fd, "x", 1), EBADF);
	SYS(close, fd);
	expect_error("O_DIRECTORY of a file", sys_open("new", O_RDONLY | O_DIRECTORY, 0), ENOTDIR);
	expect_error("write a folder", sys_open(".", O_RDWR, 0), EISDIR);
	expect_error("create in a folder that is not there", sys_open("no/x", O_RDWR | O_CREAT, 0),
		     ENOENT);
	expect_error("through a file", sys_open("new/x", O_RDWR | O_CREAT, 0), ENOTDIR);
	fd = sys_open("new", 3, 0);
	expect_error("read with access mode 3", SYS(read, fd, &fd, 1), EBADF);
	expect_error("write with it", SYS(write, fd, "x", 1), EBADF);
	SYS(close, fd);
	fd = sys_open("new", (int)0xa4000000, 0);
	expect_hex("flags that do not exist", SYS(fcntl, fd, F_GETFL) & 0xa4000000, 0);
	SYS(close, fd);
	SYS(unlink, "new");
}

static void positions(void)
{
	char buf[32] = "";
	long fd = sys_open("data", O_RDWR | O_CREAT | O_TRUNC, 0600);

	expect_eq("write", SYS(write, fd, "0123456789", 10), 10);
	expect_eq("read at the end", SYS(read, fd, buf, 10), 0);
	expect_eq("SEEK_SET", SYS(lseek, fd, 2, 0), 2);
	expect_eq("read", SYS(read, fd, buf, 3), 3);
	expect_string("from there", buf, "234");
	expect_eq("SEEK_CUR", SYS(lseek, fd, -1, 1), 4);
	expect_eq("SEEK_END", SYS(lseek, fd, -3, 2), 7);
	expect_eq("overwrite", SYS(write, fd, "ab", 2), 2);
	expect_error("before the start", SYS(lseek, fd, -1, 0), EINVAL);
	expect_error("by what is an errno, too", SYS(lseek, fd, -ENXIO, 0), EINVAL);
	expect_error("and by another one", SYS(lseek, fd, -9 - EOVERFLOW, 1), EINVAL);
#ifdef __x86_64__
	expect_error("beyond 63 bits", SYS(lseek, fd, INT64_MAX, 1), EINVAL);
	expect_error("the same from the end", SYS(lseek, fd, INT64_MAX, 2), EINVAL);
#endif
	expect_error("no such whence", SYS(lseek, fd, 0, 77), EINVAL);
#ifdef __x86_64__
	expect_eq("pread64", SYS(pread64, fd, buf, 10, 5), 5);
	expect_eq("pwrite64", SYS(pwrite64, fd, "X", 1, 0), 1);
#else
	expect_eq("pread64", SYS(pread64, fd, buf, 10, 5, 0), 5);
	expect_eq("pwrite64", SYS(pwrite64, fd, "X", 1, 0, 0), 1);
#endif
	buf[5] = 0;
	expect_string("what pread64 read", buf, "56ab9");
	expect_eq("the position is not moved by them", SYS(lseek, fd, 0, 1), 9);
	SYS(close, fd);
	file_read("data", buf, sizeof(buf));
	expect_string("all of it", buf, "X123456ab9");
}

static void append_and_truncate(void)
{
	char buf[32] = "";
	long fd = sys_open("data", O_WRONLY | O_APPEND, 0);

	SYS(lseek, fd, 0, 0);
	SYS(write, fd, "+", 1);
	file_read("data", buf, sizeof(buf));
	expect_string("O_APPEND writes at the end", buf, "X123456ab9+");
	expect_eq("shorter", sys_ftruncate(fd, 4), 0);
	expect_eq("longer", sys_ftruncate(fd, 6), 0);
	expect_eq("size", file_read("data", buf, sizeof(buf)), 6);
	expect_eq("what came back is zero", memcmp(buf, "X123\0\0", 6), 0);
	SYS(close, fd);
	fd = sys_open("data", O_RDWR | O_TRUNC, 0);
	expect_eq("O_TRUNC", SYS(lseek, fd, 0, 2), 0);
	SYS(close, fd);
}

static void holes(void)
{
	static char buf[3 * PAGE];
	long fd = sys_open("hole", O_RDWR | O_CREAT, 0600), n;
	unsigned wrong = 0;

	SYS(lseek, fd, 2 * PAGE + 10, 0);
	expect_eq("write behind the end", SYS(write, fd, "x", 1), 1);
	SYS(lseek, fd, 0, 0);
	n = SYS(read, fd, buf, sizeof(buf));
	expect_eq("size", n, 2 * PAGE + 11);
	for (long i = 0; i < n - 1; i++)
		wrong += buf[i] != 0;
	expect_eq("bytes of the hole that are not 0", wrong, 0);
	expect_eq("the byte behind it", buf[2 * PAGE + 10], 'x');
	SYS(close, fd);
	SYS(unlink, "hole");
}

static void what_stat_tells(void)
{
	file_stat st, other;
	int fds[2];
	long fd;

	SYS(umask, 022);
	fd = sys_open("stat", O_RDWR | O_CREAT, 0666);
	SYS(write, fd, "12345", 5);
	expect_eq("stat", sys_stat("stat", &st), 0);
	expect_hex("mode, after the umask", st.st_mode, S_IFREG | 0644);
	expect_eq("size", (long)st.st_size, 5);
	expect_eq("links", (long)st.st_nlink, 1);
	expect_eq("fstat", sys_fstat(fd, &other), 0);
	expect_true("the same inode", st.st_ino == other.st_ino && st.st_dev == other.st_dev);
	expect_eq("chmod", SYS(chmod, "stat", 0700), 0);
	sys_stat("stat", &st);
	expect_hex("mode", st.st_mode, S_IFREG | 0700);
	sys_stat(".", &st);
	expect_hex("a folder", st.st_mode & S_IFMT, S_IFDIR);
	sys_stat("/dev/null", &st);
	expect_hex("/dev/null", st.st_mode & S_IFMT, S_IFCHR);
	SYS(pipe, fds);
	sys_fstat(fds[0], &st);
	expect_hex("a pipe", st.st_mode & S_IFMT, S_IFIFO);
	expect_error("fstat of a closed one", sys_fstat(99, &st), EBADF);
	SYS(close, fd), SYS(close, fds[0]), SYS(close, fds[1]);
	SYS(unlink, "stat");
}

static void unlinked_but_open(void)
{
	char buf[8] = "";
	file_stat st;
	long fd = sys_open("gone", O_RDWR | O_CREAT, 0600);

	SYS(write, fd, "still", 5);
	expect_eq("unlink", SYS(unlink, "gone"), 0);
	expect_error("its name", sys_stat("gone", &st), ENOENT);
	SYS(lseek, fd, 0, 0);
	expect_eq("read", SYS(read, fd, buf, 5), 5);
	expect_string("its content", buf, "still");
	sys_fstat(fd, &st);
	expect_eq("links", (long)st.st_nlink, 0);
	SYS(close, fd);
}

static void devices(void)
{
	char buf[16];
	long fd = sys_open("/dev/null", O_RDWR, 0);

	expect_eq("/dev/null takes everything", SYS(write, fd, buf, 16), 16);
	expect_eq("and has nothing", SYS(read, fd, buf, 16), 0);
	SYS(close, fd);
	memset(buf, 'x', sizeof(buf));
	fd = sys_open("/dev/zero", O_RDONLY, 0);
	expect_eq("/dev/zero", SYS(read, fd, buf, 16), 16);
	for (unsigned i = 0; i < 16; i++)
		if (buf[i])
			fail("byte %u is not 0", i);
	SYS(close, fd);
}

/* No file system keeps every time; one that it does not have becomes the nearest, not another. */
static void times_far_away(void)
{
	struct { long sec, nsec; } times[2] = { { -1, 0 }, { -1, 0 } };
	file_stat st;

	file_write("times", "", 0, 0600);
	expect_eq("to before 1970", SYS(utimensat, AT_FDCWD, "times", times, 0), 0);
	sys_stat("times", &st);
	expect_true("not after 1970", (long)st.st_mtime <= 0);
#ifdef __x86_64__
	times[1].sec = 18446744075;	/* as nanoseconds just above 2^64 */
	expect_eq("to the year 2554", SYS(utimensat, AT_FDCWD, "times", times, 0), 0);
	sys_stat("times", &st);
	expect_true("not before 2262", st.st_mtime >= 9223372036);
#endif
	expect_error("of neither a name nor a descriptor",
		     SYS(utimensat, AT_FDCWD, NULL, NULL, 0), EFAULT);
	SYS(unlink, "times");
}

static const struct test_case cases[] = {
	{ "open", open_modes },
	{ "positions", positions },
	{ "append and truncate", append_and_truncate },
	{ "holes", holes },
	{ "what stat tells", what_stat_tells },
	{ "times far away", times_far_away },
	{ "unlinked but open", unlinked_but_open },
	{ "/dev/null and /dev/zero", devices },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	return RUN_CASES_IN_TEMP(cases);
}
