/* SPDX-License-Identifier: MIT */
/*
 * S_IF* and friends.  <linux/stat.h> hides them from programs of glibc, and <sys/queue.h>
 * makes us look like one.
 */
#pragma once

#pragma push_macro("__GLIBC__")
#undef __GLIBC__
#include <linux/stat.h>
#pragma pop_macro("__GLIBC__")
