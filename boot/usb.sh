#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# usb.sh IMAGE          says how to write the image to a USB stick, and which disks could be meant
# usb.sh IMAGE DEVICE   checks that DEVICE is a whole, removable, unused disk; then writes and compares
#
# SYSFS and MOUNTS replace /sys and /proc/mounts in tests.
set -euo pipefail
sysfs=${SYSFS:-/sys} mounts=${MOUNTS:-/proc/mounts}
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

# Its mount points, or those of its partitions.
mounted() {
	awk -v disk="$1" '{
		if (substr($1, 1, length(disk)) == disk && substr($1, length(disk) + 1) ~ /^(p?[0-9]+)?$/)
			print $2
	}' "$mounts"
}

check() {
	local name
	[ -e "$device" ] || refuse "does not exist"
	name=$(basename "$(readlink -f "$device")")
	[ ! -e "$sysfs/class/block/$name/partition" ] || refuse "is a partition, the whole disk is needed"
	[ -d "$sysfs/block/$name" ] || refuse "is no disk"
	is_removable "$name" || refuse "is not removable and not on USB"
	[ "$(attribute "$name" ro)" != 1 ] || refuse "is write-protected"
	[ $(($(attribute "$name" size) * 512)) -ge "$(stat -c %s "$image")" ] || refuse "is too small"
	[ -z "$(mounted "$(readlink -f "$device")")" ] ||
		refuse "is mounted: $(mounted "$(readlink -f "$device")" | paste -sd ' ')"
}

explain() {
	local disk name found=''
	echo "$image boots from CD and from USB stick, under BIOS and UEFI ($(stat -c %s "$image") bytes)."
	echo "To write it, as root (everything on the stick is lost):"
	echo "    make usb DEVICE=/dev/NAME     checks first that NAME is a removable disk that nobody uses"
	echo "Disks here that could be meant:"
	for disk in "$sysfs"/block/*; do
		name=$(basename "$disk")
		case $name in loop* | ram* | zram* | sr* | fd* | dm-* | md*) continue ;; esac
		is_removable "$name" || continue
		found=1
		echo "    /dev/$name  $(attribute "$name" device/vendor) $(attribute "$name" device/model)" \
			"$(($(attribute "$name" size) / 2048)) MiB"
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
