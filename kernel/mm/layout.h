/* SPDX-License-Identifier: MIT */
/* The one map of the 64-bit address space.  Plain defines: NASM and linker.ld agree with it. */
#pragma once

#define PAGE_SHIFT 12
#define PAGE_SIZE  4096
#define PAGE_MASK  (~0xffful)

/* User half.  The last page below 2^47 is never mappable (spec 6.9: SYSRET). */
#define TASK_SIZE_MAX  0x00007ffffffff000ul
#define TASK_SIZE_32   0xffffe000ul
#define MMAP_MIN_ADDR  0x10000ul

/* Kernel half. */
#define DIRECT_MAP_BASE  0xffff888000000000ul	/* all RAM, NX, 2 MiB or 1 GiB pages */
#define DIRECT_MAP_SIZE  0x0000400000000000ul	/* 64 TiB */
#define VMAP_BASE        0xffffc90000000000ul	/* stacks, big xstate, MMIO: 4 KiB pages, guards */
#define VMAP_SIZE        0x0000010000000000ul
#define CPU_AREA_BASE    0xfffffe0000000000ul	/* GDT, TSS, IST stacks of each CPU */
#define CPU_AREA_STRIDE  0x0000000000040000ul
#define ESPFIX_BASE      0xffffff0000000000ul	/* aliases of CPUs' pages (kernel/cpu/espfix.h) */
#define KERNEL_BASE      0xffffffff80000000ul	/* the image: virtual = physical + KERNEL_BASE */
#define KERNEL_PHYS      0x0000000000200000ul	/* where it is loaded */

/* Thread stacks in the vmap area. */
#define KERNEL_STACK_SIZE 16384
