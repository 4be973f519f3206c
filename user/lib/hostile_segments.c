/* SPDX-License-Identifier: MIT */
/* Hostile segments (user/lib/hostile_segments.h). */
#include "user/lib/hostile_segments.h"
#include "user/lib/descriptors.h"
#include "user/lib/fsgs.h"
#include "user/lib/test.h"

#define SEGMENTS 4

/* Two TLS slots, two LDT entries; each begins at a word of its own. */
static const unsigned selectors[SEGMENTS] = {
	TLS_SELECTOR(TLS_FIRST), TLS_SELECTOR(TLS_FIRST + 1), LDT_SELECTOR(0), LDT_SELECTOR(1),
};
static unsigned long words[SEGMENTS] = { 0x7151, 0x7152, 0x1d71, 0x1d72 };

void hostile_init(void)
{
	for (unsigned i = 0; i < 2; i++)
		if (ldt_write(data_segment(i, (unsigned long)&words[2 + i])))
			test_abort("modify_ldt", 0);
}

void hostile_init_thread(void)
{
	static struct user_desc desc[2];	/* below 4 GiB for tls_write; all write the same */

	for (unsigned i = 0; i < 2; i++) {
		desc[i] = data_segment(TLS_FIRST + i, (unsigned long)&words[i]);
		if (tls_write(&desc[i]))
			test_abort("set_thread_area", 0);
	}
}

#ifdef __x86_64__
static const unsigned long special[] = {
	0, 1, 0x7fffffffffff, 0x7fffffffe000, 0xffffffffffffffff, 0xffff800000000000,
	0xffff888000000000, 0xffffc90000000000, 0xffffffff80000000, 0xffffffff80202000,
	0xffffffff80276000,
};

static unsigned long some_base(struct random *r, bool kernel_half)
{
	unsigned long base = random_next(r);

	if (base & 1)
		base = special[(base >> 1) % COUNT(special)];
	else	/* canonical: bits 63 to 47 are alike */
		base = (unsigned long)((long)(base << 16) >> 16);
	return kernel_half ? base : base & 0x7fffffffe000;
}

static unsigned pick(struct random *r, unsigned long *base)
{
	unsigned i = random_next(r) % SEGMENTS;

	*base = (unsigned long)&words[i];
	return selectors[i];
}

struct hostile hostile_load(struct random *r)
{
	struct hostile h;
	uint64_t dice = random_next(r) >> 32;

	h.fs = pick(r, &h.fs_base);
	h.gs = pick(r, &h.gs_base);
	/* A null selector alone leaves the base to the CPU model: it gets one. */
	if (dice & 1)
		h.fs = 0;
	if (dice & 2)
		h.gs = 0;
	write_fs(h.fs);
	write_gs(h.gs);
	if (h.fs == 0 || dice & 4) {
		h.fs_base = some_base(r, have_fsgsbase());
		if (have_fsgsbase())
			wrfsbase(h.fs_base);
		else if (SYS(arch_prctl, ARCH_SET_FS, h.fs_base) == 0)
			h.fs = 0;
	}
	if (h.gs == 0 || dice & 8) {
		h.gs_base = some_base(r, have_fsgsbase());
		if (have_fsgsbase())
			wrgsbase(h.gs_base);
		else if (SYS(arch_prctl, ARCH_SET_GS, h.gs_base) == 0)
			h.gs = 0;
	}
	return h;
}

struct hostile hostile_read(const struct hostile *loaded)
{
	bool direct = have_fsgsbase();

	(void)loaded;
	return (struct hostile){ read_fs(), read_gs(), direct ? rdfsbase() : kernel_fs_base(),
				 direct ? rdgsbase() : kernel_gs_base() };
}

void hostile_unload(void)
{
	write_fs(0);
	write_gs(0);
	SYS(arch_prctl, ARCH_SET_FS, 0);
	SYS(arch_prctl, ARCH_SET_GS, 0);
}
#else
static unsigned pick(struct random *r, unsigned long *word)
{
	unsigned i = random_next(r) % (SEGMENTS + 1);

	*word = i < SEGMENTS ? words[i] : 0;
	return i < SEGMENTS ? selectors[i] : 0;
}

struct hostile hostile_load(struct random *r)
{
	struct hostile h;

	h.fs = pick(r, &h.fs_base);
	h.gs = pick(r, &h.gs_base);
	write_fs(h.fs);
	write_gs(h.gs);
	return h;
}

/* Through a null selector nothing can be read; what was loaded tells, not what is found. */
struct hostile hostile_read(const struct hostile *loaded)
{
	struct hostile h = { read_fs(), read_gs(), 0, 0 };

	if (loaded->fs && h.fs)
		__asm__ volatile("mov %%fs:0, %0" : "=r"(h.fs_base));
	if (loaded->gs && h.gs)
		__asm__ volatile("mov %%gs:0, %0" : "=r"(h.gs_base));
	return h;
}

void hostile_unload(void)
{
	write_fs(0);
	write_gs(0);
}
#endif
