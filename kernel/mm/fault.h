/* SPDX-License-Identifier: MIT */
/* The inner half of mm_fault, for those who hold mm->lock already. */
#pragma once

#include "kernel/mm/mm.h"

/* On success the page of addr is present with the rights that access needs. */
struct fault_result fault_locked(struct mm *mm, uintptr_t addr, unsigned access);
