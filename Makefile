# SPDX-License-Identifier: MIT
#
# make            the kernel, the user programs and the initramfs, under build/
# make help       every target with a line of explanation
#
# Variables: CC=clang|gcc  DEBUG=1|0  V=1 (show commands)  BUILD=build  WERROR=1|0

ifneq ($(and $(filter setup,$(MAKECMDGOALS)),$(filter-out setup,$(MAKECMDGOALS))),)
include tests/setup.mk
else

CC     := $(if $(filter default undefined,$(origin CC)),clang,$(CC))
NASM   ?= nasm
LD     := ld.lld
OBJCOPY ?= objcopy
NM     ?= nm
PYTHON ?= python3
BUILD  ?= build
DEBUG  ?= 1
WERROR ?= 1
Q      := $(if $(V),,@)
say     = $(if $(V),,@printf '  %-7s %s\n' '$(1)' '$(2)')

.DEFAULT_GOAL := all
.SUFFIXES:
.DELETE_ON_ERROR:

# ---------------------------------------------------------------- the kernel

KERNEL_C   := $(sort $(wildcard boot/*.c kernel/*.c kernel/*/*.c sched/*.c))
KERNEL_ASM := $(sort $(wildcard boot/*.asm entry/*.asm kernel/*/*.asm sched/*.asm))
KERNEL_OBJ := $(KERNEL_C:%.c=$(BUILD)/%.o) $(KERNEL_ASM:%.asm=$(BUILD)/%.asm.o)

WARN := -Wall -Wextra -Wmissing-prototypes -Wstrict-prototypes -Wshadow -Wvla \
        -Wno-unused-parameter $(if $(filter 1,$(WERROR)),-Werror)
# Backtraces follow the frame pointers; they cost a tenth of all instructions on the short paths.
FRAME_POINTER := $(if $(filter 1,$(DEBUG)),-fno-omit-frame-pointer,-fomit-frame-pointer)
KERNEL_CFLAGS := -std=gnu11 -O2 -g -ffreestanding -fno-pic -mcmodel=kernel -mno-red-zone \
        -mgeneral-regs-only -fno-stack-protector $(FRAME_POINTER) -fcf-protection=none \
        $(if $(findstring clang,$(CC)),-mstack-alignment=8,-mpreferred-stack-boundary=3) \
        -fno-strict-aliasing -fno-common -fno-delete-null-pointer-checks \
        -fasynchronous-unwind-tables $(WARN) -I. -isystem /usr/include \
        -D__KERNEL_IMAGE__ $(if $(filter 1,$(DEBUG)),-DCONFIG_DEBUG)
NASMFLAGS := -f elf64 -g -F dwarf -w+all -w-unknown-warning -w-reloc-rel-dword -w-reloc-abs-dword -w-reloc-abs-qword -I. -I$(BUILD)/ \
        $(if $(filter 1,$(WERROR)),-w+error) $(if $(filter 1,$(DEBUG)),-DCONFIG_DEBUG)

# Stamps, written anew only if their text changes: with what everything is compiled, and of what each
# image is made.  Without them other variables would build nothing, and a deleted source would stay in.
FLAGS := $(BUILD)/flags
KERNEL_PARTS := $(BUILD)/kernel.parts
USER_PARTS := $(BUILD)/user.parts
INITRAMFS_PARTS := $(BUILD)/initramfs.parts
stamp  = @mkdir -p $(@D); text='$(subst $(BUILD)/,,$(1))'; \
        echo "$$text" | cmp -s - $@ || echo "$$text" >$@
.PHONY: always
$(FLAGS): always
	$(call stamp,$(CC) $(KERNEL_CFLAGS) $(NASM) $(NASMFLAGS) $(VDSO_CC) $(USER_CFLAGS))
$(KERNEL_PARTS): always
	$(call stamp,$(KERNEL_OBJ) $(KERNEL_TABLES))
$(USER_PARTS): always
	$(call stamp,$(USER_LIB_64) $(USER_LIB_32) $(USER_INIT_OBJ))
$(INITRAMFS_PARTS): always
	$(call stamp,$(USER_TESTS) $(wildcard $(BUSYBOX)))

$(BUILD)/%.o: %.c $(FLAGS)
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(KERNEL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/%.asm.o: %.asm $(BUILD)/offsets.inc $(FLAGS)
	$(call say,NASM,$<)
	@mkdir -p $(@D)
	$(Q)$(NASM) $(NASMFLAGS) -M -MP -o $@ $< > $(@:.o=.d)	# with -MD, 2.16 forgets %include
	$(Q)$(NASM) $(NASMFLAGS) -l $(@:.o=.lst) -o $@ $<
	$(Q)$(OBJCOPY) -w -N '..@*' $@		# labels inside macros: gdb would show them

# Offsets and constants for NASM, out of the C headers: the compiler writes them into its assembly output
# as lines "#define NAME value", and sed turns these into %define.
$(BUILD)/offsets.inc: entry/offsets.c $(FLAGS)
	$(call say,OFFSETS,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(filter-out -g -Werror,$(KERNEL_CFLAGS)) -MMD -MP -MT $@ -MF $(BUILD)/offsets.d -S -o $(BUILD)/offsets.s $<
	$(Q)sed -n 's/.*@define \([A-Za-z_0-9]*\) \$$*\(-*[0-9]*\).*/%define \1 \2/p' $(BUILD)/offsets.s > $@

# The console's font: GNU Unifont, 8x16, in the PSF1 format (Debian package psf-unifont).
FONT ?= /usr/share/consolefonts/Unifont-APL8x16.psf.gz

$(BUILD)/font.psf: $(FONT)
	$(call say,FONT,$(FONT))
	@mkdir -p $(@D)
	$(Q)zcat $(FONT) > $@
	$(Q)od -An -tx1 -N4 $@ | grep -q '^ 36 04 .. 10$$' && [ $$(wc -c <$@) -ge 2052 ] || { echo '$(FONT): no PSF1 font of 128 glyphs, 16 rows high' >&2; exit 1; }

$(BUILD)/boot/font.asm.o: $(BUILD)/font.psf

# ---------------------------------------------------------------- the vDSO

# Programs' code, but part of the kernel: both images are linked as shared objects, stripped, and
# embedded with what the kernel must know of them.
VDSO := $(BUILD)/entry/vdso
VDSO_CFLAGS := -std=gnu11 -O2 -ffreestanding -fno-stack-protector -fcf-protection=none -fno-jump-tables \
        -mgeneral-regs-only -fasynchronous-unwind-tables -fomit-frame-pointer -fvisibility=hidden \
        $(WARN) -I. -idirafter /usr/include -idirafter /usr/include/x86_64-linux-gnu
VDSO_LDFLAGS := -shared -nostdlib -Bsymbolic --no-undefined --hash-style=both --build-id=none \
        --eh-frame-hdr -z max-page-size=4096 -z rodynamic -z noexecstack -z norelro --fatal-warnings
VDSO_IMAGES := $(VDSO)/vdso32.so $(VDSO)/vdso64.so
KERNEL_OBJ += $(VDSO)/images.o

# Always gcc: clang 14 leaves out the CFI of what epilogues pop, and a signal frame would then cover the
# place where a register is said to be.  32-bit code refers to nothing by address, so it needs no -fPIC,
# with which it would set up a GOT.
VDSO_CC ?= gcc
$(VDSO)/functions32.o $(VDSO)/functions64.o: $(VDSO)/functions%.o: entry/vdso/functions.c $(FLAGS)
	$(call say,VDSO,$@)
	@mkdir -p $(@D)
	$(Q)$(VDSO_CC) -m$* $(if $(filter 32,$*),-fno-pic,-fPIC) $(VDSO_CFLAGS) -MMD -MP -c -o $@ $<

$(VDSO)/vsyscall32.o: entry/vdso/vsyscall32.asm entry/cfi.inc
	$(call say,VDSO,$@)
	@mkdir -p $(@D)
	$(Q)$(NASM) -f elf32 -w+all -w+error -I. -o $@ $<

$(VDSO)/vdso32.full.so: $(VDSO)/functions32.o $(VDSO)/vsyscall32.o entry/vdso/vdso32.lds entry/vdso/layout.lds
	$(call say,VDSO,$@)
	$(Q)$(LD) -m elf_i386 $(VDSO_LDFLAGS) -soname linux-gate.so.1 -T entry/vdso/vdso32.lds -o $@ $(filter %.o,$^)

$(VDSO)/vdso64.full.so: $(VDSO)/functions64.o entry/vdso/vdso64.lds entry/vdso/layout.lds
	$(call say,VDSO,$@)
	$(Q)$(LD) -m elf_x86_64 $(VDSO_LDFLAGS) -soname linux-vdso.so.1 -T entry/vdso/vdso64.lds -o $@ $(filter %.o,$^)

$(VDSO_IMAGES): %.so: %.full.so
	$(Q)$(OBJCOPY) --strip-all $< $@

$(VDSO)/images.o: entry/vdso/vdso2asm.py $(VDSO)/vdso32.full.so $(VDSO_IMAGES)
	$(call say,VDSO,$@)
	$(Q)$(PYTHON) $< $(VDSO)/vdso32.full.so $(VDSO_IMAGES) > $(VDSO)/images.asm
	$(Q)$(NASM) -f elf64 -o $@ $(VDSO)/images.asm

KERNEL := $(BUILD)/paranoid.elf

# Two links: the tables that are made from the linked image lie behind its text.
$(BUILD)/kernel.pre.elf: $(KERNEL_OBJ) linker.ld $(KERNEL_PARTS)
	$(call say,LD,$@)
	$(Q)$(LD) -m elf_x86_64 -nostdlib -static -z max-page-size=4096 --no-rosegment -T linker.ld -o $@ $(KERNEL_OBJ)

$(BUILD)/symbols.o: $(BUILD)/kernel.pre.elf kernel/debug/symbols.py
	$(call say,SYMS,$@)
	$(Q)$(NM) -n $< | $(PYTHON) kernel/debug/symbols.py > $(BUILD)/symbols.asm
	$(Q)$(NASM) -f elf64 -o $@ $(BUILD)/symbols.asm

# What the interruption sweep visits (kernel/debug/sweep.c), with the declared state of each instruction: only
# the first link knows the addresses.
$(BUILD)/boundaries.o: $(BUILD)/kernel.pre.elf kernel/debug/boundaries.py entry/states.txt
	$(call say,SWEEP,$@)
	$(Q)$(PYTHON) kernel/debug/boundaries.py $< entry/states.txt > $(BUILD)/boundaries.asm
	$(Q)$(NASM) -f elf64 -o $@ $(BUILD)/boundaries.asm

KERNEL_TABLES := $(BUILD)/symbols.o $(if $(filter 1,$(DEBUG)),$(BUILD)/boundaries.o)

$(KERNEL): $(KERNEL_OBJ) $(KERNEL_TABLES) linker.ld $(KERNEL_PARTS)
	$(call say,LD,$@)
	$(Q)$(LD) -m elf_x86_64 -nostdlib -static -z max-page-size=4096 --no-rosegment -T linker.ld \
		-Map $(BUILD)/paranoid.map -o $@ $(KERNEL_OBJ) $(KERNEL_TABLES)

.PHONY: kernel
kernel: $(KERNEL)

include user/user.mk
include tests/host.mk
include labs/labs.mk

-include $(KERNEL_OBJ:.o=.d) $(BUILD)/offsets.d $(VDSO)/functions32.d $(VDSO)/functions64.d

endif
