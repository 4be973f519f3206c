#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Boots the kernel in Bochs, an interpreter that is stricter than QEMU's translator: see --help.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${BUILD:-$here/build}

usage() {
	cat <<'HELP'
run-bochs.sh [options] [WORDS...]    boot with these words on the kernel command line

  --cpu MODEL     Bochs's CPU model (default corei7_skylake_x; ryzen is an AMD; "bochs --help cpu")
  --kernel FILE   default build/paranoid.elf
  --timeout SEC   give up after SEC seconds (default 600)
  --log FILE      keep Bochs's own log

One CPU, GRUB from a CD, no user programs but init's.  What the kernel prints on COM1 comes out when
the machine has ended: Bochs writes the file then.

Exit status: that of init or of the kernel tests, 250 panic or refusal, 251 time is up,
252 triple fault, 254 wrong usage or Bochs failed.
HELP
}

die() { echo "run-bochs.sh: $*" >&2; exit 254; }

cpu=corei7_skylake_x kernel=$build/paranoid.elf timeout=600 log=''
while [ $# -gt 0 ]; do
	case $1 in
	-h | --help) usage; exit 0 ;;
	--cpu) cpu=${2-}; shift ;;
	--kernel) kernel=${2-}; shift ;;
	--timeout) timeout=${2-}; shift ;;
	--log) log=${2-}; shift ;;
	'-- '*) break ;; # init's arguments
	--*) die "unknown option: $1 (see --help)" ;;
	*) break ;;
	esac
	shift
done

bios=/usr/share/bochs/BIOS-bochs-legacy vga=/usr/share/vgabios/vgabios.bin
command -v bochs >/dev/null || die "no bochs: run 'make setup'"
[[ -r $bios && -r $vga ]] || die "no BIOS for Bochs: run 'make setup'"
[ -r "$kernel" ] || die "no $kernel: run 'make'"

work=$(mktemp -d "${TMPDIR:-/tmp}/run-bochs.XXXXXX")
trap 'rm -rf "$work"' EXIT
"$here/boot/mkiso.sh" "$work/boot.iso" "$kernel" "$build/initramfs.cpio" "$*" || die "no boot image"

# Debian's build has no display without a window but rfb; without timeout=0 it would wait for a client.
# BIOS-bochs-latest of Debian 12 lets GRUB jump to 0.  Time counts instructions: runs are identical.
cat >"$work/rc" <<CONFIG
display_library: rfb, options="timeout=0"
config_interface: textconfig
romimage: file=$bios
vgaromimage: file=$vga
cpu: model=$cpu, count=1, ips=50000000, reset_on_triple_fault=0
megs: 256
clock: sync=none, time0=1600000000
ata0-master: type=cdrom, path=$work/boot.iso, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev=$work/serial
log: $work/log
panic: action=fatal
CONFIG

# The BIOS has no ACPI, so nothing switches the machine off: a breakpoint of Bochs's own debugger ends
# it where the kernel does.  RDI is the status there.
address() { nm "$kernel" | sed -n "s/^\([0-9a-f]*\) [tT] $1\$/0x\1/p"; }
power_off=$(address machine_power_off) fail=$(address machine_fail)
printf 'lb %s\nlb %s\nc\nr\nq\n' "$power_off" "$fail" >"$work/commands"

status=0
timeout -k 5 "$timeout" bochs -q -f "$work/rc" <"$work/commands" >"$work/out" 2>&1 || status=$?
tr -d '\r' <"$work/serial" || true
[ -z "$log" ] || cat "$work/out" "$work/log" >"$log"
case $status in 124 | 137) exit 251 ;; esac
if grep -q 'exception(): 3rd' "$work/log"; then
	exit 252
fi
rip=$(sed -n 's/^rip: \([0-9a-f_]*\).*/\1/p' "$work/out" | tr -d _)
rdi=$(sed -n 's/.*rdi: \([0-9a-f_]*\).*/\1/p' "$work/out" | tr -d _)
case 0x$rip in
"$power_off") exit $((16#$rdi)) ;;
"$fail") exit 250 ;;
esac
tail -n 5 "$work/out" >&2
die "Bochs ended with status $status"
