/* SPDX-License-Identifier: MIT */
/* The rules of the entry trace (kernel/debug/entry_trace_check.h). */
#if defined(CONFIG_DEBUG) || !defined(__KERNEL_IMAGE__)	/* not in a release */
#include "kernel/debug/entry_trace_check.h"
#include "kernel/lib/string.h"

/* Another thread of the same remainder is forgotten: it has to be found out anew. */
static struct checked_thread *find(struct trace_checker *c, uint16_t id)
{
	struct checked_thread *t = &c->thread[id % TRACE_MAX_THREADS];

	if (t->id != id) {
		memset(t, 0, sizeof(*t));
		t->id = id;
	}
	return t;
}

static const char *check_enter(struct checked_thread *t, const struct trace_event *e)
{
	if (t->known && e->depth != t->depth + 1)
		return "TRACE-1: an entry is not one deeper than the last";
	if (e->depth == 0 || e->depth > TRACE_MAX_DEPTH)
		return "TRACE-1: depth of an entry";
	if (e->user && e->depth != 1)
		return "TRACE-2: an entry from user mode finds another one open";
	t->known = true;
	t->depth = e->depth;
	t->open[e->depth] = *e;
	return NULL;
}

static const char *check_exit(struct checked_thread *t, const struct trace_event *e,
			      struct trace_event *left)
{
	struct trace_event *entry;

	if (t->known && e->depth != t->depth)
		return "TRACE-1: an exit does not end the innermost entry";
	if (e->depth == 0 || e->depth > TRACE_MAX_DEPTH)
		return "TRACE-1: an exit without an entry";
	if (e->user && e->depth != 1)
		return "TRACE-2: an exit to user mode leaves an entry open";
	entry = &t->open[e->depth];
	if (entry->number && entry->frame != e->frame)
		return "TRACE-1: an exit has another frame than its entry";
	if (entry->number && entry->user != e->user)
		return "TRACE-1: an exit to another mode than its entry came from";
	t->known = true;
	t->depth = e->depth - 1;
	*left = *entry;
	entry->number = 0;
	return NULL;
}

static const char *check_switch(struct checked_thread *t, const struct trace_event *e)
{
	if (t->known && e->depth != t->depth)
		return "TRACE-1: a thread comes back with other entries open";
	t->known = true;
	t->depth = e->depth;
	return NULL;
}

static bool by_tristate(const struct trace_event *e)
{
	return e->kind == TRACE_ENTER && !e->user && e->gs != TRACE_BY_CS;
}

/* Between two visits of one instruction with the user's GS live there is always another event. */
static const char *check_gs(struct trace_checker *c, const struct trace_event *e)
{
	const struct trace_event *before = &c->left;

	if (!by_tristate(e) || !by_tristate(before) || c->last.kind != TRACE_EXIT ||
	    c->last.rip != e->rip)
		return NULL;
	c->pairs++;
	if (before->gs != e->gs || before->arg != e->arg)
		return "GS-3: at one instruction another GS is found than before";
	return NULL;
}

const char *trace_check(struct trace_checker *c, const struct trace_event *e)
{
	struct checked_thread *t = find(c, e->thread);
	const char *problem = check_gs(c, e);

	c->events++;
	if (e->kind == TRACE_ENTER && !problem)
		problem = check_enter(t, e);
	else if (e->kind == TRACE_EXIT)
		problem = check_exit(t, e, &c->left);
	else if (e->kind == TRACE_SWITCH)
		problem = check_switch(t, e);
	c->last = *e;
	return problem;
}
#endif
