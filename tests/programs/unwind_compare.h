/* SPDX-License-Identifier: MIT */
/* For unwind.c: what the unwinder finds from one instruction, against what is known. */
#pragma once

#include <stdbool.h>
#include <stdio.h>
#include <unwind.h>
#include "unwind_call.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

int main(void);

static const char *name;		/* of what is stepped */
static unsigned long target_ip;		/* the frame to be found */
static const int *kept;			/* its registers that must be found too */
static unsigned kept_count, failures;
static unsigned long ax_after;		/* AX may be this one as well */
static unsigned long seen[256];
static unsigned seen_count;

static void differs(unsigned long at, const char *what, unsigned long want, unsigned long got)
{
	if (failures++ > 20)
		return;
	printf("%s+0x%lx: %s: expected 0x%lx, got 0x%lx\n", name, at - (unsigned long)call.fn,
	       what, want, got);
}

struct search {
	unsigned long at;
	bool caller, main;
};

static void compare(struct _Unwind_Context *frame, unsigned long at)
{
	unsigned long sp = _Unwind_GetCFA(frame), ax;
	char what[24];

	if (sp != call.reg[SP])
		differs(at, "stack pointer", call.reg[SP], sp);
	for (unsigned i = 0; i < kept_count; i++) {
		unsigned long got = _Unwind_GetGR(frame, kept[i]);

		snprintf(what, sizeof(what), "register %d", kept[i]);
		if (got != call.reg[kept[i]])
			differs(at, what, call.reg[kept[i]], got);
	}
	if (kept == kept_by_c)
		return;
	ax = _Unwind_GetGR(frame, AX);
	if (ax != call.reg[AX] && ax != ax_after)
		differs(at, "AX", ax_after, ax);
}

static _Unwind_Reason_Code look_at(struct _Unwind_Context *frame, void *arg)
{
	struct search *s = arg;
	unsigned long ip = _Unwind_GetIP(frame);

	if (ip == target_ip) {
		s->caller = true;
		compare(frame, s->at);
	}
	if (_Unwind_FindEnclosingFunction((void *)(ip - 1)) == (void *)main)
		s->main = true;
	return _URC_NO_REASON;
}

static void unwind_from(unsigned long ip)
{
	struct search s = { .at = ip };

	if (!_Unwind_FindEnclosingFunction((void *)(ip + 1)))
		differs(ip, "no call frame information", 1, 0);
	_Unwind_Backtrace(look_at, &s);
	if (!s.caller)
		differs(ip, "caller not found", target_ip, 0);
	if (!s.main)
		differs(ip, "main not found", (unsigned long)main, 0);
	for (unsigned i = 0; i < seen_count; i++)
		if (seen[i] == ip)
			return;
	if (seen_count < COUNT(seen))
		seen[seen_count++] = ip;
}
