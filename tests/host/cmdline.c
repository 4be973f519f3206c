/* SPDX-License-Identifier: MIT */
/* The kernel command line: boot/cmdline.h. */
#include "boot/cmdline.h"
#include "tests/host/test.h"

static struct boot_options options;
static char line[2048];

static const char *parse(const char *text)
{
	snprintf(line, sizeof(line), "%s", text);
	memset(&options, 0xa5, sizeof(options));
	return cmdline_parse(&options, line);
}

TEST(empty_line_gives_the_defaults)
{
	CHECK(!parse(""));
	CHECK(!options.nofsgsbase && !options.quiet && !options.tty_raw && !options.log_com2);
	CHECK_EQ(options.max_cpus, 0);
	CHECK_STR(options.init, "/sbin/init");
	CHECK(!options.ktest);
	CHECK(!options.vsyscall);
	CHECK_STR(options.init_args, "");
}

TEST(every_option)
{
	CHECK(!parse("nofsgsbase quiet console=raw log=com2 maxcpus=3 init=/bin/x ktest=all"));
	CHECK(options.nofsgsbase && options.quiet && options.tty_raw && options.log_com2);
	CHECK_EQ(options.max_cpus, 3);
	CHECK_STR(options.init, "/bin/x");
	CHECK_STR(options.ktest, "all");
}

TEST(vsyscall_takes_four_words)
{
	CHECK(!parse("vsyscall=sysenter"));
	CHECK_STR(options.vsyscall, "sysenter");
	CHECK(!parse("vsyscall=syscall") && !parse("vsyscall=int80") && !parse("vsyscall=none"));
	CHECK(parse("vsyscall="));
	CHECK(parse("vsyscall=int"));
	CHECK(parse("vsyscall=none1"));
}

TEST(text_after_the_dashes_is_init_s)
{
	CHECK(!parse("quiet -- job nofsgsbase  x=1"));
	CHECK(!options.nofsgsbase);
	CHECK(!strncmp(options.init_args, "job nofsgsbase", 14));
	CHECK(!parse("--"));
	CHECK_STR(options.init_args, "");
}

TEST(blanks_do_not_matter)
{
	CHECK(!parse("   quiet    nofsgsbase  "));
	CHECK(options.quiet && options.nofsgsbase);
}

TEST(unknown_and_malformed_words_are_named)
{
	const char *word = parse("quiet nofsgsbsae");

	CHECK(word);
	CHECK(!strncmp(word, "nofsgsbsae", 10));
	CHECK(parse("maxcpus=x"));
	CHECK(parse("maxcpus="));
	CHECK(parse("maxcpus=0"));
	CHECK(parse("maxcpus=4294967297"));
	CHECK(parse("init="));
	CHECK_STR(parse("ktest=sweep ktest=all"), "ktest=all");
	CHECK_STR(parse("ktest=all -- run-tests"), "run-tests");
	CHECK(!parse("ktest=all --"));
	CHECK(parse("console=cooked"));
	CHECK(parse("log=com9"));
	CHECK(parse("quiet=1"));
	CHECK(parse("nofsgsbase1"));
	CHECK(parse("quie"));
}
