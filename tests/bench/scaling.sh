#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# scaling.sh [CPUS...]: tests/programs/scaling.c with many threads, by default on 1, 2 and 4 CPUs.
# With one CPU a nanosecond is one instruction; with more, times are those of the host's emulator:
# compare lines of one number of CPUs, and only on a host that has nothing else to do.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$here/../..
export BUILD=${BUILD:-$root/build/release}

make -s -C "$root" DEBUG=0 BUILD="$BUILD" all "$BUILD/host/glibc64/scaling"

[ $# -gt 0 ] || set -- 1 2 4
for cpus in "$@"; do
	machine=(--accel tcg --cpus "$cpus")
	[ "$cpus" -gt 1 ] || machine+=(--icount)
	run() {
		"$root/run-qemu.sh" "${machine[@]}" -- "$BUILD/host/glibc64/scaling" "$@" </dev/null
	}
	for threads in 8 16 64 256; do run switch $threads 400; done
	for threads in 0 8 32; do run wake $threads 50; done
	for threads in 4 8 64 256; do run balance $threads 3000; done
done
