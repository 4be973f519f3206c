/* SPDX-License-Identifier: MIT */
/*
 * /proc/self/maps tells the truth about the address space: sorted, without overlap, what was mapped
 * with its protection, the stack and the heap by name, and nothing both writable and
 * executable (proc(5)).
 */
#include "user/lib/file.h"
#include "user/lib/test.h"

#define MAX_AREAS 64
#define MANY 12000ul

struct area {
	unsigned long long start, end;
	char protection[5];
	char *name;			/* "" if there is none */
};

static struct area areas[MAX_AREAS];
static unsigned count;
static char text[16384];

static unsigned long long parse_hex(char **p)
{
	unsigned long long v = 0;

	for (;; (*p)++) {
		unsigned c = (unsigned char)**p;

		if (c >= '0' && c <= '9')
			v = v << 4 | (c - '0');
		else if (c >= 'a' && c <= 'f')
			v = v << 4 | (c - 'a' + 10);
		else
			return v;
	}
}

/* start-end rwxp offset major:minor inode   name */
static bool parse_line(char *line, struct area *a)
{
	a->start = parse_hex(&line);
	if (*line++ != '-')
		return false;
	a->end = parse_hex(&line);
	if (*line++ != ' ')
		return false;
	memcpy(a->protection, line, 4);
	a->protection[4] = 0;
	line += 5;
	parse_hex(&line);
	if (*line++ != ' ')
		return false;
	parse_hex(&line);
	if (*line++ != ':')
		return false;
	parse_hex(&line);
	if (*line++ != ' ')
		return false;
	while (*line >= '0' && *line <= '9')
		line++;
	while (*line == ' ')
		line++;
	a->name = line;
	return true;
}

static void read_maps(void)
{
	long n = file_read("/proc/self/maps", text, sizeof(text));
	char *line = text, *end;

	count = 0;
	if (n <= 0)
		return fail("/proc/self/maps: %ld", n);
	for (; *line && count < MAX_AREAS; line = end + 1) {
		end = strchr(line, '\n');
		if (!*end)
			return fail("the last line does not end");
		*end = 0;
		if (!parse_line(line, &areas[count++]))
			fail("line %u: %s", count, line);
	}
}

static const struct area *find(const volatile void *at)
{
	unsigned long long address = (unsigned long)at;

	for (unsigned i = 0; i < count; i++)
		if (areas[i].start <= address && address < areas[i].end)
			return &areas[i];
	return NULL;
}

static void expect_area(const char *what, const volatile void *at, const char *protection)
{
	const struct area *a = find(at);

	if (!a)
		fail("%s at %p: expected %s, got no line", what, (void *)(uintptr_t)at, protection);
	else
		expect_string(what, a->protection, protection);
}

static void order(void)
{
	unsigned wrong = 0, both = 0;

	read_maps();
	for (unsigned i = 0; i < count; i++) {
		wrong += areas[i].start >= areas[i].end || areas[i].start % PAGE ||
			 areas[i].end % PAGE;
		wrong += i && areas[i].start < areas[i - 1].end;
		both += areas[i].protection[1] == 'w' && areas[i].protection[2] == 'x';
	}
	note("%u lines", count);
	expect_true("there are some", count >= 4);
	expect_eq("lines out of order", wrong, 0);
	expect_eq("writable and executable", both, 0);
}

static unsigned long heap_end(void)
{
	return (unsigned long)SYS(brk, 0);
}

static void of_the_program(void)
{
	static const char constant[] = "constant";
	static int data = 1;
	const struct area *a;
	int local;
	char *name;

	SYS(brk, heap_end() + PAGE);
	read_maps();
	expect_area("code", (const void *)(uintptr_t)order, "r-xp");
	expect_area("constants", constant, "r--p");
	expect_area("data", &data, "rw-p");
	expect_area("stack", &local, "rw-p");
	a = find(&local);
	expect_string("its name", a ? a->name : "none", "[stack]");
	a = find((void *)(heap_end() - 1));
	expect_string("the heap's name", a ? a->name : "none", "[heap]");
	a = find((const void *)(uintptr_t)order);
	name = a ? strrchr(a->name, '/') : NULL;
	expect_string("the code's file", name ? name : "none", strrchr(self_path(), '/'));
}

static void of_mappings(void)
{
	char *at = map_private(5 * PAGE), *common = map_shared(PAGE);

	SYS(mprotect, at + PAGE, PAGE, PROT_READ);
	SYS(mprotect, at + 2 * PAGE, PAGE, PROT_NONE);
	SYS(mprotect, at + 3 * PAGE, PAGE, PROT_READ | PROT_EXEC);
	unmap(at + 4 * PAGE, PAGE);
	read_maps();
	expect_area("writable", at, "rw-p");
	expect_area("read-only", at + PAGE, "r--p");
	expect_area("no access", at + 2 * PAGE, "---p");
	expect_area("executable", at + 3 * PAGE, "r-xp");
	expect_area("shared", common, "rw-s");
	expect_true("unmapped: no line", !find(at + 4 * PAGE));
	unmap(at, 4 * PAGE);
	unmap(common, PAGE);
	read_maps();
	expect_true("all unmapped: no line", !find(at) && !find(at + 3 * PAGE) && !find(common));
}

/* The text is whole, or there is none (-EFBIG, where its length has a limit). */
static void too_many_mappings(void)
{
	static char all[2 << 20];
	char *a = map_private(MANY * PAGE);
	unsigned lines = 0;
	long n;

	for (unsigned i = 0; i < MANY; i += 2)
		SYS(mprotect, a + i * PAGE, PAGE, PROT_NONE);
	n = file_read("/proc/self/maps", all, sizeof(all));
	unmap(a, MANY * PAGE);
	note("bytes: expected all, or -EFBIG (%d); got %ld", -EFBIG, n);
	for (long i = 0; i < n; i++)
		lines += all[i] == '\n';
	if (n != -EFBIG)
		expect_true("more lines than mappings made", lines > MANY);
}

static const struct test_case cases[] = {
	{ "order", order },
	{ "of the program", of_the_program },
	{ "of mappings", of_mappings },
	{ "of too many mappings", too_many_mappings },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	return RUN_CASES(cases);
}
