# SPDX-License-Identifier: MIT
#
# What a person types, and what runs on the host: boots, tests, benchmarks, reports.

PYTEST ?= pytest-3
H := $(BUILD)/host

.PHONY: all help setup doctor iso usb machines run shell debug rr test test-full sweep mutants test-programs bench \
        bench-this bench-linux trace \
        budget compile_commands.json clean

all: $(KERNEL) $(KERNEL)-gdb.py $(INITRAMFS) $(SHELL_CPIO) $(BUILD)/kvm-probe.elf ## the kernel, the user programs and the initramfs (default)

help: ## this text
	@echo "Targets:"
	@sed -n 's/^\([a-z_.-]*\):[^=].*## \(.*\)/  \1	\2/p' Makefile tests/host.mk labs/labs.mk | expand -t 26
	@echo "Variables: CC=clang|gcc  DEBUG=1|0  V=1 (show commands)  BUILD=build  WERROR=1|0"
	@echo "./run-qemu.sh --help tells how to boot it otherwise, or to run one program in it."

setup: ## install the Debian packages that are missing (sudo where not root)
	$(Q)tests/tools/doctor.sh --install

doctor: ## say which tools are missing, and the one line that installs them
	$(Q)tests/tools/doctor.sh

# ---------------------------------------------------------------- booting

ISO := $(BUILD)/paranoid.iso

$(ISO): $(KERNEL) $(INITRAMFS) $(SHELL_CPIO) boot/grub.cfg boot/mkiso.sh
	$(call say,ISO,$@)
	$(Q)OBJCOPY=$(OBJCOPY) SHELL_CPIO=$(SHELL_CPIO) boot/mkiso.sh $@ $(KERNEL) $(INITRAMFS)

iso: $(ISO) ## one image for CD and USB stick, BIOS and UEFI

usb: $(ISO) ## how to write the image to a USB stick; DEVICE=/dev/NAME checks and writes
	$(Q)boot/usb.sh $(ISO) $(DEVICE)

machines: all $(ISO) ## boot every shape of machine that QEMU and Bochs offer: the table of docs/HARDWARE.md
	$(Q)tests/machines.py --all

export BUILD := $(BUILD)

run: all $(ISO) ## boot the image in QEMU, run every test, power off; fails unless all is well
	$(Q)./run-qemu.sh --boot bios --cpus 2

shell: all ## boot to an interactive shell (Ctrl-A X ends QEMU)
	$(Q)./run-qemu.sh --shell

# gdb loads it with the kernel's symbols.
$(KERNEL)-gdb.py: tests/host.mk
	@mkdir -p $(@D)
	$(Q)printf 'import sys\nsys.path.insert(0, "%s")\nimport load\n' '$(CURDIR)/kernel/debug/gdb' >$@

debug: all ## QEMU stopped before the first instruction, gdb attached, with symbols
	$(Q)tests/tools/debug.sh $(KERNEL)

rr: all ## the same, and one can step backwards: paranoid record, paranoid back
	$(Q)RECORD=1 tests/tools/debug.sh $(KERNEL)

# ---------------------------------------------------------------- tests

# Pure C of the kernel that each host program is made of; "fuzz" programs take the same.
HOST_multiboot2 := boot/boot_info.c boot/multiboot2.c boot/multiboot2_fb.c boot/pvh.c
HOST_pvh        := $(HOST_multiboot2)
HOST_cmdline    := boot/cmdline.c
HOST_screen     := boot/screen.c boot/screen_ktap.c
HOST_acpi       := kernel/cpu/acpi_parse.c kernel/cpu/acpi_tables.c kernel/cpu/acpi_fadt.c
HOST_acpi_madt  := $(HOST_acpi)
HOST_keyboard   := boot/keyboard_keys.c
HOST_keyboard_controller := $(HOST_keyboard)
HOST_cpio       := kernel/fs/cpio.c
HOST_elf        := kernel/process/elf.c
HOST_tty_line   := kernel/fs/tty_line.c
HOST_entry_trace := kernel/debug/entry_trace_check.c
HOST_segment_plan :=
HOST_TESTS      := multiboot2 pvh cmdline screen acpi acpi_madt ipi apic_mode keyboard keyboard_controller serial cpio elf segment_plan tty_line entry_trace
# And what a program includes, to see its static parts.
INCLUDES_apic_mode := kernel/cpu/apic.c
INCLUDES_ipi := kernel/cpu/ipi.c
INCLUDES_keyboard_controller := boot/keyboard.c
INCLUDES_serial := boot/serial.c
FUZZ_acpi       := $(HOST_acpi)
FUZZ_multiboot2 := $(HOST_multiboot2)
FUZZ_pvh        := $(HOST_multiboot2)
FUZZ_cmdline    := $(HOST_cmdline)
FUZZ_cpio       := $(HOST_cpio)
FUZZ_elf        := $(HOST_elf)
FUZZ_TARGETS    := acpi multiboot2 pvh cmdline cpio elf

