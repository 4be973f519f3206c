/* SPDX-License-Identifier: MIT */
/*
 * Names: folders, listing them, links, renaming, the working directory, and the *at calls
 * (mkdir(2), getdents64(2), rename(2), symlink(2), openat(2)).
 */
#include "user/lib/file.h"
#include "user/lib/test.h"

static const char *home;

static void make_and_remove(void)
{
	expect_eq("mkdir", SYS(mkdir, "folder", 0755), 0);
	expect_error("again", SYS(mkdir, "folder", 0755), EEXIST);
	expect_error("in a folder that is not there", SYS(mkdir, "no/x", 0755), ENOENT);
	file_write("folder/file", "x", 1, 0644);
	expect_error("rmdir while not empty", SYS(rmdir, "folder"), ENOTEMPTY);
	expect_error("unlink a folder", SYS(unlink, "folder"), EISDIR);
	expect_error("rmdir a file", SYS(rmdir, "folder/file"), ENOTDIR);
	expect_error("rmdir .", SYS(rmdir, "."), EINVAL);
	expect_eq("unlink", SYS(unlink, "folder/file"), 0);
	expect_error("again", SYS(unlink, "folder/file"), ENOENT);
	expect_eq("rmdir", SYS(rmdir, "folder"), 0);
}

static int bit_of(const char *name)
{
	if (!strcmp(name, "."))
		return 1 << 30;
	if (!strcmp(name, ".."))
		return 1 << 29;
	return name[0] == 'n' ? 1 << parse_number(name + 1) : 0;
}

/* A small buffer, so that one call does not do. */
static void listing(void)
{
	char name[8], buf[120] __attribute__((aligned(8)));
	int seen = 0, twice = 0;
	long fd, n;

	SYS(mkdir, "list", 0755);
	SYS(chdir, "list");
	for (unsigned i = 0; i < 20; i++) {
		format(name, sizeof(name), "n%u", i);
		file_write(name, "", 0, 0644);
	}
	fd = sys_open(".", O_RDONLY | O_DIRECTORY, 0);
	while ((n = SYS(getdents64, fd, buf, sizeof(buf))) > 0) {
		for (long at = 0; at < n; at += ((struct dirent64 *)(buf + at))->reclen) {
			int bit = bit_of(((struct dirent64 *)(buf + at))->name);

			twice += (seen & bit) != 0;
			seen |= bit;
		}
	}
	expect_eq("the last call", n, 0);
	expect_hex("20 files, . and ..", (unsigned)seen, 0x600fffff);
	expect_eq("names seen twice", twice, 0);
	SYS(lseek, fd, 0, 0);
	expect_true("from the start again", SYS(getdents64, fd, buf, sizeof(buf)) > 0);
	expect_error("no room for one entry", SYS(getdents64, fd, buf, 8), EINVAL);
	SYS(close, fd);
	for (unsigned i = 0; i < 20; i++) {
		format(name, sizeof(name), "n%u", i);
		SYS(unlink, name);
	}
	SYS(chdir, "..");
	expect_eq("empty again", SYS(rmdir, "list"), 0);
}

static void links(void)
{
	char buf[32] = "";
	file_stat a, b;

	file_write("a", "content", 7, 0644);
	expect_eq("link", SYS(link, "a", "b"), 0);
	sys_stat("a", &a);
	sys_stat("b", &b);
	expect_true("one inode", a.st_ino == b.st_ino);
	expect_eq("two names", (long)a.st_nlink, 2);
	SYS(unlink, "a");
	expect_eq("the other name is enough", file_read("b", buf, sizeof(buf)), 7);
	expect_eq("symlink", SYS(symlink, "b", "s"), 0);
	expect_eq("readlink", SYS(readlink, "s", buf, sizeof(buf)), 1);
	expect_eq("through it", file_read("s", buf, sizeof(buf)), 7);
	sys_lstat("s", &a);
	expect_hex("lstat sees the link", a.st_mode & S_IFMT, S_IFLNK);
	sys_stat("s", &a);
	expect_hex("stat its target", a.st_mode & S_IFMT, S_IFREG);
	SYS(unlink, "b");
	expect_error("a dangling one", sys_open("s", O_RDONLY, 0), ENOENT);
	expect_error("readlink of no link", SYS(readlink, ".", buf, sizeof(buf)), EINVAL);
	SYS(unlink, "s");
}

