/* SPDX-License-Identifier: MIT
 *
 * Files that are opened by path, and descriptors that share their files with others.
 */
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/stat.h>

#include "descriptors.h"

static void place_opened(const struct fd_step *step, const char *what, long descriptor)
{
	const struct plan_file *file = step->file;

	fd_place(step, fd_must(step, what, descriptor), file->number, file->flags);
}

void restore_open(struct fd_step *step)
{
	const struct plan_file *file = step->file;
	const char *path = plan_string(step->plan, file->path);
	long descriptor = sys(__NR_openat, AT_FDCWD, path, file->flags, 0);

	if (descriptor == -ENOENT && file->kind == PLAN_FD_OPEN_ANY) {
		descriptor = sys(__NR_openat, AT_FDCWD, "/dev/null",
				 file->flags & (O_ACCMODE | O_CLOEXEC), 0);
		place_opened(step, "open /dev/null for", descriptor);
		return;
	}
	place_opened(step, "reopen", descriptor);
	fd_set_offset(step, file->number);
}

/* Makes a directory and deletes its name. `flags`: as for open(). */
static long make_directory(const char *where, uint32_t flags)
{
	struct line name = { 0 };
	long parent, descriptor;

	parent = sys(__NR_openat, AT_FDCWD, where, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	if (sys_failed(parent))
		return parent;
	append(&name, ".unexec-");
	append_number(&name, sys(__NR_getpid));
	descriptor = sys(__NR_mkdirat, parent, name.text, 0700);
	if (!sys_failed(descriptor)) {
		sys(__NR_fchmodat, parent, name.text, 0700); /* whatever the umask is */
		descriptor = sys(__NR_openat, parent, name.text, flags, 0);
		sys(__NR_unlinkat, parent, name.text, AT_REMOVEDIR);
	}
	sys(__NR_close, parent);
	return descriptor;
}

void restore_directory(struct fd_step *step)
{
	const struct plan_file *file = step->file;
	long descriptor = make_directory(fd_data(step), file->flags);

	if (sys_failed(descriptor))
		descriptor = make_directory("/tmp", file->flags);
	if (sys_failed(descriptor))
		descriptor = make_directory("/dev/shm", file->flags);
	place_opened(step, "recreate", descriptor);
}

static void truncate_file(struct fd_step *step, uint64_t size)
{
	const struct plan_file *file = step->file;

	if (size < file->check.size)
		fd_give_up(step, "continue with a file that is shorter than at the dump:", 0);
	if (size > file->check.size)
		fd_must(step, "truncate", sys(__NR_ftruncate, file->number, file->check.size));
}

/* The offset has been set. */
static bool leaves_hole(const struct plan_file *file, uint64_t size)
{
	return (file->flags & O_ACCMODE) != O_RDONLY && !(file->flags & O_APPEND)
	       && sys(__NR_lseek, file->number, 0, 1 /* SEEK_CUR */) > (long)size;
}

void restore_check(struct fd_step *step)
{
	const struct plan_file *file = step->file;
	const char *path = plan_string(step->plan, file->path);
	struct statx status;
	uint64_t time;

	if (sys(__NR_statx, file->number, "", AT_EMPTY_PATH, STATX_SIZE | STATX_MTIME, &status))
		return;
	time = (uint64_t)status.stx_mtime.tv_sec * 1000000000 + status.stx_mtime.tv_nsec;
	if (file->check.policy == PLAN_CHECK_TRUNCATE)
		truncate_file(step, status.stx_size);
	else if (status.stx_size == file->check.size && time == file->check.time)
		return;
	else if (file->check.policy == PLAN_CHECK_STOP)
		fd_give_up(step, "continue with a file that has changed since the dump:", 0);
	else if (leaves_hole(file, status.stx_size))
		warn("a file is shorter than at the dump, and will have a hole:", path);
	else
		warn("a file has changed since the dump:", path);
}

/* The same file, or a copy with its size and time. */
static int is_same_input(const struct plan_file *file, const struct statx *status)
{
	uint64_t device = (uint64_t)status->stx_dev_major << 32 | status->stx_dev_minor;
	uint64_t time = (uint64_t)status->stx_mtime.tv_sec * 1000000000
			+ status->stx_mtime.tv_nsec;

	return (device == file->input.device && status->stx_ino == file->input.inode)
	       || (status->stx_size == file->input.size && time == file->input.time);
}

/* After the program has read all of its input, another file is more input. */
void restore_input(struct fd_step *step)
{
	const struct plan_file *file = step->file;
	struct statx status;

	if (sys(__NR_statx, file->number, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &status)
	    || (status.stx_mode & S_IFMT) != S_IFREG)
		return;
	if (is_same_input(file, &status))
		fd_set_offset(step, file->number);
	else if (file->offset < file->input.size)
		warn("standard input is not the file that it was at the dump, which had not "
		     "been read to its end:", plan_string(step->plan, file->path));
}

long fd_open_again(int32_t number, uint32_t flags)
{
	char path[FD_LINK];

	fd_link(path, number);
	return sys(__NR_openat, AT_FDCWD, path, flags, 0);
}

void restore_again(struct fd_step *step)
{
	const struct plan_file *file = step->file;
	long descriptor = fd_open_again(file->other, file->flags);

	/* Files in memory take O_DIRECT since 6.6. */
	if (descriptor == -EINVAL)
		descriptor = fd_open_again(file->other, file->flags & ~(uint32_t)O_DIRECT);
	/* Without /proc, the descriptor stays open for reading and writing. */
	if (descriptor == -ENOENT && file->other == file->number)
		fd_set_flags(step, file->number, file->flags);
	else
		place_opened(step, "reopen", descriptor);
	fd_set_offset(step, file->number);
}

void restore_same(struct fd_step *step)
{
	const struct plan_file *file = step->file;
	long result = sys(__NR_dup3, file->other, file->number, file->flags & O_CLOEXEC);

	/* The duplicate of a closed descriptor is closed, too. */
	if (fd_is_closed(result, file->other))
		sys(__NR_close, file->number);
	else
		fd_must(step, "duplicate", result);
}

void restore_close(struct fd_step *step)
{
	sys(__NR_close, step->file->number);
}
