/* SPDX-License-Identifier: MIT */
/*
 * The GDT.  Programs hard-code 0x23, 0x2b, 0x33 and the TLS selectors, and
 * SYSCALL/SYSRET demand this order (spec 6.1, 12.4).  Plain defines: NASM sees them too.
 */
#pragma once

#define GDT_KERNEL32_CS 1
#define GDT_KERNEL_CS   2
#define GDT_KERNEL_DS   3
#define GDT_USER32_CS   4
#define GDT_USER_DS     5
#define GDT_USER_CS     6
#define GDT_TSS         8	/* two slots */
#define GDT_LDT         10	/* two slots */
#define GDT_TLS         12	/* three slots */
#define GDT_TLS_COUNT   3
#define GDT_CPU_NUMBER  15
#define GDT_ENTRIES     16

#define SELECTOR_TI 4	/* the descriptor is in the LDT */

#define KERNEL_CS  0x10
#define KERNEL_DS  0x18
#define USER32_CS  0x23
#define USER_DS    0x2b
#define USER_CS    0x33
#define TSS_SEL    0x40
#define CPU_NUMBER_SEL 0x7b
