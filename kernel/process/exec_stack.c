/* SPDX-License-Identifier: MIT */
/*
 * The initial stack (spec 12, the System V ABI's figures 3.9 and 3.11), highest address first:
 *
 *	stack_top - 8	zero
 *	AT_EXECFN	the path that execve was given
 *	env_start	environment strings
 *	arg_start	argument strings
 *	AT_PLATFORM	"x86_64" or "i686"
 *	AT_RANDOM	16 bytes
 *	auxiliary vector, AT_NULL last
 *	envp[], NULL
 *	argv[], NULL
 *	sp		argc		16-byte aligned
 *
 * Words are 8 or 4 bytes wide; the order is the same for both.
 */
#include <asm/errno.h>
#include <asm/hwcap2.h>
#include <linux/auxvec.h>
#include "kernel/cpu/features.h"
#include "kernel/fs/devices.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/process/exec.h"
#include "kernel/process/vdso.h"
#include "sched/wait.h"

#ifndef AT_SYSINFO
#define AT_SYSINFO 32	/* <asm/auxvec.h> has it for i386 only */
#endif

#define CLOCK_TICKS 100
#define AUX_PAIRS   24
_Static_assert(AUX_PAIRS * 2 <= ARRAY_SIZE(((struct mm *)0)->auxv), "fits into mm->auxv");

/* Writes words upwards, many at a time. */
struct word_writer {
	struct mm *mm;
	uintptr_t at;
	unsigned width, used;
	int err;
	char buf[256];
};

static void flush(struct word_writer *w)
{
	if (!w->err && w->used)
		w->err = mm_write(w->mm, w->at, w->buf, w->used);
	w->at += w->used;
	w->used = 0;
}

static void put_word(struct word_writer *w, uint64_t value)
{
	if (w->used + w->width > sizeof(w->buf))
		flush(w);
	memcpy(w->buf + w->used, &value, w->width);	/* little endian */
	w->used += w->width;
}

/*
 * What a signal frame may need: red zone, pretcode, ucontext and siginfo, the extended
 * state with its magic word, the i386 frame's FSAVE image, alignment to 64.
 */
static uint64_t min_sigstack(void)
{
	return ALIGN_UP(128 + 8 + 304 + 128 + cpu_info.xsave_size + 4 + 112 + 63 + 15, 16);
}

static void add_aux(struct mm *mm, unsigned *n, uint64_t type, uint64_t value)
{
	mm->auxv[(*n)++] = type;
	mm->auxv[(*n)++] = value;
}

/* Returns the number of words, AT_NULL included. */
static unsigned make_auxv(const struct exec *e, uintptr_t execfn, uintptr_t platform,
			  uintptr_t random)
{
	const struct elf_header *h = &e->plan.header;
	uint64_t hwcap2 = cpu_has(FEATURE_FSGSBASE) ? HWCAP2_FSGSBASE : 0;	/* R1.2 */
	struct mm *mm = e->mm;
	unsigned n = 0;

	if (mm->vdso && h->is32)
		add_aux(mm, &n, AT_SYSINFO, vdso_entry(mm));
	if (mm->vdso)
		add_aux(mm, &n, AT_SYSINFO_EHDR, mm->vdso);
	add_aux(mm, &n, AT_MINSIGSTKSZ, min_sigstack());
	add_aux(mm, &n, AT_HWCAP, cpu_info.hwcap);
	add_aux(mm, &n, AT_PAGESZ, PAGE_SIZE);
	add_aux(mm, &n, AT_CLKTCK, CLOCK_TICKS);
	add_aux(mm, &n, AT_PHDR, e->plan.phdr ? e->plan.phdr + e->bias : 0);
	add_aux(mm, &n, AT_PHENT, h->phentsize);
	add_aux(mm, &n, AT_PHNUM, h->phnum);
	add_aux(mm, &n, AT_BASE, e->interp_bias);
	add_aux(mm, &n, AT_FLAGS, 0);
	add_aux(mm, &n, AT_ENTRY, h->entry + e->bias);
	add_aux(mm, &n, AT_UID, 0);
	add_aux(mm, &n, AT_EUID, 0);
	add_aux(mm, &n, AT_GID, 0);
	add_aux(mm, &n, AT_EGID, 0);
	add_aux(mm, &n, AT_SECURE, 0);
	add_aux(mm, &n, AT_RANDOM, random);
	add_aux(mm, &n, AT_HWCAP2, hwcap2);
	add_aux(mm, &n, AT_EXECFN, execfn);
	add_aux(mm, &n, AT_PLATFORM, platform);
	add_aux(mm, &n, AT_NULL, 0);
	return n;
}

static int write_strings(const struct exec_strings *s, struct mm *mm, uintptr_t at)
{
	size_t left = s->bytes;
	int err = 0;

	for (unsigned i = 0; i < s->pages && !err; i++) {
		size_t n = MIN(left, (size_t)PAGE_SIZE);

		err = mm_write(mm, at, s->page[i], n);
		at += n;
		left -= n;
	}
	return err;
}

/* One pointer for each string, a NULL after argv's and after envp's. */
static void put_pointers(struct word_writer *w, const struct exec_strings *s, uintptr_t base)
{
	unsigned i = 0;
	size_t start = 0;

	if (s->argc == 0)
		put_word(w, 0);
	for (size_t at = 0; at < s->bytes; at++) {
		if (at % PAGE_SIZE == 0 && cond_resched())
			w->err = -EINTR;	/* flush() writes no more */
		if (s->page[at / PAGE_SIZE][at % PAGE_SIZE])
			continue;
		put_word(w, base + start);
		start = at + 1;
		if (++i == s->argc)
			put_word(w, 0);
	}
	put_word(w, 0);
}

static int write_bytes(struct mm *mm, uintptr_t *top, const void *from, size_t n)
{
	*top -= n;
	return mm_write(mm, *top, from, n);
}

static int write_table(struct exec *e, uintptr_t below, unsigned naux)
{
	struct exec_strings *s = &e->strings;
	struct word_writer w = { .mm = e->mm, .width = e->plan.header.is32 ? 4 : 8 };
	uint64_t words = 1 + s->argc + 1 + s->envc + 1 + naux;

	e->sp = ALIGN_DOWN(below - words * w.width, 16);
	w.at = e->sp;
	put_word(&w, s->argc);
	put_pointers(&w, s, e->mm->arg_start);
	for (unsigned i = 0; i < naux; i++)
		put_word(&w, e->mm->auxv[i]);
	flush(&w);
	return w.err;
}

int exec_build_stack(struct exec *e)
{
	const char *name = e->plan.header.is32 ? "i686" : "x86_64";
	struct exec_strings *s = &e->strings;
	struct mm *mm = e->mm;
	uintptr_t top = mm->stack_top - 8, execfn, platform;
	uint8_t random[16];
	int err;

	err = write_bytes(mm, &top, e->path, strlen(e->path) + 1);
	if (err)
		return err;
	execfn = top;
	top -= s->bytes;
	mm->arg_start = top;
	mm->arg_end = mm->env_start = top + s->argv_bytes;
	mm->env_end = execfn;
	err = write_strings(s, mm, top);
	if (err)
		return err;
	top = ALIGN_DOWN(top, 16);
	err = write_bytes(mm, &top, name, strlen(name) + 1);
	if (err)
		return err;
	platform = top;
	top = ALIGN_DOWN(top, 16);
	random_bytes(random, sizeof(random));
	err = write_bytes(mm, &top, random, sizeof(random));
	if (err)
		return err;
	return write_table(e, top, make_auxv(e, execfn, platform, top));
}
