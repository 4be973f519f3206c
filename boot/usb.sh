#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# usb.sh IMAGE          says how to write the image to a USB stick, and which disks could be meant
# usb.sh IMAGE DEVICE   checks that DEVICE is a whole, removable, unused disk; writes, compares
#
# SYSFS, MOUNTS and SWAPS replace /sys, /proc/mounts and /proc/swaps in tests.
set -euo pipefail
sysfs=${SYSFS:-/sys} mounts=${MOUNTS:-/proc/mounts} swaps=${SWAPS:-/proc/swaps}
image=$1 device=${2-}

refuse() {
	echo "usb.sh: $device: $*; nothing was written" >&2
	exit 1
}

attribute() { cat "$sysfs/block/$1/$2" 2>/dev/null || true; }

# A stick says that it is removable; a USB disk does not, but hangs on that bus.
is_removable() {
	[ "$(attribute "$1" removable)" = 1 ] && return
	case $(readlink -f "$sysfs/block/$1") in */usb[0-9]*) return 0 ;; esac
	return 1
}

# The second word of table $2's lines about disk $1 or its partitions: of mounts, mount points.
lines_about() {
	awk -v disk="$1" '{
		if (substr($1, 1, length(disk)) == disk &&
		    substr($1, length(disk) + 1) ~ /^(p?[0-9]+)?$/)
			print $2
	}' "$2"
}

# What is built on it or on its partitions: LUKS, LVM, RAID.  The table of mounts has no disk then.
holders() {
	compgen -G "$sysfs/block/$1/holders/*" || true
	compgen -G "$sysfs/block/$1/$1*/holders/*" || true
}

check() {
	local name path size
	[ -e "$device" ] || refuse "does not exist"
	path=$(readlink -f "$device")
	name=$(basename "$path")
	[ ! -e "$sysfs/class/block/$name/partition" ] ||
		refuse "is a partition, the whole disk is needed"
	[ -d "$sysfs/block/$name" ] || refuse "is no disk"
	is_removable "$name" || refuse "is not removable and not on USB"
	[ "$(attribute "$name" ro)" != 1 ] || refuse "is write-protected"
	# An error in $((...)) would end this function only, and the script would go on and write.
	size=$(attribute "$name" size)
	[[ $size =~ ^[0-9]+$ ]] || refuse "has no size"
	[ $((size * 512)) -ge "$(stat -c %s "$image")" ] || refuse "is too small"
	[ -z "$(lines_about "$path" "$mounts")" ] ||
		refuse "is mounted: $(lines_about "$path" "$mounts" | paste -sd ' ')"
	[ -z "$(lines_about "$path" "$swaps")" ] || refuse "has swap space in use"
	[ -z "$(holders "$name")" ] || refuse "is in use: $(holders "$name" | paste -sd ' ')"
}

explain() {
	local disk name size found=''
	echo "$image ($(stat -c %s "$image") bytes) boots from CD and USB stick, BIOS and UEFI."
	echo "To write it, as root (everything on the stick is lost):"
	echo "    make usb DEVICE=/dev/NAME     refuses a disk that is not removable or is in use"
	echo "Disks here that could be meant:"
	for disk in "$sysfs"/block/*; do
		name=$(basename "$disk")
		case $name in loop* | ram* | zram* | sr* | fd* | dm-* | md*) continue ;; esac
		is_removable "$name" || continue
		found=1 size=$(attribute "$name" size)
		echo "    /dev/$name  $(attribute "$name" device/vendor)" \
			"$(attribute "$name" device/model) $((${size:-0} / 2048)) MiB"
	done
	[ -n "$found" ] || echo "    none"
}

if [ -z "$device" ]; then
	explain
	exit
fi
check
echo "writing $image to $device"
dd if="$image" of="$device" bs=1M conv=fsync,notrunc status=none
cmp -n "$(stat -c %s "$image")" "$image" "$device"
echo "written and compared"