HOST_COMMON := tests/host/kernel_shim.c tests/host/arena.c
HOST_CFLAGS := -std=gnu11 -g -O1 $(WARN) -I. -fno-omit-frame-pointer \
        -fsanitize=address,undefined -fno-sanitize-recover=all

define HOST_RULE
$(H)/$(1): tests/host/$(1).c tests/host/main.c $(HOST_COMMON) $(HOST_$(1)) $(INCLUDES_$(1)) $(wildcard tests/host/*.h boot/*.h kernel/*/*.h sched/*.h)
	$$(call say,HOST,$$@)
	@mkdir -p $$(@D)
	$$(Q)clang $$(HOST_CFLAGS) -o $$@ $$(filter-out $(INCLUDES_$(1)),$$(filter %.c,$$^))
endef
$(foreach t,$(HOST_TESTS),$(eval $(call HOST_RULE,$(t))))

define FUZZ_RULE
$(H)/fuzz-$(1): tests/fuzz/$(1).c $(HOST_COMMON) $(FUZZ_$(1)) $(wildcard tests/host/*.h boot/*.h kernel/*/*.h)
	$$(call say,FUZZ,$$@)
	@mkdir -p $$(@D)
	$$(Q)clang $$(HOST_CFLAGS) -fsanitize=fuzzer -o $$@ $$(filter %.c,$$^)
endef
$(foreach t,$(FUZZ_TARGETS),$(eval $(call FUZZ_RULE,$(t))))

$(H)/compat_layout: tests/host/compat_layout.c kernel/process/compat.h
	$(call say,HOST,$@)
	@mkdir -p $(@D)
	$(Q)clang -m32 -std=gnu11 $(WARN) -I. -o $@ $<

