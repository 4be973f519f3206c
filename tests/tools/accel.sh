#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Parts of run-qemu.sh, which sources this: KVM or TCG, into $accel and $cpu.
# shellcheck disable=SC2154 # the variables are run-qemu.sh's

kvm_error='KVM internal error'

# Only a host that cannot virtualise leads to TCG: a kernel that fails under KVM has to be seen.
choose_accel() {
	local kvm_cpu=host
	if [ -n "$icount$one_thread" ]; then
		[ "$accel" != kvm ] || die "--icount and --one-thread need TCG"
		accel=tcg
	fi
	if [ "$accel" = auto ]; then
		accel=tcg
		if [ ! -e /dev/kvm ]; then
			say "no KVM here; using TCG"
		elif [ ! -r /dev/kvm ] || [ ! -w /dev/kvm ]; then
			say "/dev/kvm: no permission (usermod -aG kvm $(id -un)); using TCG"
		elif [ ! -r "$build/kvm-probe.elf" ]; then
			die "no $build/kvm-probe.elf: run 'make'"
		else
			kvm_cpu=$("$here/tests/tools/kvm-cpu.sh" "$build") || kvm_cpu=''
			if [ -n "$kvm_cpu" ]; then
				accel=kvm
			else
				say "KVM cannot run a guest here (the reason: $build/kvm-cpu.log); using TCG"
			fi
		fi
	fi
	if [ "$accel" = kvm ]; then
		: "${cpu:=$kvm_cpu}"
	else
		: "${cpu:=max}"
	fi
}

# QEMU stays, paused, after an internal error of KVM, which is no hang of the guest.
end_at_kvm_error() {
	while kill -0 "$1" 2>/dev/null; do
		! grep -q "$kvm_error" "$work/errors" || kill "$1"
		sleep 0.2
	done
}
