/* SPDX-License-Identifier: MIT */
/* The ELF checker: kernel/process/elf.h. */
#include <elf.h>
#include <errno.h>
#include "kernel/process/elf.h"
#include "tests/host/test.h"

#define FILE_SIZE 0x10000
#define LIMIT     0x00007ffffffff000ull
#define LIMIT_32  0xffffe000ull

/* A program of two segments, 64 bit or 32 bit from the same numbers. */
static struct program {
	bool is32;
	unsigned type, machine, n;
	uint64_t entry, phoff;
	struct {
		uint32_t type, flags;
		uint64_t offset, vaddr, filesz, memsz, align;
	} ph[20];
} program;

static struct elf_plan plan;
static uint8_t image[FILE_SIZE];

static void begin(bool is32)
{
	program = (struct program){
		.is32 = is32, .type = ET_EXEC, .machine = is32 ? EM_386 : EM_X86_64, .n = 2,
		.entry = 0x401000, .phoff = 64,
		.ph = {
			{ PT_LOAD, PF_R | PF_X, 0, 0x400000, 0x2000, 0x2000, 4096 },
			{ PT_LOAD, PF_R | PF_W, 0x2000, 0x402000, 0x800, 0x3000, 4096 },
		},
	};
}

static void write64(void)
{
	Elf64_Ehdr h = { .e_type = program.type, .e_machine = program.machine,
			 .e_entry = program.entry, .e_version = 1,
			 .e_phoff = program.phoff, .e_phnum = program.n,
			 .e_ehsize = sizeof(h), .e_phentsize = sizeof(Elf64_Phdr) };

	memcpy(h.e_ident, ELFMAG "\2\1\1", 7);
	memcpy(image, &h, sizeof(h));
	for (unsigned i = 0; i < program.n && program.phoff < 4096; i++) {
		Elf64_Phdr p = { program.ph[i].type, program.ph[i].flags, program.ph[i].offset,
				 program.ph[i].vaddr, 0, program.ph[i].filesz,
				 program.ph[i].memsz, program.ph[i].align };

		memcpy(image + program.phoff + i * sizeof(p), &p, sizeof(p));
	}
}

static void write32(void)
{
	Elf32_Ehdr h = { .e_type = program.type, .e_machine = program.machine,
			 .e_entry = program.entry, .e_version = 1,
			 .e_phoff = program.phoff, .e_phnum = program.n,
			 .e_ehsize = sizeof(h), .e_phentsize = sizeof(Elf32_Phdr) };

	memcpy(h.e_ident, ELFMAG "\1\1\1", 7);
	memcpy(image, &h, sizeof(h));
	for (unsigned i = 0; i < program.n && program.phoff < 4096; i++) {
		Elf32_Phdr p = { program.ph[i].type, program.ph[i].offset, program.ph[i].vaddr, 0,
				 program.ph[i].filesz, program.ph[i].memsz, program.ph[i].flags,
				 program.ph[i].align };

		memcpy(image + program.phoff + i * sizeof(p), &p, sizeof(p));
	}
}

static int read_image(void)
{
	struct elf_header *h = &plan.header;
	void *phdrs;
	int ret;

	memset(&plan, 0, sizeof(plan));
	ret = elf_read_header(h, image, 4096, FILE_SIZE);
	if (ret)
		return ret;
	phdrs = malloc(h->phnum * h->phentsize);
	memcpy(phdrs, image + h->phoff, h->phnum * h->phentsize);
	ret = elf_read_segments(&plan, phdrs, FILE_SIZE, h->is32 ? LIMIT_32 : LIMIT);
	free(phdrs);
	return ret;
}

static int check(void)
{
	memset(image, 0, sizeof(image));
	if (program.is32)
		write32();
	else
		write64();
	return read_image();
}

static void check_plan(bool is32)
{
	begin(is32);
	CHECK_EQ(check(), 0);
	CHECK_EQ(plan.header.is32, is32);
	CHECK_EQ(plan.nsegments, 2);
	CHECK_EQ(plan.low, 0x400000);
	CHECK_EQ(plan.high, 0x405000);
	CHECK_EQ(plan.phdr, 0x400040);
	CHECK_EQ(plan.segment[1].memsz, 0x3000);
	CHECK_EQ(plan.interp_size, 0);
}

TEST(usual_program_64)
{
	check_plan(false);
}

TEST(usual_program_32)
{
	check_plan(true);
}

