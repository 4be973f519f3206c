/* SPDX-License-Identifier: MIT */
/* The few language helpers that the whole kernel shares. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* glibc and libbsd headers, where they come first, bring the same three. */
#undef __packed
#undef __aligned
#undef __always_inline
#define __packed      __attribute__((packed))
#define __aligned(n)  __attribute__((aligned(n)))
#define __noreturn    __attribute__((noreturn))
#define __format(f, a) __attribute__((format(printf, f, a)))
#define __section(s)  __attribute__((section(s), used))
#define __noinline    __attribute__((noinline))
#define __always_inline inline __attribute__((always_inline))

#define likely(x)     __builtin_expect(!!(x), 1)
#define unlikely(x)   __builtin_expect(!!(x), 0)
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define container_of(ptr, type, member) ((type *)((char *)(ptr) - offsetof(type, member)))
#define READ_ONCE(x)  (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))

#define ALIGN_DOWN(x, a) ((x) & ~((__typeof__(x))(a) - 1))
#define ALIGN_UP(x, a)   ALIGN_DOWN((x) + ((__typeof__(x))(a) - 1), a)
#define MIN(a, b) ({ __typeof__(a) a_ = (a); __typeof__(b) b_ = (b); a_ < b_ ? a_ : b_; })
#define MAX(a, b) ({ __typeof__(a) a_ = (a); __typeof__(b) b_ = (b); a_ > b_ ? a_ : b_; })

#define KIB(n) ((uint64_t)(n) << 10)
#define MIB(n) ((uint64_t)(n) << 20)
#define GIB(n) ((uint64_t)(n) << 30)

/*
 * Marks a pointer that came from user mode.  It is never dereferenced: only the
 * copy functions of kernel/mm/usercopy.h take it (and a static checker can tell).
 */
#define __user
