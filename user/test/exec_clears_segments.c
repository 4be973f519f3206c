/* SPDX-License-Identifier: MIT */
/*
 * A new program begins without segments of the old one (spec 3.5, R3.9): FS and GS are null with
 * bases 0, the LDT and the TLS slots are empty - LAR and LSL find nothing - whatever the old
 * program had, by exec in either bitness.
 */
#include "user/lib/descriptors.h"
#include "user/lib/file.h"
#include "user/lib/fsgs.h"
#include "user/lib/test.h"
#include "user/lib/thread.h"

static unsigned long word = 0x77777777;

/* In the new program: a number for what is left of the old one, 0 if nothing is. */
static int leftovers(void)
{
	unsigned char table[64];

	if (start_registers.fs || start_registers.gs)
		return 11;
	/* Linux empties the slots of the thread at once, those of the CPU at its next switch. */
	if (!on_paranoid())
		sleep_ms(5);
	for (unsigned slot = 0; slot < 3; slot++)
		if (access_rights(TLS_SELECTOR(TLS_FIRST + slot)) ||
		    segment_limit(TLS_SELECTOR(TLS_FIRST + slot)))
			return 12;
	for (unsigned entry = 0; entry < 8; entry++)
		if (access_rights(LDT_SELECTOR(entry)) || segment_limit(LDT_SELECTOR(entry)))
			return 13;
	if (ldt_call(0, table, sizeof(table)) != 0)
		return 14;
#ifdef __x86_64__
	if (kernel_fs_base() || kernel_gs_base())
		return 15;
	if (have_fsgsbase() && (rdfsbase() || rdgsbase()))
		return 16;
#endif
	return 0;
}

static void fill_descriptors(void)
{
	static struct user_desc d;

	for (unsigned slot = 0; slot < 3; slot++) {
		d = data_segment(TLS_FIRST + slot, (unsigned long)&word);
		if (tls_write(&d))
			test_abort("set_thread_area", 0);
	}
	for (unsigned entry = 0; entry < 8; entry++)
		if (ldt_write(data_segment(entry, (unsigned long)&word)))
			test_abort("modify_ldt", 0);
}

static int exec_with(void (*load)(void))
{
	char *argv[] = { (char *)self_path(), "look", NULL };

	fill_descriptors();
	load();
	return (int)-SYS(execve, argv[0], argv, program_envp);
}

static void load_tls(void)
{
	write_fs(TLS_SELECTOR(TLS_FIRST));
	write_gs(TLS_SELECTOR(TLS_FIRST + 2));
}

static void load_ldt(void)
{
	write_fs(LDT_SELECTOR(2));
	write_gs(LDT_SELECTOR(7));
	__asm__ volatile("mov %0, %%es" ::"r"(LDT_SELECTOR(1)));
}

static void load_bases(void)
{
#ifdef __x86_64__
	SYS(arch_prctl, ARCH_SET_FS, 0x200000000);
	SYS(arch_prctl, ARCH_SET_GS, 0x7ffffffde000);
	if (have_fsgsbase()) {
		write_fs(0x2b);
		wrfsbase(0x300000000);
		wrgsbase(0xffff888000000000);
	}
#else
	write_fs(0x2b);
	write_gs(3);
#endif
}

static int child(void *load)
{
	return exec_with((void (*)(void))load);
}

static void after(void (*load)(void))
{
	expect_true("LAR finds a slot before", (fill_descriptors(),
		    access_rights(TLS_SELECTOR(TLS_FIRST)) && access_rights(LDT_SELECTOR(3))));
	expect_status("the new program finds nothing", child_run(child, (void *)load), EXITED(0));
}

static void after_tls(void)
{
	after(load_tls);
}

static void after_ldt(void)
{
	after(load_ldt);
}

static void after_bases(void)
{
	after(load_bases);
}

static const struct test_case cases[] = {
	{ "TLS selectors", after_tls },
	{ "LDT selectors", after_ldt },
	{ "bases", after_bases },
};

int main(int argc, char **argv, char **envp)
{
	(void)envp;
	if (argc > 1 && !strcmp(argv[1], "look"))
		return leftovers();
	return RUN_CASES(cases);
}
