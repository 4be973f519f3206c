/* SPDX-License-Identifier: MIT */
/*
 * System-call instructions on any stack and with any registers and flags (user/lib/doors64.asm,
 * doors32.asm).
 */
#pragma once

#include "user/lib/regs.h"

/*
 * Loads all of door_in, sp and flags too, executes the instruction and stores everything to
 * door_out.  Signal handlers in between need an alternate stack; one that wants to give up sets IP
 * to door_leave, and the function returns.
 */
extern struct regs door_in, door_out;
extern const char door_leave[];

/*
 * Places in the code: of the instruction; of the next one (for the fast doors, where the landing
 * pad's RET leads); of the one behind that, where TF traps after a door that returns by IRET.
 */
#define DOOR(name)                                                                                 \
	void name(void);                                                                           \
	extern const char name##_at[] __asm__(#name ".at"),                                        \
		name##_after[] __asm__(#name ".after"),                                            \
		name##_stepped[] __asm__(#name ".stepped")

DOOR(door_int80);
DOOR(door_syscall);
#ifndef __x86_64__
DOOR(door_sysenter);
DOOR(door_vdso);		/* CALL door_target: __kernel_vsyscall */
extern void *door_target;
#endif