# Guest programs that link a C library of the host, and the fake kernel that tests the runner.
GUEST_C := $(basename $(notdir $(wildcard tests/programs/*.c)))
# unwind.c needs a library whose dl_iterate_phdr() knows the vDSO: not musl, static.
GUEST_PROGRAMS := $(foreach p,$(GUEST_C),$(H)/glibc64/$(p) $(H)/glibc32/$(p)) \
        $(foreach p,$(filter-out unwind,$(GUEST_C)),$(H)/musl64/$(p))
GUEST_CFLAGS := -std=gnu11 -O2 -g $(WARN) -static -pthread
$(H)/glibc64/unwind $(H)/glibc32/unwind: tests/programs/unwind_call.h tests/programs/unwind_compare.h

$(H)/glibc64/%: tests/programs/%.c
	$(call say,GLIBC64,$@)
	@mkdir -p $(@D)
	$(Q)gcc -m64 $(GUEST_CFLAGS) -o $@ $<
$(H)/glibc32/%: tests/programs/%.c
	$(call say,GLIBC32,$@)
	@mkdir -p $(@D)
	$(Q)gcc -m32 $(GUEST_CFLAGS) -o $@ $<
$(H)/musl64/%: tests/programs/%.c
	$(call say,MUSL,$@)
	@mkdir -p $(@D)
	$(Q)musl-gcc $(GUEST_CFLAGS) -o $@ $<

# With addresses of their own: a breakpoint is an address, in whatever process.
$(H)/doors64 $(H)/doors32: $(H)/doors%: tests/programs/doors%.asm entry/cfi.inc
	$(call say,DOORS,$@)
	@mkdir -p $(@D)
	$(Q)$(NASM) -f elf$* -I. -o $@.o $<
	$(Q)$(OBJCOPY) -w -N '..@*' $@.o
	$(Q)$(LD) -m $(if $(filter 32,$*),elf_i386,elf_x86_64) -static --image-base=0x5$*00000 -o $@ $@.o

$(H)/stub.elf: tests/stub/stub.asm
	$(call say,STUB,$@)
	@mkdir -p $(@D)
	$(Q)$(NASM) -f elf64 -o $(H)/stub.o $<
	$(Q)$(LD) -m elf_x86_64 -static -e start --image-base=0x200000 -o $@ $(H)/stub.o

$(BUILD)/kvm-probe.elf: tests/stub/kvm_probe.asm
	$(call say,STUB,$@)
	@mkdir -p $(@D)
	$(Q)$(NASM) -f elf64 -o $@.o $<
	$(Q)$(LD) -m elf_x86_64 -static -e start --image-base=0x200000 -o $@ $@.o

$(H)/icnt.so: user/bench/icnt.c
	$(call say,PLUGIN,$@)
	@mkdir -p $(@D)
	$(Q)gcc -O2 -Wall -Wextra -fPIC -shared -o $@ $<

test-programs: all $(ISO) $(BENCH_CPIO) $(HOST_TESTS:%=$(H)/%) $(FUZZ_TARGETS:%=$(H)/fuzz-%) \
        $(H)/compat_layout $(GUEST_PROGRAMS) $(H)/stub.elf $(H)/icnt.so $(H)/doors64 $(H)/doors32

test: test-programs ## every test of the usual set; TESTS="-k WORDS" selects; JUnit in build/test/
	$(Q)NOBUILD=1 $(PYTEST) -c tests/pytest.ini tests $(TESTS)

test-full: test-programs ## the whole matrix, long stress and fuzz runs as well
	$(Q)NOBUILD=1 $(PYTEST) -c tests/pytest.ini --full tests $(TESTS)

TRACE ?= /bin/busybox sh -c 'ls / | wc'
TRACE_DIR := $(BUILD)/trace

trace: all ## what the doors did for TRACE="PROGRAM ARGS": trace.json (Perfetto) and trace.svg in build/trace/
	@mkdir -p $(TRACE_DIR)
	$(Q)./run-qemu.sh -- $(BUSYBOX) sh -c '"$$@"; s=$$?; cat /proc/entry_trace; exit $$s' sh $(TRACE) > $(TRACE_DIR)/trace.txt || \
		{ s=$$?; echo 'make trace: status of the program or of the machine:' $$s >&2; exit $$s; }
	$(Q)$(PYTHON) tests/tools/entry_trace.py --json $(TRACE_DIR)/trace.json --svg $(TRACE_DIR)/trace.svg $(TRACE_DIR)/trace.txt
	@$(PYTHON) tests/tools/entry_trace.py $(TRACE_DIR)/trace.txt

sweep: all ## an event at every instruction of the entry code, every hostile GS base, both GS modes
	@rm -f $(BUILD)/test/sweep.txt
	$(Q)NOBUILD=1 $(PYTEST) -c tests/pytest.ini --full --junitxml=$(BUILD)/test/sweep.xml \
		tests/test_sweep.py tests/test_entry_paths.py
	@cat $(BUILD)/test/sweep.txt
	@awk '{ machines[$$1] } / runs$$/ { doors++; runs += $$(NF - 1) } \
		END { print "sweep: " length(machines) " machines, " doors " doors, " runs " runs" }' \
		$(BUILD)/test/sweep.txt

mutants: $(KERNEL) $(INITRAMFS) ## known bugs, one at a time: which check kills them? MUTANTS=WORD selects
	$(Q)/usr/bin/python3 tests/mutants.py $(MUTANTS)

# ---------------------------------------------------------------- measuring

bench: ## instructions per operation, built with DEBUG=0 in $(BUILD)/release: "name value unit" lines
	$(Q)$(MAKE) --no-print-directory BUILD=$(BUILD)/release DEBUG=0 bench-this

bench-this: all $(BENCH_CPIO) ## the same of this build, with its checks: DEBUG=1 unless told otherwise
	$(Q)tests/bench/run.sh $(BENCH)

bench-linux: $(BENCH_CPIO) ## the same programs on Debian's Linux kernel in the same QEMU
	$(Q)tests/bench/run-linux.sh $(BENCH)

budget: ## lines per folder, longest file and function; fails over 60 lines without a reason
	$(Q)$(PYTHON) tests/tools/budget.py

compile_commands.json: ## for clangd and clang-tidy
	$(Q)$(MAKE) -s --no-print-directory --always-make --dry-run V=1 CC=clang BUILD=$(BUILD) \
		kernel user | $(PYTHON) tests/tools/compile_commands.py > $@

clean: ## remove everything that was built
	$(Q)rm -rf $(BUILD) compile_commands.json
