#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Boots the kernel in QEMU, or runs one static Linux program in it: see --help.
# shellcheck disable=SC2054 # commas inside QEMU's arguments
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${BUILD:-$here/build}

usage() {
	cat <<'HELP'
run-qemu.sh [options]                       boot; init runs every test and powers off
run-qemu.sh [options] -- PROGRAM [ARGS...]  run a static Linux program of this host as the only job

Machine
  --accel auto|kvm|tcg   auto (default): KVM if a tiny trial guest runs there, else TCG
  --cpu MODEL            QEMU CPU model (default: max under TCG, host under KVM)
  --cpus N               number of CPUs (default 2)
  --mem MIB              memory (default 256)
  --icount               one tick of guest time is one instruction: exact and repeatable (TCG)
  --one-thread           one host thread runs all CPUs in turn (TCG)
  --machine pc|q35       default pc, under UEFI q35
  --vga none|std|bochs|ramfb|virtio
                         the video card (default std; none with --boot direct)
  --no-serial            the machine has no serial ports
  --stay                 the machine stays when it ends, halted or switched off, until QEMU is told to quit
  --qemu ARG             one more QEMU argument; may be repeated

Boot
  --boot direct|bios|uefi  PVH by QEMU itself (default), or GRUB under SeaBIOS or OVMF
  --media cd|usb           how GRUB's image is attached (default cd)
  --gfx text|WxHxBITS      the video mode that GRUB sets for the kernel (default: its choice)
  --append WORDS           kernel command line (docs/ABI.md lists the options)
  --kernel FILE            default build/paranoid.elf
  --initrd FILE|none       default build/initramfs.cpio
  --gdb[=PORT|SOCKET]      stop before the first instruction and wait for gdb (default port 1234)

Job
  --add HOST[:GUEST]     put a file or folder of the host into the guest (default /NAME); repeatable
  --shell                job: an interactive busybox shell
  --log FILE             keep the kernel's messages (a job's output never contains them)
  --timeout SEC          give up after SEC seconds (default 600; none with a terminal or gdb)

The console is the standard streams.  If standard input is not a terminal, the job's terminal gets
its text and then end-of-file.  At a terminal, Ctrl-A X ends QEMU.

Exit status: that of the job (128+signal if killed), or of init: 0 if no test failed; and
  250 kernel panic   251 time is up (hang)   252 reset, triple fault or QEMU was told to quit
  253 the boot was refused: bad boot data, too little memory ...   254 wrong usage, or QEMU failed
A job may end with one of these numbers itself: then the last line on standard error says so.
HELP
}

readonly PANIC=250 HANG=251 RESET=252 REFUSED=253 TROUBLE=254

say() { echo "run-qemu.sh: $*" >&2; }
die() { say "$*"; exit $TROUBLE; }

accel=auto cpu='' cpus=2 mem=256 machine='' vga='' stay='' serial=1 gfx='' icount='' one_thread='' boot=direct media='' append='' gdb='' log='' timeout=''
kernel=$build/paranoid.elf initrd=$build/initramfs.cpio shell='' has_job=''
extra=() adds=() job=()

# Takes the options; what follows "--" is the job.
parse() {
	while [ $# -gt 0 ]; do
		case $1 in
		--*=*) set -- "${1%%=*}" "=${1#*=}" "${@:2}" ;;
		esac
		case $1 in
		-h | --help) usage; exit 0 ;;
		--icount) icount=1; shift; continue ;;
		--one-thread) one_thread=1; shift; continue ;;
		--stay) stay=1; shift; continue ;;
		--no-serial) serial=''; shift; continue ;;
		--shell) shell=1; shift; continue ;;
		--gdb)
			gdb=1234
			case ${2-} in =*) gdb=${2#=}; shift ;; esac
			shift; continue ;;
		--) shift; job=("$@"); [ $# -gt 0 ] || die "no program after --"; return ;;
		esac
		[ $# -ge 2 ] || die "unknown option, or value missing: $1 (see --help)"
		local value=${2#=}
		case $1 in
		--accel) accel=$value ;;
		--cpu) cpu=$value ;;
		--cpus) cpus=$value ;;
		--mem) mem=$value ;;
		--machine) machine=$value ;;
		--vga) vga=$value ;;
		--gfx) gfx=$value ;;
		--boot) boot=$value ;;
		--media) media=$value ;;
		--append) append+=" $value" ;;
		--kernel) kernel=$value ;;
		--initrd) initrd=$value ;;
		--log) log=$value ;;
		--timeout) timeout=$value ;;
		--add) adds+=("$value") ;;
		--qemu) extra+=("$value") ;;
		*) die "unknown option: $1 (see --help)" ;;
		esac
		shift 2
	done
}

