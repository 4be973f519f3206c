#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# debug.sh KERNEL: QEMU stopped before the first instruction, and gdb attached to it by a socket
# of this run's own.  The console goes to build/debug.out.  DEBUG_ARGS: options of run-qemu.sh,
# GDB_ARGS: of gdb, both with quotes where one has several words.  RECORD=1: a machine that can be
# put back ("make rr").
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
kernel=$1 out=${BUILD:-build}/debug.out

work=$(mktemp -d "${TMPDIR:-/tmp}/debug.XXXXXX")
machine=''
trap '[ -z "$machine" ] || kill "$machine" 2>/dev/null || true; rm -rf "$work"' EXIT

options=() gdb_options=()
# shellcheck disable=SC2054 # commas inside QEMU's arguments
if [ -n "${RECORD-}" ]; then # for paranoid record: the same run each time, a disk for snapshots
	command -v qemu-img >/dev/null || {
		echo "no qemu-img: run 'make setup'" >&2
		exit 1
	}
	export RECORD=$work # the commands' files lie there, too
	qemu-img create -q -f qcow2 "$work/past" 1M
	options=(--mem 32 --icount --cpu max,-rdrand,-rdseed
		--qemu -rtc --qemu base=2000-01-01,clock=vm
		--qemu -drive --qemu "if=none,format=qcow2,cache=unsafe,file=$work/past")
fi
eval "options+=(${DEBUG_ARGS-})"
eval "gdb_options+=(${GDB_ARGS-})"
# In a session of its own, or Ctrl-C in gdb would end it.
setsid "$here/../../run-qemu.sh" --accel tcg --cpus 1 --gdb="$work/gdb" --log "$work/log" \
	"${options[@]}" </dev/null >"$out" 2>&1 &
machine=$!
until [ -S "$work/gdb" ]; do
	if ! kill -0 "$machine" 2>/dev/null; then
		cat "$out" >&2
		echo "QEMU has ended before gdb could attach to it." >&2
		exit 1
	fi
	sleep 0.1
done
echo "The console's output goes to $out; \"console\" in gdb shows it."

set -m # gdb gets the terminal for itself: Ctrl-C must not reach make
# The timeout is in force before gdb attaches: a busy host may answer late.
gdb -q -iex "add-auto-load-safe-path $(dirname "$kernel")" -iex "set remotetimeout 120" \
	-ex "target remote $work/gdb" -x "$here/paranoid.gdb" "${gdb_options[@]}" "$kernel"
