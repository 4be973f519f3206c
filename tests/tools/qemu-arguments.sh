#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Parts of run-qemu.sh, which sources this: what it has been told, as QEMU's arguments in $qemu.
# shellcheck disable=SC2154,SC2054 # the variables are run-qemu.sh's; commas inside QEMU's arguments

# GRUB's image: the one that "make iso" makes, or one of our own for another command line.
grub_image() {
	image=$build/paranoid.iso
	if [ -n "$append$gfx" ] || [ "$initrd" != "$build/initramfs.cpio" ] ||
		[ "$kernel" != "$build/paranoid.elf" ]; then
		image=$work/boot.iso
		GFXPAYLOAD=$gfx "$here/boot/mkiso.sh" "$image" "$kernel" "$initrd" "$append" ||
			die "could not make the boot image"
	fi
	[ -r "$image" ] || die "no $image: run 'make iso'"
}

boot_arguments() {
	if [ "$boot" = direct ]; then
		qemu+=(-machine "${machine:-pc}" -kernel "$kernel" -append "${append# }")
		[ "$initrd" = none ] || qemu+=(-initrd "$initrd")
		return
	fi
	grub_image
	if [ "$boot" = uefi ]; then
		local ovmf=/usr/share/OVMF
		[ -r $ovmf/OVMF_CODE_4M.fd ] || die "no OVMF: run 'make setup'"
		cp $ovmf/OVMF_VARS_4M.fd "$work/vars.fd"
		qemu+=(-machine "${machine:=q35}" -drive if=pflash,format=raw,readonly=on,file="$ovmf/OVMF_CODE_4M.fd"
			-drive "if=pflash,format=raw,file=${work//,/,,}/vars.fd")
	else
		qemu+=(-machine "${machine:=pc}")
	fi
	: "${vga:=std}"
	qemu+=(-drive "if=none,id=image,format=raw,readonly=on,file=${image//,/,,}")
	case $machine-$media in
	pc- | pc-cd) qemu+=(-device ide-cd,drive=image,bus=ide.1,bootindex=0) ;;
	q35- | q35-cd) qemu+=(-device ide-cd,drive=image,bootindex=0) ;;
	*) qemu+=(-device qemu-xhci -device usb-storage,drive=image,removable=on,bootindex=0) ;;
	esac
}

video_arguments() {
	case ${vga:-none} in
	none | std) qemu+=(-vga "${vga:-none}") ;;
	bochs) qemu+=(-vga none -device bochs-display) ;;
	ramfb) qemu+=(-vga none -device ramfb) ;;
	virtio) qemu+=(-vga virtio) ;;
	esac
}

console_arguments() {
	local stdio=stdio,id=console,signal=off file=${log//,/,,}
	[ -n "$serial" ] || return 0
	[ ! -t 0 ] || stdio+=,mux=on
	if [[ " $append " = *" log=com2 "* ]]; then
		qemu+=(-chardev "$stdio" -serial chardev:console -serial "file:$file")
	else
		qemu+=(-chardev "$stdio,logfile=$file" -serial chardev:console)
	fi
	[ ! -t 0 ] || qemu+=(-mon chardev=console)
}

end_arguments() {
	if [ -n "$stay" ]; then
		qemu+=(-no-shutdown)
	else
		qemu+=(-device isa-debug-exit,iobase=0xf4,iosize=4)
	fi
}
