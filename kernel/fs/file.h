/* SPDX-License-Identifier: MIT */
/* Open files, descriptor tables, and the working directory: what fork shares or copies. */
#pragma once

#include "kernel/fs/inode.h"

struct dentry;

struct file {
	uint32_t refs;			/* atomic */
	unsigned flags;			/* O_*; changed by fcntl(F_SETFL) */
	bool seekable;			/* has a position, by its inode's type */
	struct inode *inode;
	struct dentry *dentry;		/* NULL: pipes, shared memory */
	const struct file_ops *ops;	/* never NULL once open */
	struct mutex pos_lock;		/* RANK_FILE_POS: pos of files and directories */
	uint64_t pos;
	void *private;
};

/* The fourth access mode, 3, allows neither; modes plus one are two bits, as on Linux. */
#define FILE_READ  1u
#define FILE_WRITE 2u
static inline bool file_allows(const struct file *file, unsigned access)
{
	return (file->flags + 1) & access;
}

struct file *file_create(struct inode *inode, struct dentry *dentry, unsigned flags);
static inline void file_get(struct file *file)
{
	__atomic_fetch_add(&file->refs, 1, __ATOMIC_RELAXED);
}
void file_put(struct file *file);

/* Descriptor tables; refs > 1 with CLONE_FILES. */
struct files;
struct files *files_create(void);
struct files *files_copy(struct files *from);
void files_get(struct files *files);
void files_put(struct files *files);
void files_close_on_exec(struct files *files);
/* The open file with a reference, or NULL. */
struct file *fd_get(int fd);
/*
 * Lowest free descriptor >= min of the current process for file, or -EMFILE.
 * Takes over the reference; with an error it is dropped.
 */
int fd_install(struct file *file, int min, bool cloexec);

/* cwd, root and umask; refs > 1 with CLONE_FS. */
struct fs_context;
struct fs_context *fs_context_create(void);
struct fs_context *fs_context_copy(struct fs_context *from);
void fs_context_get(struct fs_context *fs);
void fs_context_put(struct fs_context *fs);

/*
 * Opens a path from kernel text or a copied user string, relative to the current process's
 * cwd ("/" for init).
 */
int fs_open(const char *path, unsigned flags, unsigned mode, struct file **out);
/* Absolute path of a file's name ("(deleted)" appended where unlinked).  Length, or -errno. */
long fs_path_of(struct dentry *dentry, char *buf, size_t size);

/* Root, /dev, /proc. */
void fs_init(void);
/*
 * Unpacks newc cpio archives (several may follow each other, zero padded) into the tree.
 * Returns NULL, or a sentence that says what is wrong and where; what came before it stays.
 * cpio_next (kernel/fs/cpio.h) is the pure parser behind it, also fuzzed on the host.
 */
const char *initramfs_unpack(const void *data, size_t size);
/* An unnamed regular file for MAP_SHARED | MAP_ANONYMOUS. */
struct file *shmem_file_create(size_t size);
/* Opens /dev/console three times for pid 1. */
int fs_open_console(struct files *files);