check() {
	case $accel in auto | kvm | tcg) ;; *) die "--accel: auto, kvm or tcg" ;; esac
	case $boot in direct | bios | uefi) ;; *) die "--boot: direct, bios or uefi" ;; esac
	case $media in '' | cd | usb) ;; *) die "--media: cd or usb" ;; esac
	[ "$boot" != direct ] || [ -z "$media$gfx" ] || die "--media and --gfx are GRUB's: with --boot bios or uefi"
	[[ -z $gfx || $gfx =~ ^(text|[0-9]+x[0-9]+x[0-9]+)$ ]] || die "--gfx: text or WxHxBITS"
	case $machine in '' | pc | q35) ;; *) die "--machine: pc or q35" ;; esac
	case $vga in '' | none | std | bochs | ramfb | virtio) ;; *) die "--vga: none, std, bochs, ramfb or virtio" ;; esac
	[[ $cpus =~ ^[1-9][0-9]*$ && $mem =~ ^[1-9][0-9]*$ ]] || die "--cpus and --mem take a number from 1 on"
	[[ ${timeout:-0} =~ ^[0-9]+$ ]] || die "--timeout takes a number of seconds"
	command -v qemu-system-x86_64 >/dev/null || die "no qemu-system-x86_64: run 'make setup'"
	[ -r "$kernel" ] || die "no $kernel: run 'make'"
	[ "$initrd" = none ] || [ -r "$initrd" ] || die "no $initrd: run 'make'"
	if [ -n "$shell" ]; then
		[ ${#job[@]} -eq 0 ] || die "--shell and a program exclude each other"
		[ -r "$build/shell.cpio" ] || die "no $build/shell.cpio: run 'make'"
	elif [ ${#job[@]} -eq 0 ]; then
		[ ${#adds[@]} -eq 0 ] || die "--add needs a program or --shell"
		return
	fi
	[ "$initrd" != none ] || die "a job needs an initramfs"
	has_job=1
}

# Puts the job's program, its arguments and what --add names into the archive items.
job_items() {
	local program name
	program=$(command -v -- "${job[0]}") || die "no such program: ${job[0]}"
	name=$(basename "$program")
	if readelf -lW "$program" 2>/dev/null | grep -q INTERP; then
		die "$program is dynamically linked; the guest runs static programs"
	fi
	printf '%s\0' "/bin/$name" "${job[@]:1}" >"$work/job"
	items+=("$program:/bin/$name" "$work/job:/run/job")
}

# The initramfs with one more archive behind it.
add_job() {
	local item items=()
	[ -n "$shell" ] || job_items
	for item in ${adds+"${adds[@]}"}; do
		case $item in *:*) ;; *) item=$item:/$(basename "$item") ;; esac
		[ -e "${item%:*}" ] || die "--add: no such file: ${item%:*}"
		items+=("$item")
	done
	python3 "$here/user/mkcpio.py" "$work/job.cpio" ${items+"${items[@]}"} ||
		die "could not make the archive"
	cat "$initrd" ${shell:+"$build/shell.cpio"} "$work/job.cpio" >"$work/initrd"
	initrd=$work/initrd
	append+=" log=com2"
	[ -t 0 ] && [ -t 1 ] || append+=" console=raw"
	append+=" -- ${shell:+shell}${job:+job}"
}

# Runs QEMU and leaves its status in $status.
run() {
	local limit=()
	: 2>/dev/null >"$log" || die "--log: cannot write $log"
	[ -n "$timeout" ] || [ -n "$gdb" ] || [ -t 0 ] || timeout=600
	[ "${timeout:-0}" -eq 0 ] || limit=(timeout --foreground -k 2 "$timeout")
	if [ -t 0 ]; then
		exec 3<&0
	elif [ -n "$has_job" ]; then
		exec 4<&0 3< <(exec "$here/tests/tools/feed.sh" "$log" <&4)
		feeder=$!
	else
		exec 3</dev/null
	fi
	exec 5>&2
	[ "$accel" != kvm ] || exec 5>"$work/errors"
	${limit[@]+"${limit[@]}"} "${qemu[@]}" <&3 2>&5 &
	child=$!
	exec 3<&- 5>&-
	[ "$accel" != kvm ] || end_at_kvm_error $child &
	status=0
	wait $child || status=$?
	[ "$accel" != kvm ] || cat "$work/errors" >&2
}

# QEMU's status to ours.
conclude() {
	local text
	! grep -qs "$kvm_error" "$work/errors" || die "$kvm_error: this host's KVM failed, not the guest"
	case $status in
	65) # values of isa-debug-exit stand in kernel/debug/machine_end.h
		text=$(tr -d '\r' <"$log" | sed -n 's/.*power off, status \([0-9]*\).*/\1/p' | tail -n 1)
		[ -n "$text" ] || die "powered off without a status"
		[ "$text" -lt $PANIC ] || say "the job itself ended with status $text"
		exit "$text" ;;
	67) text="kernel panic" status=$PANIC ;;
	69) text="the boot was refused" status=$REFUSED ;;
	0) text="the machine was reset without a power off (triple fault?), or QEMU was told to quit" status=$RESET ;;
	124 | 137) text="time is up after $timeout s" status=$HANG ;;
	*) die "QEMU failed with status $status" ;;
	esac
	if [ -n "$has_job" ] && [ -z "$keep_log" ]; then
		tail -n 60 "$log" >&2
	fi
	say "$text${keep_log:+; log: $log}"
	exit $status
}

