/* SPDX-License-Identifier: MIT */
/*
 * execve in parts.  Everything is prepared aside - program, strings, a whole new address
 * space - so that any error leaves the old program intact; then exec_commit installs it.
 */
#pragma once

#include "kernel/process/elf.h"
#include "kernel/process/process.h"

#define EXEC_HEAD 256		/* bytes of the file that are looked at first, as on Linux */
#define EXEC_SCRIPTS 5		/* a script may name a script, so often */

/* The argument strings, each with its NUL, argv before envp, in page-sized pieces. */
struct exec_strings {
	char **page;		/* kmalloc'd array of STRINGS_PAGES, pages from the heap */
	unsigned pages;
	size_t bytes;
	size_t argv_bytes;	/* of them: argv's */
	unsigned argc, envc;
};

struct exec {
	const char *path;	/* as the caller gave it: AT_EXECFN, comm */
	struct file *file;	/* with a reference: what runs in the end */
	char head[EXEC_HEAD];	/* its first bytes, zero padded */
	size_t head_size;
	unsigned scripts;
	char script_line[EXEC_SCRIPTS][EXEC_HEAD];
	unsigned nprefix;	/* arguments that scripts put before argv[1], last one first */
	const char *prefix[2 * EXEC_SCRIPTS + 1];
	struct exec_strings strings;
	struct elf_plan plan, interp_plan;
	struct file *interp;	/* with a reference; NULL: none */
	uint64_t bias, interp_bias;
	struct mm *mm;
	uint64_t entry, sp;
};

/* All return 0 or a negative errno.  exec_free is due after each of them, whatever it returned. */

/*
 * From e->path and e->file: scripts are followed, the program's headers and its interpreter's
 * checked.
 */
int exec_open(struct exec *e);
/* Strings from kernel memory and from user memory; argv first, then envp. */
int exec_add_string(struct exec_strings *s, const char *string);
int exec_add_user_string(struct exec_strings *s, const char __user *string);
/* The address space with segments, interpreter and stack. */
int exec_build(struct exec *e);
/* Its last part: initial stack and auxiliary vector (spec 12).  Sets e->sp. */
int exec_build_stack(struct exec *e);
/*
 * Takes over e->mm.  -EINTR, -EAGAIN; -ENOMEM after the point of no return: then the process
 * dies.
 */
int exec_commit(struct exec *e);
struct pt_regs;
/* R3.9: the registers that the program starts with. */
void exec_set_registers(const struct exec *e, struct pt_regs *regs);
void exec_free(struct exec *e);

/*
 * Opens an executable regular file.  at_flags as execveat's.  -EACCES, -EBADF and what opening
 * gives.
 */
int exec_open_file(int dirfd, const char *path, unsigned at_flags, struct file **out);

/*
 * kernel/process/exec_threads.c: ends the other threads, makes the caller the leader.  -EINTR,
 * -EAGAIN.
 */
int exec_end_other_threads(void);
