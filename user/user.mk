# SPDX-License-Identifier: MIT
#
# Programs for ring 3, and the initramfs.  Every program is a static Linux ELF file that
# also runs on Linux: build/user/test/64/NAME is a test, the same file as in the initramfs.
#
# For other makefiles:
#	USER_TESTS	every test binary        BENCH_FILES	HOST:GUEST pairs of the benchmark
#	USER_INIT	/sbin/init

U := $(BUILD)/user

USER_CFLAGS := -std=gnu11 -O2 -g -ffreestanding -fno-pic -fno-stack-protector -fcf-protection=none \
        -fno-strict-aliasing -fno-common -fno-asynchronous-unwind-tables -fno-delete-null-pointer-checks \
        -ffunction-sections -fdata-sections -mgeneral-regs-only $(WARN) -I. \
        -idirafter /usr/include -idirafter /usr/include/x86_64-linux-gnu
USER_LDFLAGS := -static -nostdlib -z max-page-size=4096 -z noexecstack --gc-sections --build-id=none

# One behaviour a file.  What makes sense in one bitness only stands in these two lists.
USER_ONLY_64 := signal_decisions segments_basic hostile_gs_base fsgsbase_instructions \
        switch_bases
USER_ONLY_32 := set_thread_area fast_syscalls high_registers signal_no_restorer
USER_TEST_NAMES := $(sort $(notdir $(basename $(wildcard user/test/*.c))))
USER_TESTS_64 := $(patsubst %,$(U)/test/64/%,$(filter-out $(USER_ONLY_32),$(USER_TEST_NAMES)))
USER_TESTS_32 := $(patsubst %,$(U)/test/32/%,$(filter-out $(USER_ONLY_64),$(USER_TEST_NAMES)))
USER_TESTS := $(USER_TESTS_64) $(USER_TESTS_32)
USER_INIT := $(U)/sbin/init

USER_LIB_C := $(sort $(wildcard user/lib/*.c))
USER_LIB_64 := $(USER_LIB_C:user/%.c=$(U)/obj64/%.o) \
        $(patsubst user/%.asm,$(U)/obj64/%.asm.o,$(sort $(wildcard user/lib/*64.asm)))
USER_LIB_32 := $(USER_LIB_C:user/%.c=$(U)/obj32/%.o) \
        $(patsubst user/%.asm,$(U)/obj32/%.asm.o,$(sort $(wildcard user/lib/*32.asm)))

$(U)/obj64/%.o: user/%.c $(FLAGS)
	$(call say,CC64,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) -m64 $(USER_CFLAGS) -MMD -MP -c -o $@ $<

$(U)/obj32/%.o: user/%.c $(FLAGS)
	$(call say,CC32,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) -m32 $(USER_CFLAGS) -MMD -MP -c -o $@ $<

$(U)/obj64/%.asm.o: user/%.asm $(FLAGS)
	$(call say,NASM64,$<)
	@mkdir -p $(@D)
	$(Q)$(NASM) -f elf64 -g -F dwarf -w+error -o $@ $<

$(U)/obj32/%.asm.o: user/%.asm $(FLAGS)
	$(call say,NASM32,$<)
	@mkdir -p $(@D)
	$(Q)$(NASM) -f elf32 -g -F dwarf -w+error -o $@ $<

# The linked program with symbols, for gdb, stands under debug/; the guest gets it stripped.
$(USER_TESTS_64:$(U)/%=$(U)/debug/%): $(U)/debug/test/64/%: $(U)/obj64/test/%.o $(USER_LIB_64) $(USER_PARTS)
	$(call say,LD64,$@)
	@mkdir -p $(@D)
	$(Q)$(LD) -m elf_x86_64 $(USER_LDFLAGS) -o $@ $(filter %.o,$^)

$(USER_TESTS_32:$(U)/%=$(U)/debug/%): $(U)/debug/test/32/%: $(U)/obj32/test/%.o $(USER_LIB_32) $(USER_PARTS)
	$(call say,LD32,$@)
	@mkdir -p $(@D)
	$(Q)$(LD) -m elf_i386 $(USER_LDFLAGS) -o $@ $(filter %.o,$^)

USER_INIT_OBJ := $(patsubst user/%.c,$(U)/obj64/%.o,$(sort $(wildcard user/init/*.c)))
$(U)/debug/sbin/init: $(USER_INIT_OBJ) $(USER_LIB_64) $(USER_PARTS)
	$(call say,LD64,$@)
	@mkdir -p $(@D)
	$(Q)$(LD) -m elf_x86_64 $(USER_LDFLAGS) -o $@ $(filter %.o,$^)

$(USER_TESTS) $(USER_INIT): $(U)/%: $(U)/debug/%
	@mkdir -p $(@D)
	$(Q)$(OBJCOPY) --strip-all $< $@

# ---------------------------------------------------------------- the benchmark

# Not linked with user/lib: its numbers stay comparable only while its code stays as it is.
BENCH_CFLAGS := -O2 -g0 -std=gnu11 -Wall -Wextra -ffreestanding -fno-pic -fno-stack-protector \
        -fno-asynchronous-unwind-tables -fcf-protection=none -mno-sse -mno-mmx \
        -Wno-missing-field-initializers $(if $(filter 1,$(WERROR)),-Werror) \
        $(if $(findstring gcc,$(CC)),-fno-tree-loop-distribute-patterns,-fno-builtin)
BENCH_LDFLAGS := -nostdlib -static $(if $(findstring gcc,$(CC)),-no-pie) -Wl,--build-id=none -Wl,-z,noexecstack -Wl,-z,norelro
BENCH_PROGRAMS := $(foreach p,bench tiny boot init,$(U)/bench/$(p)64 $(U)/bench/$(p)32)
BENCH_FILES := $(foreach p,bench64 bench32 tiny64 tiny32,$(U)/bench/$(p):/$(p)) $(U)/bench/init64:/init

$(U)/bench/tiny64 $(U)/bench/tiny32: $(U)/bench/tiny%: user/bench/tiny.c $(FLAGS)
	$(call say,BENCH,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -m$* $(BENCH_CFLAGS) $(BENCH_LDFLAGS) -s -o $@ $<

define BENCH_RULE
$(U)/bench/$(1)64 $(U)/bench/$(1)32: $(U)/bench/$(1)%: user/bench/$(1).c user/bench/crt.c user/bench/sys.h $(FLAGS)
	$$(call say,BENCH,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(CC) -m$$* $$(BENCH_CFLAGS) $$(BENCH_LDFLAGS) -o $$@ user/bench/$(1).c user/bench/crt.c
endef
$(foreach p,bench boot init,$(eval $(call BENCH_RULE,$(p))))

# ---------------------------------------------------------------- the initramfs

INITRAMFS := $(BUILD)/initramfs.cpio
SHELL_CPIO := $(BUILD)/shell.cpio
BENCH_CPIO := $(BUILD)/bench.cpio
MKCPIO := $(PYTHON) user/mkcpio.py
BUSYBOX ?= /bin/busybox

$(INITRAMFS): $(USER_TESTS) $(USER_INIT) user/mkcpio.py $(INITRAMFS_PARTS)
	$(call say,CPIO,$@)
	$(Q)$(MKCPIO) $@ $(USER_INIT):/sbin/init $(foreach t,$(USER_TESTS),$(t):$(t:$(U)%=%)) \
		--dir /tmp --file-text '/etc/passwd=root:x:0:0:root:/:/bin/sh'

# Appended to the initramfs by whoever wants a shell; empty where the host has no static busybox.
$(SHELL_CPIO): user/mkcpio.py $(INITRAMFS_PARTS)
	$(call say,CPIO,$@)
	$(Q)$(MKCPIO) $@ $(if $(wildcard $(BUSYBOX)),$(BUSYBOX):/bin/busybox --link busybox:/bin/sh)

$(BENCH_CPIO): $(BENCH_PROGRAMS) user/mkcpio.py
	$(call say,CPIO,$@)
	$(Q)$(MKCPIO) $@ $(BENCH_FILES)

.PHONY: user
user: $(USER_TESTS) $(USER_INIT) $(BENCH_PROGRAMS) $(INITRAMFS) $(SHELL_CPIO) $(BENCH_CPIO)

-include $(wildcard $(U)/obj64/*/*.d $(U)/obj32/*/*.d)
