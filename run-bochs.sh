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
  --cpus N        default 1
  --firmware DIR  what firmware does differently: see boot/mkiso.sh
  --kernel FILE   default build/paranoid.elf
  --timeout SEC   give up after SEC seconds (default 600)
  --log FILE      keep Bochs's own log

GRUB from a CD, no user programs but init's.  There are no ACPI tables but those of --firmware: the
kernel finds one CPU without.  What it prints on COM1 comes out when the machine has ended: Bochs
writes the file then.

Exit status: that of init or of the kernel tests, 250 panic or refusal, 251 time is up,
252 triple fault, 254 wrong usage or Bochs failed.
HELP
}

die() { echo "run-bochs.sh: $*" >&2; exit 254; }

cpu=corei7_skylake_x cpus=1 kernel=$build/paranoid.elf timeout=600 log=''
while [ $# -gt 0 ]; do
	case $1 in
	'-- '*) ;;
	--*=*) set -- "${1%%=*}" "${1#*=}" "${@:2}" ;;
	esac
	case $1 in
	-h | --help) usage; exit 0 ;;
	-- | '-- '* | [!-]*) break ;; # init's arguments, words for the kernel
	esac
	[ $# -ge 2 ] || die "unknown option, or value missing: $1 (see --help)"
	case $1 in
	--cpu) cpu=$2 ;;
	--cpus) cpus=$2 ;;
	--firmware) export FIRMWARE=$2 ;;
	--kernel) kernel=$2 ;;
	--timeout) timeout=$2 ;;
	--log) log=$2 ;;
	*) die "unknown option: $1 (see --help)" ;;
	esac
	shift 2
done
[[ $cpus =~ ^[1-9][0-9]*$ && $timeout =~ ^[1-9][0-9]*$ ]] || die "--cpus and --timeout take a number from 1 on"
[ -z "$log" ] || : 2>/dev/null >"$log" || die "--log: cannot write $log"

bios=/usr/share/bochs/BIOS-bochs-legacy vga=/usr/share/vgabios/vgabios.bin
command -v bochs >/dev/null || die "no bochs: run 'make setup'"
[[ -r $bios && -r $vga ]] || die "no BIOS for Bochs: run 'make setup'"
[ -r "$kernel" ] || die "no $kernel: run 'make'"

work=$(mktemp -d "${TMPDIR:-/tmp}/run-bochs.XXXXXX")
child=''
trap 'rm -rf "$work"' EXIT
trap 'kill $child ${!-} 2>/dev/null || true; exit 130' INT TERM HUP
"$here/boot/mkiso.sh" "$work/boot.iso" "$kernel" "$build/initramfs.cpio" "$*" || die "no boot image"

# Debian's build has no display without a window but rfb, which would wait without timeout=0.
# BIOS-bochs-latest of Debian 12 lets GRUB jump to 0.  Time counts instructions: runs are identical.
cat >"$work/rc" <<CONFIG
display_library: rfb, options="timeout=0"
config_interface: textconfig
romimage: file=$bios
vgaromimage: file=$vga
cpu: model=$cpu, count=$cpus, ips=50000000, reset_on_triple_fault=0
megs: 256
clock: sync=none, time0=1600000000
ata0-master: type=cdrom, path=$work/boot.iso, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev=$work/serial
log: $work/log
panic: action=fatal
CONFIG

# The BIOS has no ACPI, so nothing switches the machine off: a breakpoint of Bochs's own debugger
# ends it where the kernel does.  RDI is the status there, and one instruction later.  With several
# CPUs Bochs looks for no breakpoint at the first instruction of a CPU's turn.
address() {
	objdump -d --no-show-raw-insn --disassemble="$1" "$kernel" |
		awk -F: '/^ *[0-9a-f]+:/ && n++ < 2 { gsub(/ /, "", $1); print "0x" $1 }'
}
power_off=$(address machine_power_off) fail=$(address machine_fail)
[[ -n $power_off && -n $fail ]] || die "$kernel has no symbols machine_power_off and machine_fail: is it the kernel?"
# shellcheck disable=SC2086,SC2016 # each is several addresses; $cpu is the debugger's
{
	printf '%s\n%s\n' "$power_off" "$fail" | sed 's/^/lb /'
	echo c
	for ((i = 0; i < cpus; i++)); do printf "set \$cpu = %s\nr\n" "$i"; done
	echo q
} >"$work/commands"

status=0
# Bochs sometimes crashes on its way out, after all that is asked below: bash would tell.
{
	timeout --foreground -k 5 "$timeout" bochs -q -f "$work/rc" <"$work/commands" >"$work/out" 2>&1 &
	child=$!
	wait $child || status=$?
} 2>/dev/null
if [ -e "$work/serial" ]; then
	tr -d '\r' <"$work/serial"
elif [ $status -ne 124 ]; then
	grep -h -A 2 '>>PANIC<<' "$work/out" >&2 || tail -n 20 "$work/out" >&2
	die "Bochs did not start"
fi
[ -z "$log" ] || cat "$work/out" "$work/log" >"$log"
case $status in 124 | 137) exit 251 ;; esac
if grep -q 'exception(): 3rd' "$work/log"; then
	exit 252
fi
# RDI of the CPU whose RIP is one of these.
rdi_at() {
	tr -d _ <"$work/out" | awk -v places="$1" '
		/rdi: / { sub(/.*rdi: /, ""); rdi = $1 }
		/^rip: / && index(places, "0x" $2) { print rdi }'
}
rdi=$(rdi_at "$power_off")
[ -z "$rdi" ] || exit $((16#$rdi))
rdi=$(rdi_at "$fail")
[ -z "$rdi" ] || exit 250
tail -n 5 "$work/out" >&2
die "Bochs ended with status $status"
