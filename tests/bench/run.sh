#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# run.sh [--append WORD]... [bench arguments]: the microbenchmarks in this kernel, 64 and 32 bit, as
# "name value unit" lines.  One tick is one guest instruction; without ERMS and FSRM, so that
# REP MOVS counts alike in every kernel that is compared.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${BUILD:-$here/../../build}
words=quiet
while [ "${1-}" = --append ]; do
	words="$words ${2?--append needs a word}"
	shift 2
done

# init ends with a restart, which run-qemu.sh reports as 252.
status=0
"$here/../../run-qemu.sh" --accel tcg --cpus 1 --mem 256 --icount --cpu max,-erms,-fsrm \
	--qemu -seed --qemu 1 --qemu -rtc --qemu base=2024-01-01,clock=vm \
	--initrd "$build/bench.cpio" --append "$words init=/init -- bench $*" \
	</dev/null 2>"$build/bench.err" | tee "$build/bench.out" | tr -d '\r' || status=$?
if ! grep -q '^# restart' "$build/bench.out"; then
	cat "$build/bench.err" >&2
	echo "bench: the machine ended too early (status $status)" >&2
	exit 1
fi
