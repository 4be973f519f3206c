/* SPDX-License-Identifier: MIT */
/*
 * Executables that must be refused.  Each case writes a broken ELF file, executes it in a child,
 * and looks at what came: an errno with the old program intact, or the end of the child.
 *
 * Linux looks at some defects only after the old program is gone, and then kills the process,
 * or accepts them (segments that overlap, segments that are writable and executable).
 * Paranoid looks at everything first: -ENOEXEC, or -EINVAL for sizes and addresses that cannot be,
 * and the old program goes on.  Both results are printed; the one that is expected is that
 * of the kernel that runs.
 */
#include "user/lib/elf_image.h"
#include "user/lib/file.h"
#include "user/lib/test.h"

#define INTACT 7			/* exit status of a child whose exec failed properly */
#define RUNS   EXITED(IMAGE_STATUS)

/* What exec returned (written by the child), and a word that must survive. */
struct shared {
	long result;
};

static struct shared *shared;
static int keep_fd;
static char keep_data[PAGE * 2];

static int exec_image(void *path)
{
	char *argv[] = { path, NULL };

	memset(keep_data, 0x77, sizeof(keep_data));
	shared->result = SYS(execve, path, argv, program_envp);
	/* Intact: memory, and a descriptor that only a successful exec closes. */
	for (unsigned i = 0; i < sizeof(keep_data); i++)
		if (keep_data[i] != 0x77)
			return 1;
	return SYS(fcntl, keep_fd, F_GETFD) == FD_CLOEXEC ? INTACT : 2;
}

static void two_more_segments(struct elf_image *m)
{
	m->header.e_phnum = 2;
	m->segment[1] = m->segment[0];
}

/* clang-format off: one defect a line */
static void good(struct elf_image *m) { (void)m; }
static void magic(struct elf_image *m) { m->header.e_ident[0] = 'x'; }
static void foreign(struct elf_image *m) { m->header.e_machine = EM_AARCH64; }
static void relocatable(struct elf_image *m) { m->header.e_type = ET_REL; }
static void core(struct elf_image *m) { m->header.e_type = ET_CORE; }
static void no_table(struct elf_image *m) { m->header.e_phnum = 0; }
static void entry_size(struct elf_image *m) { m->header.e_phentsize -= 8; }
static void table_outside(struct elf_image *m) { m->header.e_phoff = 1 << 20; }
static void no_segment(struct elf_image *m) { m->segment[0].p_type = PT_NOTE; }
static void entry_outside(struct elf_image *m) { m->header.e_entry = IMAGE_BASE + 0x10000; }
static void entry_in_kernel(struct elf_image *m) { m->header.e_entry = (unsigned long)-4096; }
static void writable_code(struct elf_image *m) { m->segment[0].p_flags |= PF_W; }
static void file_beyond_memory(struct elf_image *m) { m->segment[0].p_memsz = 100; }
static void misaligned(struct elf_image *m) { m->segment[0].p_offset = 8; }
static void kernel_half(struct elf_image *m) { m->segment[0].p_vaddr = (unsigned long)-0x1000; }
static void wraps(struct elf_image *m) { m->segment[0].p_memsz = (unsigned long)-0x1000; }
/* clang-format on */

static void truncated(struct elf_image *m)
{
	m->segment[0].p_filesz = m->segment[0].p_memsz = 1 << 20;
}

static void overlap(struct elf_image *m)
{
	two_more_segments(m);
	m->segment[1].p_flags = PF_R | PF_X;
}

static void good_data_segment(struct elf_image *m)
{
	two_more_segments(m);
	m->segment[1].p_vaddr += 0x10000;
	m->segment[1].p_flags = PF_R | PF_W;
	m->segment[1].p_memsz += 0x10000;
}

static void missing_interpreter(struct elf_image *m)
{
	static const char path[] = "/no/such/ld.so";

	m->header.e_phnum = 2;
	m->segment[1].p_type = PT_INTERP;
	m->segment[1].p_offset = offsetof(struct elf_image, pad);
	m->segment[1].p_filesz = m->segment[1].p_memsz = sizeof(path);
	memcpy(m->pad, path, sizeof(path));
}

