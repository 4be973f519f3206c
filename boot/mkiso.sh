#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# mkiso.sh IMAGE KERNEL INITRD|none [COMMAND-LINE]
#
# One hybrid image that boots as CD and as USB stick, under BIOS and under UEFI.  With a
# command line the menu is a single entry that boots at once, with GRUB's gfxpayload=$GFXPAYLOAD (a
# video mode, or "text") if that is set; else it is boot/grub.cfg, and $SHELL_CPIO goes along.
# $FIRMWARE is a directory for tests: its grub.cfg does before the kernel what some firmware does,
# with GRUB's wrmsr and memrw, under BIOS.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
image=$1 kernel=$2 initrd=$3

work=$(mktemp -d "${TMPDIR:-/tmp}/mkiso.XXXXXX")
trap 'rm -rf "$work"' EXIT
tree=$work/tree
mkdir -p "$tree/boot/grub"
# Without symbols: GRUB would load them for the kernel, which carries its own.
"${OBJCOPY:-objcopy}" --strip-all --remove-section=.eh_frame "$kernel" "$tree/boot/paranoid.elf"
[ "$initrd" = none ] || cp "$initrd" "$tree/boot/initramfs.cpio"

if [ $# -lt 4 ]; then
	cp "$here/grub.cfg" "$tree/boot/grub/grub.cfg"
	cp "$SHELL_CPIO" "$tree/boot/shell.cpio"	# one of the menu's entries wants it
else
	{
		sed '/^# menu/,$d' "$here/grub.cfg"
		echo "set timeout=0"
		echo "menuentry job {"
		[ -z "${FIRMWARE-}" ] || cat "$FIRMWARE/grub.cfg"
		echo "	multiboot2 /boot/paranoid.elf $4"
		# Behind it: the command sets the variable to what the kernel's header asks for.
		[ -z "${GFXPAYLOAD-}" ] || echo "	set gfxpayload=$GFXPAYLOAD"
		[ "$initrd" = none ] || echo "	module2 /boot/initramfs.cpio"
		echo "}"
	} >"$tree/boot/grub/grub.cfg"
fi

# Only the modules that the boot needs: half the size, and a faster start.  UEFI video goes in by
# hand, because the list must name nothing that one of the two platforms lacks.
# GRUB looks for every partition map there is and complains about each one missing.
modules="normal multiboot2 iso9660 video test part_acorn part_amiga part_apple part_bsd part_dfly
	part_dvh part_gpt part_msdos part_plan part_sun part_sunpc"
if [ -n "${FIRMWARE-}" ]; then
	mkdir "$tree/boot/grub/i386-pc"
	cp /usr/lib/grub/i386-pc/{extcmd,memrw,wrmsr}.mod "$tree/boot/grub/i386-pc"
fi
mkdir "$tree/boot/grub/x86_64-efi"
cp /usr/lib/grub/x86_64-efi/{efi_gop,video_fb}.mod "$tree/boot/grub/x86_64-efi"
if ! grub-mkrescue --output="$image" --fonts= --locales= --themes= \
	--install-modules="$modules" "$tree" >"$work/log" 2>&1; then
	cat "$work/log" >&2
	exit 1
fi
