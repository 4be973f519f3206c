/* SPDX-License-Identifier: MIT */
/*
 * The instructions of the entry text that the sweep leaves out, each with its reason.  Whatever
 * else is left out fails the test: a new door has to be given a row in sweep_doors.c, or one here.
 */
#ifdef CONFIG_DEBUG
#include "boot/cmdline.h"
#include "kernel/cpu/features.h"
#include "kernel/cpu/traps.h"
#include "kernel/debug/panic.h"
#include "kernel/debug/sweep.h"
#include "kernel/lib/string.h"

/* Borders of entry/paranoid.asm and entry/nmi.asm. */
extern const char paranoid_entry[], entry_DB[], entry_MC[], entry_NMI[], nmi_iret[];

struct excuse {
	const char *label;	/* with its local ones; LABEL_ and LABEL.LOCAL_: how it begins */
	const char *why;
};

#define SAME_STUB "three or four instructions as in entry_UD and entry_GP, which are visited"

#define LANDING "a fault pushes RF set, so its landing sees no breakpoint (SDM vol. 3, 18.3.1.1)"

static const struct excuse always[] = {
	{ "early_stub_", "only before the CPU has its own tables, and ends the machine" },
	{ "irq_stub_", "the same two instructions as irq_stub_240, which is visited" },
	{ "entry_OF", SAME_STUB }, { "entry_BR", SAME_STUB }, { "entry_NM", SAME_STUB },
	{ "entry_TS", SAME_STUB }, { "entry_NP", SAME_STUB }, { "entry_SS", SAME_STUB },
	{ "entry_MF", SAME_STUB }, { "entry_AC", SAME_STUB }, { "entry_XM", SAME_STUB },
	{ "entry_reserved", SAME_STUB }, { "entry_reserved_", SAME_STUB },
	{ "entry_DB", "a breakpoint in #DB's own door would hit itself; nothing sets one (R2.10)" },
	{ "entry_INT80.interrupt_", "a stray interrupt ends the machine (R2.37)" },
	{ "entry_first_run.kernel_thread", "starts threads without a user mode" },
	{ "nmi_in_nmi", "as nmi_nested" },
	{ "nmi_nested", "DR7 is 0 in an NMI handler (R2.9), so no breakpoint sees the next NMI" },
	{ "nmi_merged", "as nmi_nested" },
};
static const struct excuse with_fsgsbase[] = {
	{ "paranoid_entry.legacy", "not with FSGSBASE" },
	{ "paranoid_entry.is_user", "not with FSGSBASE" },
	{ "paranoid_entry.swapped", "not with FSGSBASE" },
	{ "paranoid_entry.is_kernel", "not with FSGSBASE" },
	{ "paranoid_exit.restore_legacy", "not with FSGSBASE" },
	{ "nmi_window_closed.restore_legacy", "not with FSGSBASE" },
};
static const struct excuse without_fsgsbase[] = {
	{ "paranoid_entry.fsgsbase", "only with FSGSBASE" },
	{ "paranoid_entry.fsgsbase_", "only with FSGSBASE" },
	{ "paranoid_exit.restore_base", "only with FSGSBASE" },
	{ "paranoid_exit.base_restored", "only with FSGSBASE" },
	{ "nmi_window_closed.restore_base", "only with FSGSBASE" },
	{ "nmi_window_closed.base_restored", "only with FSGSBASE" },
};
static const struct excuse without_window[] = {
	{ "nmi_window_opens", "only with nmi=early" },
};
static const struct excuse with_window[] = {
	{ "nmi_from_user", "not with nmi=early: an NMI for user mode cannot be kept waiting" },
	{ "nmi_stack_left", "not with nmi=early: an NMI for user mode cannot be kept waiting" },
	{ "nmi_window_closed.restore_legacy", "not with nmi=early: no NMI in a gap" },
	{ "nmi_iret", "not with nmi=early: an NMI in that #DB would be taken for a first one" },
};
static const struct excuse without_tcg[] = {
	{ "load_user_segments.bad_", LANDING }, { "gs_load_site.bad", LANDING },
	{ "syscall_fast_fault", LANDING },
};
static const struct excuse without_syscall32[] = {
	{ "entry_SYSCALL_compat", "#UD on this vendor's CPUs" },
};
static const struct excuse without_fast_32[] = {
	{ "syscall_fast_", "neither SYSENTER nor the 32-bit SYSCALL is open" },
	{ "sysretl_to_user", "neither SYSENTER nor the 32-bit SYSCALL is open" },
};
#define CLOSED "open only with vsyscall=sysenter, the default on Intel"

