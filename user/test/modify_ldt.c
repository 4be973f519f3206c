/* SPDX-License-Identifier: MIT */
/*
 * modify_ldt (spec R3.11): reading, writing, clearing, what is refused, the int that it returns;
 * what fork, threads and a change of a descriptor in use do (spec 3.4, 3.5).
 */
#include "user/lib/descriptors.h"
#include "user/lib/fsgs.h"
#include "user/lib/test.h"
#include "user/lib/thread.h"

#define ENTRIES 8192

/* Access rights of a present, accessed segment with DPL 3, as LAR gives them. */
#define DATA_RW    0x00d0f300	/* limit in pages, 32 bit, AVL */
#define DATA_RO    0x00d0f100
#define CODE_RX    0x00d0fb00
#define AVL        0x00100000
#define LAR_MASK   0x00f0ff00

static unsigned long words[2] = { 0x11223344, 0x55667788 };
static unsigned char buffer[ENTRIES * 8];

static void expect_raw(const char *what, long got, int error)
{
	expect_hex(what, (unsigned long)got, (unsigned)-error);
}

static void empty(void)
{
	memset(buffer, 0xee, sizeof(buffer));
	expect_eq("function 0, no table", SYS(modify_ldt, 0, buffer, 64), 0);
	expect_hex("nothing is written", buffer[0], 0xee);
	expect_eq("function 2", SYS(modify_ldt, 2, buffer, 1000), 128);
	expect_hex("zeroes", buffer[0] | buffer[127], 0);
	expect_hex("no more than that", buffer[128], 0xee);
	expect_eq("function 2, less", SYS(modify_ldt, 2, buffer, 5), 5);
	expect_raw("function 2, bad address", SYS(modify_ldt, 2, 16, 5), EFAULT);
	expect_raw("function 3", SYS(modify_ldt, 3, buffer, 16), ENOSYS);
	expect_raw("function 0x12", SYS(modify_ldt, 0x12, buffer, 16), ENOSYS);
}

static void refuse(const char *what, int function, struct user_desc d)
{
	expect_raw(what, SYS(modify_ldt, function, &d, sizeof(d)), EINVAL);
}

static void refused(void)
{
	struct user_desc d = data_segment(0, 0);

	expect_raw("size 15", SYS(modify_ldt, 1, &d, sizeof(d) - 1), EINVAL);
	expect_raw("size 17", SYS(modify_ldt, 0x11, &d, sizeof(d) + 1), EINVAL);
	expect_raw("bad address", SYS(modify_ldt, 1, 16, sizeof(d)), EFAULT);
	refuse("entry 8192", 1, data_segment(ENTRIES, 0));
	refuse("entry -1", 0x11, data_segment(~0u, 0));
	d.contents = 3;
	refuse("conforming code", 0x11, d);
	refuse("conforming code, old form", 1, d);
	d.seg_not_present = 1;
	refuse("conforming code, not present, old form", 1, d);
	expect_eq("conforming code, not present", ldt_write(d), 0);
}

static void expect_rights(const char *what, unsigned entry, unsigned rights)
{
	expect_hex(what, access_rights(LDT_SELECTOR(entry)) & LAR_MASK, rights);
}

static void written(void)
{
	struct user_desc d = data_segment(1, 0x12345678);

	expect_eq("data", ldt_write(d), 0);
	expect_rights("its rights", 1, DATA_RW);
	d.read_exec_only = 1;
	expect_eq("read-only", ldt_write(d), 0);
	expect_rights("its rights", 1, DATA_RO);
	d.contents = 2;
	d.read_exec_only = 0;
	expect_eq("code", ldt_write(d), 0);
	expect_rights("its rights", 1, CODE_RX);
	d = data_segment(1, 0x1000);
	expect_eq("old form", ldt_call(1, &d, sizeof(d)), 0);
	expect_rights("without AVL", 1, DATA_RW & ~AVL);
	d.limit = 0x123;
	d.limit_in_pages = 0;
	expect_eq("limit in bytes", ldt_write(d), 0);
	expect_hex("LSL", segment_limit(LDT_SELECTOR(1)), 0x123);
	expect_hex("the entry behind it", access_rights(LDT_SELECTOR(2)), 0);
}

static bool writable(unsigned entry)
{
	bool yes;

	__asm__ volatile("verw %w1" : "=@ccz"(yes) : "r"(LDT_SELECTOR(entry)));
	return yes;
}

/* What becomes of ESP with these is the test espfix's business. */
static void sixteen_bits(void)
{
	struct user_desc d = { .entry_number = 1, .limit = 0xffff };

	expect_eq("data", ldt_write(d), 0);
	expect_rights("its rights", 1, 0xf300);
	expect_hex("LSL", segment_limit(LDT_SELECTOR(1)), 0xffff);
	expect_true("VERW", writable(1));
	d.read_exec_only = 1;
	expect_eq("read-only", ldt_write(d), 0);
	expect_rights("its rights", 1, 0xf100);
	expect_true("VERW: not", !writable(1));
	d.seg_not_present = 1;
	d.limit = 1;		/* with limit 0 it would be "no segment" */
	expect_eq("not present", ldt_write(d), 0);
	expect_rights("its rights", 1, 0x7100);
	d = (struct user_desc){ .entry_number = 1, .limit = 0xffff, .contents = 2 };
	expect_eq("code", ldt_write(d), 0);
	expect_rights("its rights", 1, 0xfb00);
	expect_eq("old form", ldt_call(1, &d, sizeof(d)), 0);
}

