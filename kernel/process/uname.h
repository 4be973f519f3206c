/* SPDX-License-Identifier: MIT */
/*
 * What uname and /proc tell about this kernel.  Programs compare the release with the Linux
 * version whose calls they want.
 */
#pragma once

#define UNAME_SYSNAME "Linux"
#define UNAME_NODENAME "paranoid"
#define UNAME_RELEASE "6.1.0-paranoid"
#define UNAME_VERSION "#1 SMP"
#define UNAME_MACHINE "x86_64"
#define UNAME_DOMAINNAME "(none)"
