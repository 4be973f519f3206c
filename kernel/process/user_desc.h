/* SPDX-License-Identifier: MIT */
/* Between struct user_desc of the system calls and the hardware's descriptors. */
#pragma once

#include <asm/ldt.h>
#include "kernel/lib/compiler.h"

/*
 * All fields 0 but read_exec_only and seg_not_present, which are 1: "no segment" as glibc writes
 * it.
 */
bool desc_empty(const struct user_desc *d);
/* All fields 0: the other way to write it, for set_thread_area. */
bool desc_zero(const struct user_desc *d);
/* A code or data segment of DPL 3, marked accessed: the tables are read-only to the CPU (GDT-1). */
uint64_t desc_encode(const struct user_desc *d);
struct user_desc desc_decode(unsigned entry, uint64_t descriptor);
