/* SPDX-License-Identifier: MIT */
/* The rules of the entry trace: what obeys them passes, and each way to break one is found. */
#include "kernel/debug/entry_trace_check.h"
#include "tests/host/test.h"

#define FROM_USER .user = true, .frame = 0x7f58, .rip = 0x401000
#define THREAD 70

static struct trace_checker checker;

static const char *feed(struct trace_event e)
{
	e.number = 1;
	e.thread = e.thread ? e.thread : THREAD;
	return trace_check(&checker, &e);
}

static void begin(void)
{
	memset(&checker, 0, sizeof(checker));
}

#define ENTER(...) feed((struct trace_event){ .kind = TRACE_ENTER, __VA_ARGS__ })
#define EXIT(...) feed((struct trace_event){ .kind = TRACE_EXIT, __VA_ARGS__ })
#define SWITCH(...) feed((struct trace_event){ .kind = TRACE_SWITCH, __VA_ARGS__ })

static void check_rule(const char *got, const char *rule)
{
	if (!rule) {
		CHECK_STR(got ? got : "fine", "fine");
		return;
	}
	CHECK(got);
	CHECK_EQ(strncmp(got, rule, strlen(rule)), 0);
}

TEST(nested_entries_pass)
{
	begin();
	check_rule(ENTER(FROM_USER, .depth = 1), NULL);
	check_rule(ENTER(.frame = 0x7e00, .rip = 0x9000, .depth = 2), NULL);
	check_rule(ENTER(.frame = 0x1f58, .rip = 0x9100, .depth = 3, .gs = TRACE_NOTHING), NULL);
	check_rule(EXIT(.frame = 0x1f58, .rip = 0x9100, .depth = 3), NULL);
	check_rule(EXIT(.frame = 0x7e00, .rip = 0x9000, .depth = 2), NULL);
	check_rule(EXIT(FROM_USER, .depth = 1), NULL);
	check_rule(ENTER(FROM_USER, .depth = 1), NULL);
	CHECK_EQ(checker.events, 7);
}

/* A thread sleeps with its entry open; what began before the trace may end in it. */
TEST(threads_have_entries_of_their_own)
{
	begin();
	check_rule(ENTER(FROM_USER, .depth = 1), NULL);
	check_rule(SWITCH(.thread = 71, .depth = 1), NULL);
	check_rule(EXIT(.thread = 71, FROM_USER, .depth = 1), NULL);
	check_rule(ENTER(.thread = 71, FROM_USER, .depth = 1), NULL);
	check_rule(SWITCH(.thread = THREAD, .depth = 1), NULL);
	check_rule(EXIT(FROM_USER, .depth = 1), NULL);
	check_rule(SWITCH(.thread = 71, .depth = 2), "TRACE-1");
}

TEST(nesting_is_checked)
{
	begin();
	check_rule(ENTER(FROM_USER, .depth = 1), NULL);
	check_rule(ENTER(.frame = 0x7e00, .depth = 3), "TRACE-1");
	begin();
	check_rule(ENTER(.frame = 0x7e00, .depth = 1), NULL);
	check_rule(EXIT(.frame = 0x7e00, .depth = 2), "TRACE-1");
	begin();
	check_rule(ENTER(.frame = 0x7e00, .depth = 1), NULL);
	check_rule(EXIT(.frame = 0x7d00, .depth = 1), "TRACE-1");
	begin();
	check_rule(ENTER(.frame = 0x7e00, .depth = 1), NULL);
	check_rule(EXIT(.frame = 0x7e00, .depth = 1, .user = true), "TRACE-1");
	begin();
	check_rule(EXIT(.frame = 0x7e00, .depth = 0), "TRACE-1");
	begin();
	check_rule(ENTER(.frame = 0x7e00, .depth = TRACE_MAX_DEPTH + 1), "TRACE-1");
}

/* An exit to user mode that was not counted shows at the next entry. */
TEST(user_mode_has_nothing_open)
{
	begin();
	check_rule(ENTER(FROM_USER, .depth = 1), NULL);
	check_rule(ENTER(FROM_USER, .depth = 2), "TRACE-2");
	begin();
	check_rule(EXIT(FROM_USER, .depth = 2), "TRACE-2");
}

static const char *arrive_again(uint64_t arg, enum trace_gs gs, uint64_t rip)
{
	begin();
	ENTER(.frame = 0x1f58, .rip = 0x9100, .depth = 1, .gs = TRACE_RESTORE, .arg = 0x1234);
	EXIT(.frame = 0x1f58, .rip = 0x9100, .depth = 1);
	return ENTER(.frame = 0x3ef8, .rip = rip, .depth = 1, .gs = gs, .arg = arg);
}

TEST(gs_is_left_as_it_was_found)
{
	check_rule(arrive_again(0x1234, TRACE_RESTORE, 0x9100), NULL);
	CHECK_EQ(checker.pairs, 1);
	check_rule(arrive_again(0x1235, TRACE_RESTORE, 0x9100), "GS-3");
	check_rule(arrive_again(0x1234, TRACE_NOTHING, 0x9100), "GS-3");
	check_rule(arrive_again(0x1235, TRACE_RESTORE, 0x9101), NULL);	/* somewhere else */
	CHECK_EQ(checker.pairs, 0);
	check_rule(arrive_again(0x7, TRACE_BY_CS, 0x9100), NULL);	/* not the tristate */
}