parse "$@"
check
work=$(mktemp -d "${TMPDIR:-/tmp}/run-qemu.XXXXXX")
child='' feeder='' terminal=''
[ ! -t 0 ] || terminal=$(stty -g)
# shellcheck disable=SC2154
trap '[ -z "$feeder" ] || kill "$feeder" 2>/dev/null || true; rm -rf "$work"; [ -z "$terminal" ] || stty "$terminal"' EXIT
# The newest of the two may not have its variable yet.
trap 'kill $feeder $child ${!-} 2>/dev/null || true; exit 130' INT TERM HUP
keep_log=$log
: "${log:=$work/log}"

# shellcheck source=tests/tools/qemu-arguments.sh
source "$here/tests/tools/qemu-arguments.sh"
# shellcheck source=tests/tools/accel.sh
source "$here/tests/tools/accel.sh"
choose_accel
[ -z "$has_job" ] || add_job
qemu=(qemu-system-x86_64 -accel "$accel${one_thread:+,thread=single}" -cpu "$cpu" -smp "$cpus" -m "$mem" -nodefaults -display none
	-no-reboot)
end_arguments
boot_arguments
video_arguments
console_arguments
[ -z "$icount" ] || qemu+=(-icount shift=0,sleep=off)
if [ -n "$gdb" ]; then
	case $gdb in
	*/*) qemu+=(-S -chardev "socket,id=gdb,path=$gdb,server=on,wait=off" -gdb chardev:gdb) ;;
	*) qemu+=(-S -gdb "tcp:127.0.0.1:$gdb"); say "waiting for gdb: target remote :$gdb" ;;
	esac
fi
qemu+=(${extra+"${extra[@]}"})
run
conclude
