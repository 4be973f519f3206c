#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# kvm-cpu.sh KERNEL BUILD: the -cpu model with which this host's KVM runs the kernel, nothing if none.
#
# A /dev/kvm that exists may not virtualise, so the kernel is booted for real, up to user mode
# and to its power off, within a few seconds.  The answer is kept in BUILD/kvm-cpu until the host
# is started anew: remove that file to try again.
set -euo pipefail
kernel=$1 build=$2

[ -r /dev/kvm ] && [ -w /dev/kvm ] && [ -r "$build/initramfs.cpio" ] || exit 0

key=$(cat /proc/sys/kernel/random/boot_id)
if [ "$(head -n 1 "$build/kvm-cpu" 2>/dev/null)" = "$key" ]; then
	sed -n 2p "$build/kvm-cpu"
	exit 0
fi

works=''
for model in host host,-arch-capabilities; do
	status=0
	timeout -k 1 3 qemu-system-x86_64 -accel kvm -cpu "$model" -m 128 -smp 2 -no-reboot \
		-nodefaults -display none -kernel "$kernel" -initrd "$build/initramfs.cpio" \
		-append "quiet -- true" -device isa-debug-exit,iobase=0xf4,iosize=4 \
		</dev/null >/dev/null 2>&1 || status=$?
	if [ $status -eq 65 ]; then
		works=$model
		break
	fi
done
printf '%s\n%s\n' "$key" "$works" >"$build/kvm-cpu" || true
echo "$works"