static const struct excuse without_sysenter[] = {
	{ "entry_SYSENTER", CLOSED }, { "entry_SYSENTER_", CLOSED },
};

static bool matches(const char *label, const char *name)
{
	size_t length = strlen(label);

	return !strncmp(name, label, length) &&
	       (label[length - 1] == '_' || name[length] == '\0' || name[length] == '.');
}

static const char *find(const struct excuse *e, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (matches(e[i].label, name))
			return e[i].why;
	return NULL;
}
#define FIND(table, name) find(table, ARRAY_SIZE(table), name)

static bool within(uintptr_t at, const char *from, const char *to)
{
	return at >= (uintptr_t)from && at < (uintptr_t)to;
}

bool sweep_possible(const struct sweep_door *door, enum sweep_event event, uintptr_t at)
{
	if (within(at, entry_DB, entry_MC))
		return false;
	if (within(at, paranoid_entry, entry_DB) && !door->step_from)
		return false;	/* only this door's #DB comes by there */
	if (event == EVENT_DB)
		return true;
	if (boot_options.nmi_early && event != EVENT_NMI_IN_DB)
		return false;	/* no NMI can be latched: the handler opens the window first */
	/* Where NMIs were opened before, one inside that #DB could not be told from a first one. */
	if ((door->nmis > 1 || boot_options.nmi_early) && at == (uintptr_t)nmi_iret)
		return false;
	/* Any other event would bring an NMI inside its #DB, or at that one's IRETQ. */
	return !nmi_frame_is_only_copy(at);
}

/*
 * Between functions: NOPs of the assembler, INT3 of the linker; UD2 behind calls that do not
 * return.
 */
static bool is_filler(const uint8_t *at)
{
	if (at[0] == 0x66)
		at++;
	return at[0] == 0x90 || at[0] == 0xcc ||
	       (at[0] == 0x0f && (at[1] == 0x1f || at[1] == 0x0b));
}

const char *sweep_excuse(enum sweep_event event, uintptr_t at)
{
	uintptr_t offset;
	const char *name = symbol_lookup(at, &offset), *why = FIND(always, name);

	if (is_filler((const uint8_t *)at))
		return "filler";
	if (event != EVENT_DB && nmi_frame_is_only_copy(at))
		return "NMI-1: NMIs are blocked, the frame is the only copy";
	if (at == (uintptr_t)entry_NMI && !cpu_has(FEATURE_TCG))
		return "not every emulator sees a breakpoint right behind an NMI";
	if (!why)
		why = cpu_has(FEATURE_FSGSBASE) ? FIND(with_fsgsbase, name) :
						  FIND(without_fsgsbase, name);
	if (!why)
		why = boot_options.nmi_early ? FIND(with_window, name) : FIND(without_window, name);
	if (!why && !sweep_sysenter_open())
		why = FIND(without_sysenter, name);
	if (!why && !sweep_syscall32_open())
		why = FIND(without_syscall32, name);
	if (!why && !sweep_syscall32_open() && !sweep_sysenter_open())
		why = FIND(without_fast_32, name);
	if (!why && !cpu_has(FEATURE_TCG))
		why = FIND(without_tcg, name);
	return why;
}
#endif