static void read_back(void)
{
	uint64_t got;

	expect_eq("write", ldt_write(data_segment(2, 0xaabbccdd)), 0);
	memset(buffer, 0xee, sizeof(buffer));
	expect_eq("read", SYS(modify_ldt, 0, buffer, 64), 64);
	memcpy(&got, buffer + 16, 8);
	expect_hex("low half", (unsigned)got, 0xccddffff);
	expect_hex("high half", (unsigned)(got >> 32), 0xaadff3bb);
	expect_hex("behind the table: zeroes", buffer[24] | buffer[63], 0);
	expect_hex("no more than that", buffer[64], 0xee);
	expect_eq("part of an entry", SYS(modify_ldt, 0, buffer, 3), 3);
	expect_raw("bad address", SYS(modify_ldt, 0, 16, 64), EFAULT);
}

static void cleared(void)
{
	struct user_desc d = data_segment(3, 0x1000);

	ldt_write(d);
	expect_eq("no segment", ldt_write(no_segment(3)), 0);
	expect_rights("is gone", 3, 0);
	ldt_write(d);
	d.base_addr = d.limit = 0;
	expect_eq("old form, base and limit 0", ldt_call(1, &d, sizeof(d)), 0);
	expect_rights("is gone", 3, 0);
	expect_eq("new form of the same", ldt_write(d), 0);
	expect_rights("is a segment", 3, DATA_RW);
	expect_eq("no segment beyond the table", ldt_write(no_segment(100)), 0);
	expect_rights("the others stay", 3, DATA_RW);
}

static void largest(void)
{
	expect_eq("entry 8191", ldt_write(data_segment(ENTRIES - 1, (unsigned long)words)), 0);
	expect_rights("its rights", ENTRIES - 1, DATA_RW);
	expect_eq("the whole table", SYS(modify_ldt, 0, buffer, 100000), ENTRIES * 8);
	expect_rights("the first ones stay", 3, DATA_RW);
	expect_eq("clear it", ldt_write(no_segment(ENTRIES - 1)), 0);
	expect_rights("is gone", ENTRIES - 1, 0);
}

static unsigned long read_through_gs(void)
{
	unsigned long v;

	__asm__ volatile("mov %%gs:0, %0" : "=r"(v));
	return v;
}

static int child_with_table(void *unused)
{
	(void)unused;
	expect_hex("the child's GS", read_through_gs(), words[0]);
	expect_eq("it writes", ldt_write(data_segment(5, (unsigned long)&words[1])), 0);
	write_gs(LDT_SELECTOR(5));
	expect_hex("new base", read_through_gs(), words[1]);
	return 0;
}

static void fork_copies(void)
{
	ldt_write(data_segment(5, (unsigned long)&words[0]));
	write_gs(LDT_SELECTOR(5));
	expect_status("child", child_run(child_with_table, NULL), EXITED(0));
	sleep_ms(2);
	expect_hex("the parent's table is its own", read_through_gs(), words[0]);
	write_gs(LDT_SELECTOR(5));
	expect_hex("also when loaded again", read_through_gs(), words[0]);
}

static volatile long thread_result = -1;

static void writes_entry(void *d)
{
	thread_result = ldt_write(*(struct user_desc *)d);
}

static void in_thread(struct user_desc d)
{
	struct thread t;

	if (is_error(thread_start(&t, writes_entry, &d)))
		test_abort("thread", 0);
	thread_join(&t);
	expect_eq("the thread writes", thread_result, 0);
	sleep_ms(2);
}

static void expect_base(const char *what, unsigned long want)
{
#ifdef __x86_64__
	expect_hex(what, kernel_gs_base(), want);
#else
	(void)what, (void)want;
#endif
}

/* The selector of a changed descriptor means the old segment until it is loaded again. */
static void threads_share(void)
{
	ldt_write(data_segment(6, (unsigned long)&words[0]));
	write_gs(LDT_SELECTOR(6));
	in_thread(data_segment(6, (unsigned long)&words[1]));
	expect_hex("the selector stays", read_gs(), LDT_SELECTOR(6));
	expect_base("and so does the base", (unsigned long)&words[0]);
	write_gs(LDT_SELECTOR(6));
	expect_hex("loaded again", read_through_gs(), words[1]);
	in_thread(no_segment(6));
	expect_hex("removed: the selector is null", read_gs(), 0);
	expect_base("the base stays even so", (unsigned long)&words[1]);
	expect_rights("LAR", 6, 0);
}

static const struct test_case cases[] = {
	{ "an empty table", empty },	    { "refused", refused },
	{ "written", written },		    { "16 bits", sixteen_bits },
	{ "read back", read_back },	    { "cleared", cleared },
	{ "the largest table", largest },   { "fork copies", fork_copies },
	{ "threads share", threads_share },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	return RUN_CASES(cases);
}