TEST(foreign_files)
{
	begin(false);
	check();
	image[1] = 'F';
	CHECK_EQ(read_image(), -ENOEXEC);
	begin(false);
	program.machine = EM_AARCH64;
	CHECK_EQ(check(), -ENOEXEC);
	begin(false);
	program.type = ET_REL;
	CHECK_EQ(check(), -ENOEXEC);
	begin(false);
	check();
	image[EI_DATA] = ELFDATA2MSB;
	CHECK_EQ(read_image(), -ENOEXEC);
	begin(true);
	check();
	image[EI_CLASS] = 3;
	CHECK_EQ(read_image(), -ENOEXEC);
}

TEST(every_short_read)
{
	struct elf_header header;

	for (int is32 = 0; is32 < 2; is32++) {
		size_t whole = is32 ? sizeof(Elf32_Ehdr) : sizeof(Elf64_Ehdr);

		begin(is32);
		check();
		for (size_t size = 0; size < whole; size++) {
			void *copy = malloc(size ? size : 1);

			memcpy(copy, image, size);
			CHECK_EQ(elf_read_header(&header, copy, size, size), -ENOEXEC);
			free(copy);
		}
	}
}

TEST(program_headers_outside_the_file)
{
	begin(false);
	program.phoff = FILE_SIZE - 8;
	CHECK_EQ(check(), -ENOEXEC);
	program.phoff = ~0ull - 8;
	CHECK_EQ(check(), -ENOEXEC);
}

TEST(no_program_headers)
{
	begin(false);
	program.n = 0;
	CHECK_EQ(check(), -ENOEXEC);
}

TEST(writable_and_executable)
{
	begin(false);
	program.ph[1].flags = PF_R | PF_W | PF_X;
	CHECK_EQ(check(), -ENOEXEC);
}

TEST(overlapping_segments)
{
	begin(false);
	program.ph[1].vaddr = 0x401000;
	program.ph[1].offset = 0x1000;
	CHECK_EQ(check(), -ENOEXEC);
}

TEST(entry_outside_the_code)
{
	begin(false);
	program.entry = 0x402000;
	CHECK_EQ(check(), -ENOEXEC);
	program.entry = 0;
	CHECK_EQ(check(), -ENOEXEC);
	program.entry = 0xffffffff80000000ull;
	CHECK_EQ(check(), -ENOEXEC);
}

TEST(segment_data_outside_the_file)
{
	begin(false);
	program.ph[1].offset = FILE_SIZE;
	CHECK_EQ(check(), -ENOEXEC);
	begin(false);
	program.ph[1].offset = ~0xfffull;
	CHECK_EQ(check(), -ENOEXEC);
}

TEST(segments_beyond_user_addresses)
{
	begin(false);
	program.ph[1].vaddr = LIMIT - 0x1000;
	CHECK_EQ(check(), -EINVAL);
	begin(false);
	program.ph[1].vaddr = 0xffffffff80002000ull;
	CHECK_EQ(check(), -EINVAL);
	begin(false);
	program.ph[1].memsz = ~0ull;
	CHECK_EQ(check(), -EINVAL);
	begin(true);
	program.ph[1].vaddr = 0xffffe000;
	CHECK_EQ(check(), -EINVAL);
}

TEST(file_part_larger_than_memory)
{
	begin(false);
	program.ph[1].filesz = 0x3001;
	CHECK(check() < 0);
}

TEST(offset_and_address_disagree)
{
	begin(false);
	program.ph[1].offset = 0x2004;
	CHECK_EQ(check(), -ENOEXEC);
}

TEST(too_many_segments)
{
	begin(false);
	program.n = 20;
	for (unsigned i = 2; i < 20; i++) {
		program.ph[i] = program.ph[1];
		program.ph[i].vaddr += 0x10000ull * i;
	}
	CHECK_EQ(check(), -ENOEXEC);
}

TEST(interpreter)
{
	begin(false);
	program.n = 3;
	program.ph[2].type = PT_INTERP;
	program.ph[2].offset = 0x300;
	program.ph[2].filesz = 28;
	CHECK_EQ(check(), 0);
	CHECK_EQ(plan.interp_offset, 0x300);
	CHECK_EQ(plan.interp_size, 28);
	program.ph[2].filesz = 100000;
	CHECK_EQ(check(), -ENOEXEC);
	program.ph[2].filesz = 28;
	program.ph[2].offset = FILE_SIZE;
	CHECK_EQ(check(), -ENOEXEC);
}