/* Results: an errno (positive) if exec returns, or a wait status with this bit. */
#define STATUS(s) (0x10000 | (s))
#define DIES STATUS(KILLED(SIGSEGV))

static const struct broken {
	const char *name;
	void (*change)(struct elf_image *m);
	unsigned size;			/* of the file; 0: all */
	int here, on_linux;
} table[] = {
	{ "nothing wrong", good, 0, STATUS(RUNS), STATUS(RUNS) },
	{ "nothing wrong, two segments", good_data_segment, 0, STATUS(RUNS), STATUS(RUNS) },
	{ "cut within the header", good, sizeof(elf_header) - 8, ENOEXEC, ENOEXEC },
	{ "cut after the magic number", good, 4, ENOEXEC, ENOEXEC },
	{ "one byte", good, 1, ENOEXEC, ENOEXEC },
	{ "cut within the program headers", good, sizeof(elf_header) + 8, ENOEXEC, ENOEXEC },
	{ "wrong magic number", magic, 0, ENOEXEC, ENOEXEC },
	{ "another machine", foreign, 0, ENOEXEC, ENOEXEC },
	{ "an object file", relocatable, 0, ENOEXEC, ENOEXEC },
	{ "a core file", core, 0, ENOEXEC, ENOEXEC },
	{ "no program headers", no_table, 0, ENOEXEC, ENOEXEC },
	{ "program headers of another size", entry_size, 0, ENOEXEC, ENOEXEC },
	{ "program headers outside the file", table_outside, 0, ENOEXEC, ENOEXEC },
	{ "missing interpreter", missing_interpreter, 0, ENOENT, ENOENT },
	{ "no segment to load", no_segment, 0, ENOEXEC, DIES },
	{ "entry outside all segments", entry_outside, 0, ENOEXEC, DIES },
	{ "entry in the kernel half", entry_in_kernel, 0, ENOEXEC, DIES },
	{ "segment longer in the file than in memory", file_beyond_memory, 0, EINVAL, DIES },
	{ "segment beyond the end of the file", truncated, 0, ENOEXEC, STATUS(RUNS) },
	{ "segment address and offset disagree", misaligned, 0, ENOEXEC, DIES },
	{ "segment in the kernel half", kernel_half, 0, EINVAL, DIES },
	{ "segment that wraps around", wraps, 0, EINVAL, DIES },
	{ "overlapping segments", overlap, 0, ENOEXEC, STATUS(RUNS) },
	{ "writable and executable segment", writable_code, 0, ENOEXEC, STATUS(RUNS) },
};

static void describe(char *buf, size_t size, int result)
{
	if (result & 0x10000)
		describe_status(buf, size, result & 0xffff);
	else
		format(buf, size, "-%s", errno_name(result));
}

static void try_image(const struct broken *b)
{
	static struct elf_image image;
	char got_text[64], here[48], there[48];
	int status, got;

	elf_image_make(&image);
	b->change(&image);
	SYS(unlink, "image");
	file_write("image", &image, b->size ? b->size : sizeof(image), 0755);
	shared->result = 0;
	status = child_run(exec_image, "image");
	got = status == EXITED(INTACT) ? (int)-shared->result : STATUS(status);
	describe(got_text, sizeof(got_text), got);
	describe(here, sizeof(here), b->here);
	describe(there, sizeof(there), b->on_linux);
	note("%s: Paranoid %s, Linux %s, got %s", b->name, here, there, got_text);
	if (got != (on_paranoid() ? b->here : b->on_linux))
		fail("%s", b->name);
}

static void broken_images(void)
{
	for (unsigned i = 0; i < COUNT(table); i++)
		try_image(&table[i]);
}

static void empty_file(void)
{
	file_write("empty", "", 0, 0755);
	expect_status("child", child_run(exec_image, "empty"), EXITED(INTACT));
	expect_error("execve", shared->result, ENOEXEC);
}

static const struct test_case cases[] = {
	{ "broken ELF images", broken_images },
	{ "empty file", empty_file },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	shared = map_shared(PAGE);
	keep_fd = (int)sys_open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	return RUN_CASES_IN_TEMP(cases);
}
