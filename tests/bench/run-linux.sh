#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# run-linux.sh [bench arguments]: the same programs on Debian's Linux kernel in the same QEMU.
# The kernel is fetched once by "apt-get download" into build/linux/.
# LINUX=FILE takes another kernel, APPEND="mitigations=off" adds to its command line.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${BUILD:-$here/../../build}
linux=${LINUX:-$build/linux/vmlinuz}

if [ ! -e "$linux" ]; then
	mkdir -p "$build/linux"
	package=$(apt-cache depends linux-image-amd64 | awk '/Depends: linux-image/ { print $2 }')
	[ -n "$package" ] || { echo "bench-linux: run 'apt-get update' first" >&2; exit 1; }
	(
		cd "$build/linux"
		apt-get -q download "$package"
		dpkg -x "$package"_*.deb deb
		cp deb/boot/vmlinuz-* vmlinuz
		rm -r deb "$package"_*.deb
	) >&2
fi

out=$build/bench-linux.out
timeout 900 qemu-system-x86_64 -accel tcg -cpu max,-erms,-fsrm -smp 1 -m 256 \
	-icount shift=0,sleep=off -seed 1 -rtc base=2024-01-01,clock=vm \
	-nodefaults -display none -serial stdio -no-reboot \
	-kernel "$linux" -initrd "$build/bench.cpio" \
	-append "console=ttyS0 quiet panic=-1 ${APPEND-} -- bench $*" </dev/null |
	tee "$out" | tr -d '\r'
grep -q '^# restart' "$out"