static void renaming(void)
{
	char buf[16] = "";

	file_write("one", "1", 1, 0644);
	file_write("two", "2", 1, 0644);
	SYS(mkdir, "folder", 0755);
	expect_eq("over another file", SYS(rename, "one", "two"), 0);
	expect_error("the old name", SYS(access, "one", 0), ENOENT);
	file_read("two", buf, sizeof(buf));
	expect_string("the content moved", buf, "1");
	expect_error("a file over a folder", SYS(rename, "two", "folder"), EISDIR);
	expect_error("a folder over a file", SYS(rename, "folder", "two"), ENOTDIR);
	expect_error("a folder into itself", SYS(rename, "folder", "folder/x"), EINVAL);
	expect_eq("into a folder", SYS(rename, "two", "folder/two"), 0);
	expect_eq("a folder", SYS(rename, "folder", "other"), 0);
	expect_eq("its content came along", file_read("other/two", buf, sizeof(buf)), 1);
	expect_error("what is not there", SYS(rename, "none", "x"), ENOENT);
	SYS(unlink, "other/two");
	SYS(rmdir, "other");
}

static void working_directory(void)
{
	char buf[128], want[128];

	expect_true("getcwd counts the end",
		    SYS(getcwd, buf, sizeof(buf)) == (long)strlen(home) + 1);
	expect_string("it is", buf, home);
	SYS(mkdir, "sub", 0755);
	expect_eq("chdir", SYS(chdir, "sub/../sub/./"), 0);
	SYS(getcwd, buf, sizeof(buf));
	format(want, sizeof(want), "%s/sub", home);
	expect_string("it is", buf, want);
	expect_error("too short a buffer", SYS(getcwd, buf, 3), ERANGE);
	expect_error("chdir to a file", SYS(chdir, "/dev/null"), ENOTDIR);
	expect_error("chdir to nothing", SYS(chdir, "none"), ENOENT);
	SYS(chdir, "..");
	SYS(rmdir, "sub");
	expect_eq("the parent of the root is the root", SYS(chdir, "/../../"), 0);
	SYS(getcwd, buf, sizeof(buf));
	expect_string("it is", buf, "/");
	SYS(chdir, home);
}

static void relative_to_a_folder(void)
{
	long folder, fd;

	SYS(mkdir, "at", 0755);
	folder = sys_open("at", O_RDONLY | O_DIRECTORY, 0);
	fd = SYS(openat, folder, "file", O_RDWR | O_CREAT, 0644);
	expect_ok("openat", fd);
	expect_eq("it is there", SYS(access, "at/file", 0), 0);
	expect_error("relative to a file", SYS(openat, fd, "x", O_RDONLY, 0), ENOTDIR);
	expect_error("relative to a closed descriptor", SYS(openat, 99, "x", O_RDONLY, 0), EBADF);
	expect_eq("mkdirat", SYS(mkdirat, folder, "inner", 0755), 0);
	expect_eq("unlinkat of a folder", SYS(unlinkat, folder, "inner", AT_REMOVEDIR), 0);
	expect_eq("unlinkat", SYS(unlinkat, folder, "file", 0), 0);
	expect_eq("fchdir", SYS(fchdir, folder), 0);
	SYS(chdir, home);
	SYS(close, fd), SYS(close, folder);
	expect_eq("rmdir", SYS(rmdir, "at"), 0);
}

/* Whatever 64 bits lseek takes: what it refuses leaves the position at an end, too. */
static void far_positions(void)
{
	static const char *const name[] = { "/proc", "/proc/self/fd" };
	static const unsigned high[] = { 1, 1, 0x7fffffff };
	static const unsigned low[] = { 0, 5, 0xfffffff0 };
	char buf[256] __attribute__((aligned(8)));
	int64_t at;

	for (unsigned i = 0; i < COUNT(name) * COUNT(high); i++) {
		unsigned position = i % COUNT(high);
		long fd = sys_open(name[i / COUNT(high)], O_RDONLY | O_DIRECTORY, 0), ret;

		while (SYS(getdents64, fd, buf, sizeof(buf)) > 0)
			;
#ifdef __x86_64__
		at = SYS(lseek, fd, (long)high[position] << 32 | low[position], 0);
#else
		SYS(_llseek, fd, high[position], low[position], &at, 0);
#endif
		(void)at;
		ret = SYS(getdents64, fd, buf, sizeof(buf));
		if (ret > 0)
			fail("%s at %x%08x: expected no entries, got %ld bytes",
			     name[i / COUNT(high)], high[position], low[position], ret);
		SYS(close, fd);
	}
}

static const struct test_case cases[] = {
	{ "make and remove", make_and_remove },
	{ "listing", listing },
	{ "links", links },
	{ "renaming", renaming },
	{ "the working directory", working_directory },
	{ "relative to a folder", relative_to_a_folder },
	{ "positions far behind the end", far_positions },
};

int main(int argc, char **argv, char **envp)
{
	int status;

	(void)argc, (void)argv, (void)envp;
	home = temp_enter();
	status = RUN_CASES(cases);
	temp_leave();
	return status;
}
