/* SPDX-License-Identifier: MIT */
/*
 * The choice goes by vendor and not by trying: QEMU's TCG runs SYSENTER and SYSCALL in
 * compatibility mode under every vendor's name, silicon does not (spec 10.2).
 */
#include "kernel/cpu/vsyscall.h"

#include "boot/cmdline.h"
#include "kernel/cpu/features.h"
#include "kernel/lib/string.h"

static const struct {
	char vendor[13];
	enum vsyscall flavour;
} vendors[] = {
	{ "GenuineIntel", VSYSCALL_SYSENTER },
	{ "CentaurHauls", VSYSCALL_SYSENTER },
	{ "  Shanghai  ", VSYSCALL_SYSENTER },	/* Zhaoxin */
	{ "AuthenticAMD", VSYSCALL_SYSCALL },
	{ "HygonGenuine", VSYSCALL_SYSCALL },
};

enum vsyscall vsyscall_of_vendor(const char *vendor_name)
{
	for (size_t i = 0; i < ARRAY_SIZE(vendors); i++)
		if (!strcmp(vendor_name, vendors[i].vendor))
			return vendors[i].flavour;
	return VSYSCALL_INT80;
}

enum vsyscall vsyscall_chosen(void)
{
	static const char *const names[] = {
		[VSYSCALL_SYSENTER] = "sysenter",
		[VSYSCALL_SYSCALL] = "syscall",
		[VSYSCALL_INT80] = "int80",
		[VSYSCALL_NONE] = "none",
	};

	for (unsigned i = 0; boot_options.vsyscall && i < ARRAY_SIZE(names); i++)
		if (!strcmp(boot_options.vsyscall, names[i]))
			return i;
	return vsyscall_of_vendor(cpu_info.vendor_name);
}
