/* SPDX-License-Identifier: MIT */
/*
 * execve that must return: bad paths, bad pointers, too long argument lists; and scripts.  After
 * each error the old program goes on with its memory intact.
 */
#include "user/lib/elf_image.h"
#include "user/lib/file.h"
#include "user/lib/test.h"

static char *no_args[] = { "program", NULL };

static long exec(const void *path, const void *argv, const void *envp)
{
	return SYS(execve, path, argv, envp);
}

static void paths(void)
{
	static char longest[PATH_MAX + 16], long_name[300];
	struct elf_image image;

	elf_image_make(&image);
	file_write("plain", &image, sizeof(image), 0644);
	SYS(mkdir, "folder", 0755);
	SYS(symlink, "loop", "loop");
	memset(longest, '/', sizeof(longest) - 1);
	memset(long_name, 'x', sizeof(long_name) - 1);
	expect_error("no such file", exec("/no/such/file", no_args, no_args), ENOENT);
	expect_error("empty path", exec("", no_args, no_args), ENOENT);
	expect_error("a file as a folder", exec("plain/x", no_args, no_args), ENOTDIR);
	expect_error("not executable", exec("plain", no_args, no_args), EACCES);
	expect_error("a folder", exec("folder", no_args, no_args), EACCES);
	expect_error("symbolic link to itself", exec("loop", no_args, no_args), ELOOP);
	expect_error("path too long", exec(longest, no_args, no_args), ENAMETOOLONG);
	expect_error("name too long", exec(long_name, no_args, no_args), ENAMETOOLONG);
}

static void pointers(void)
{
	const void *bad = (void *)(IS_64BIT ? (unsigned long)-4096 : 16);
	char *hole = map_before_hole(PAGE);
	char *bad_string[] = { "program", (char *)16, NULL };
	char **bad_vector = (char **)(hole + PAGE) - 1;

	*bad_vector = "no end";
	expect_error("path", exec(bad, no_args, no_args), EFAULT);
	expect_error("argv", exec(self_path(), bad, no_args), EFAULT);
	expect_error("envp", exec(self_path(), no_args, bad), EFAULT);
	expect_error("argv[1]", exec(self_path(), bad_string, no_args), EFAULT);
	expect_error("argv runs into a hole", exec(self_path(), bad_vector, no_args), EFAULT);
	unmap(hole, PAGE);
}

/* One string may have 128 KiB with its end; all together less than the stack's quarter. */
static void too_long(void)
{
	static char *many[300];
	size_t size = 32 * PAGE + 2;
	char *string = map_private(size);

	memset(string, 'x', size - 1);
	many[0] = string;
	expect_error("one string of 128 KiB", exec(self_path(), many, no_args), E2BIG);
	expect_error("the same in the environment", exec(self_path(), no_args, many), E2BIG);
	string[32 * PAGE - 2] = 0;
	for (unsigned i = 0; i < COUNT(many) - 1; i++)
		many[i] = string;
	expect_error("300 strings of 128 KiB", exec(self_path(), many, no_args), E2BIG);
	unmap(string, size);
}

static int exec_script(void *name)
{
	char *argv[] = { "unused", "one", "two", NULL };

	return -(int)exec(name, argv, program_envp);
}

/* Line one names an interpreter and one argument, which may have blanks. */
static void scripts(void)
{
	char text[200];
	int n;

	n = format(text, sizeof(text), "#! %s  check it\nrest\n", self_path());
	file_write("script", text, (size_t)n, 0755);
	expect_status("interpreter, its argument, path, arguments",
		      child_run(exec_script, "./script"), EXITED(0));
	n = format(text, sizeof(text), "#!/no/such/interpreter\n");
	file_write("orphan", text, (size_t)n, 0755);
	expect_error("missing interpreter", exec("orphan", no_args, no_args), ENOENT);
	file_write("blank", "#!\n", 3, 0755);
	expect_error("no interpreter named", exec("blank", no_args, no_args), ENOEXEC);
	file_write("text", "echo no\n", 8, 0755);
	expect_error("neither ELF nor #!", exec("text", no_args, no_args), ENOEXEC);
}

/* In the interpreter: {path, "check it", "./script", "one", "two"}. */
static int check_script(int argc, char **argv)
{
	if (argc != 5)
		fail("argc expected 5, got %d", argc);
	else if (strcmp(argv[2], "./script") || strcmp(argv[3], "one") || strcmp(argv[4], "two"))
		fail("expected ./script one two, got %s %s %s", argv[2], argv[3], argv[4]);
	return test_failed();
}

static int exec_nothing(void *unused)
{
	(void)unused;
	return -(int)exec(self_path(), NULL, NULL);
}

/* Since 5.18 an empty argv becomes one empty string: nobody can forget to look at argc. */
static void no_argv(void)
{
	expect_status("argc 1, argv[0] empty", child_run(exec_nothing, NULL), EXITED(99));
}

static const struct test_case cases[] = {
	{ "paths", paths },
	{ "bad pointers", pointers },
	{ "argument lists too long", too_long },
	{ "scripts", scripts },
	{ "no argv at all", no_argv },
};

int main(int argc, char **argv, char **envp)
{
	(void)envp;
	if (argc == 1 && !argv[0][0])
		return 99;
	if (argc > 1 && !strcmp(argv[1], "check it"))
		return check_script(argc, argv);
	return RUN_CASES_IN_TEMP(cases);
}
