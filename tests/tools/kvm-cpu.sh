#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# kvm-cpu.sh BUILD: the -cpu model with which this host's KVM runs a guest, nothing if none.
#
# A /dev/kvm that exists may not virtualise, so a guest of a few instructions is run there.  A model that
# works is kept in BUILD/kvm-cpu for this boot of the host and this QEMU; a failure is not kept, for the
# host may just have been slow.  BUILD/kvm-cpu.log has QEMU's words.
set -euo pipefail
build=$1

qemu=$(command -v qemu-system-x86_64)
key="$(cat /proc/sys/kernel/random/boot_id) $(stat -L -c '%n %s %Y' "$qemu")"
if [ "$(head -n 1 "$build/kvm-cpu" 2>/dev/null)" = "$key" ]; then
	sed -n 2p "$build/kvm-cpu"
	exit 0
fi

log=$(mktemp)
keep_log() { mv -f "$log" "$build/kvm-cpu.log" 2>/dev/null || rm -f "$log"; }
trap keep_log EXIT

# QEMU stays after an internal error of KVM.
try() {
	timeout -k 1 "${KVM_TRIAL:-10}" "$qemu" -accel kvm -cpu "$1" -m 128 -smp 2 -no-reboot -nodefaults -display none \
		-kernel "$build/kvm-probe.elf" -device isa-debug-exit,iobase=0xf4,iosize=4 </dev/null >>"$log" 2>&1 &
	local trial=$! status=0
	while kill -0 $trial 2>/dev/null && ! grep -q 'KVM internal error' "$log"; do
		sleep 0.05
	done
	kill $trial 2>/dev/null || true
	wait $trial || status=$?
	[ $status -eq 65 ]
}

for model in host host,-arch-capabilities; do
	: >"$log"
	if try $model; then
		printf '%s\n%s\n' "$key" $model >"$build/kvm-cpu" || true
		echo $model
		break
	fi
done
