/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Descriptors of files with a name, and locks on files.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "descriptors/descriptors.h"
#include "descriptors/fdinfo.h"
#include "base/path.h"
#include "base/xalloc.h"

#ifndef SECRETMEM_MAGIC
#define SECRETMEM_MAGIC 0x5345434d /* since 5.14 */
#endif

bool descriptor_is_at(const char *path, const struct descriptor *descriptor)
{
	const struct stat *file = &descriptor->status;
	struct stat there;

	if (file->st_nlink == 0 || lstat(path, &there))
		return false;
	/* A symbolic link itself can be open only with O_PATH. */
	if (!S_ISLNK(file->st_mode) && stat(path, &there))
		return false;
	return there.st_dev == file->st_dev && there.st_ino == file->st_ino;
}

/* The file offset; PLAN_NO_OFFSET for files without one. */
static uint64_t offset_of(const struct descriptors *all, const struct descriptor *descriptor)
{
	off_t offset;

	if (descriptor->flags & O_PATH)
		return PLAN_NO_OFFSET;
	offset = lseek(descriptor->fd, 0, SEEK_CUR);
	if (offset < 0 && errno != ESPIPE)
		report_errno(all->process->report, READ,
			     "cannot read the offset of descriptor %d", descriptor->number);
	return offset < 0 ? PLAN_NO_OFFSET : (uint64_t)offset;
}

/* Such a descriptor works as well if others have appended to the file, or replaced it. */
static bool only_appends(uint32_t flags)
{
	return (flags & O_ACCMODE) == O_WRONLY && flags & O_APPEND;
}

static uint64_t check_policy(uint32_t files, uint32_t flags)
{
	if (files == UNEXEC_FILES_SAME)
		return PLAN_CHECK_STOP;
	if (files == UNEXEC_FILES_TRUNCATE && (flags & O_ACCMODE) != O_RDONLY)
		return PLAN_CHECK_TRUNCATE;
	return PLAN_CHECK_NAME;
}

/* The kernel's own files seem to change all the time. */
static void add_check(struct descriptors *all, const struct descriptor *descriptor)
{
	struct plan_file plan = descriptor_plan(descriptor, PLAN_FD_CHECK);
	const struct stat *status = &descriptor->status;
	struct statfs system;

	plan.check.policy = check_policy(all->process->handoff.files, descriptor->flags);
	plan.check.size = (uint64_t)status->st_size;
	plan.check.time = (uint64_t)status->st_mtim.tv_sec * 1000000000
			  + (uint64_t)status->st_mtim.tv_nsec;
	if (!S_ISREG(status->st_mode) || descriptor->flags & O_PATH
	    || (plan.check.policy == PLAN_CHECK_NAME && only_appends(descriptor->flags))
	    || fstatfs(descriptor->fd, &system) || system.f_type == PROC_SUPER_MAGIC
	    || system.f_type == SYSFS_MAGIC)
		return;
	image_add_file(all->process->capture.image, &plan, descriptor->target, NULL);
}

/* Looks for a file whose name was deleted in the same directory, and takes the name that it has
 * there. */
static void find_other_name(struct descriptors *all, struct descriptor *descriptor)
{
	char *directory = xasprintf("%.*s", (int)path_directory(descriptor->target),
				    descriptor->target);
	DIR *list = opendir(directory);
	struct dirent *entry;
	char *path = NULL;

	while (list && !path && (entry = readdir(list))) {
		if (entry->d_ino != descriptor->status.st_ino)
			continue;
		path = xasprintf("%s/%s", directory, entry->d_name);
		if (!descriptor_is_at(path, descriptor)) {
			free(path);
			path = NULL;
		}
	}
	if (path) {
		report_note(all->process->report, DESCRIPTOR, "descriptor %d (%s): a start opens "
			    "%s, which is the same file", descriptor->number, descriptor->target,
			    path);
		free(descriptor->target);
		descriptor->target = path;
	}
	if (list)
		closedir(list);
	free(directory);
}

/* The file that is not at its path. */
static const char *what_is_lost(const struct descriptor *descriptor)
{
	if (!path_is_deleted(descriptor->target))
		return "a file that its path does not lead to";
	if (descriptor->status.st_nlink)
		return "a file whose name was deleted, but which has another elsewhere";
	return "a deleted file";
}

/* The kernel shows it as a deleted file that has a link. */
static bool is_secret_memory(const struct descriptor *descriptor)
{
	struct statfs system;

	return path_begins(descriptor->target, "/secretmem")
	       && !fstatfs(descriptor->fd, &system) && system.f_type == SECRETMEM_MAGIC;
}

const char *descriptor_add_path(struct descriptors *all, struct descriptor *descriptor)
{
	uint32_t files = all->process->handoff.files;
	struct plan_file plan = descriptor_plan(descriptor, files == UNEXEC_FILES_ANY
							    ? PLAN_FD_OPEN_ANY : PLAN_FD_OPEN);
	const char *what;
	char *self;

	if (is_secret_memory(descriptor))
		return "secret memory (memfd_secret)";
	what = descriptor_own_path(all, descriptor, &self);
	if (what)
		return what;
	if (S_ISREG(descriptor->status.st_mode) && !descriptor->status.st_nlink)
		return descriptor_add_deleted(all, descriptor);
	if (path_is_deleted(descriptor->target) && S_ISDIR(descriptor->status.st_mode))
		return descriptor_add_deleted_directory(all, descriptor);
	if (path_is_deleted(descriptor->target))
		find_other_name(all, descriptor);
	if (!self && !descriptor_is_at(descriptor->target, descriptor))
		return what_is_lost(descriptor);
	plan.offset = offset_of(all, descriptor);
	image_add_file(all->process->capture.image, &plan, self ? self : descriptor->target,
		       NULL);
	if (!self && files != UNEXEC_FILES_ANY)
		add_check(all, descriptor);
	free(self);
	return NULL;
}

/* ---- Devices ---------------------------------------------------------------------------- */

/* Finds the standard descriptor with the same terminal: the descriptor becomes a duplicate of
 * that one, whatever it is at the start. */
static const struct descriptor *find_standard(const struct descriptors *all,
					      const struct descriptor *terminal)
{
	bool writes = (terminal->flags & O_ACCMODE) == O_WRONLY;
	const struct descriptor *found = NULL;

	for (size_t i = 0; i < all->count && all->list[i].number <= 2; i++) {
		const struct descriptor *standard = &all->list[i];

		if (S_ISCHR(standard->status.st_mode)
		    && standard->status.st_rdev == terminal->status.st_rdev
		    && (!found || (writes && standard->number == 1)))
			found = standard;
	}
	return found;
}

static const char *add_terminal(struct descriptors *all, struct descriptor *terminal)
{
	const struct descriptor *standard = find_standard(all, terminal);
	struct plan_file plan = descriptor_plan(terminal, PLAN_FD_SAME);

	if (!standard)
		return "a terminal that is not standard input, output or error";
	plan.flags &= O_CLOEXEC;
	plan.other = standard->number;
	image_add_file(all->process->capture.image, &plan, NULL, NULL);
	return NULL;
}

/* Is it null, zero, full, random, urandom or /dev/tty (Documentation/admin-guide/devices.txt)?
 * These are the same for everybody who opens them. */
static bool is_common(dev_t device)
{
	if (major(device) == 1)
		return minor(device) == 3 || minor(device) == 5
		       || (minor(device) >= 7 && minor(device) <= 9);
	return major(device) == 5 && minor(device) == 0;
}

const char *descriptor_add_device(struct descriptors *all, struct descriptor *descriptor)
{
	struct plan_file plan = descriptor_plan(descriptor, PLAN_FD_OPEN);

	if (descriptor_find_master(all, descriptor))
		return descriptor_add_pty(all, descriptor);
	if (!is_common(descriptor->status.st_rdev))
		return isatty(descriptor->fd) ? add_terminal(all, descriptor)
						  : "a character device";
	if (!descriptor_is_at(descriptor->target, descriptor))
		return "a deleted device";
	image_add_file(all->process->capture.image, &plan, descriptor->target, NULL);
	return NULL;
}

/* ---- Locks ------------------------------------------------------------------------------ */

static int lock_kind(const char *word)
{
	static const char *const words[] = { [PLAN_LOCK_FLOCK] = "FLOCK",
					     [PLAN_LOCK_POSIX] = "POSIX",
					     [PLAN_LOCK_OFD] = "OFDLCK" };

	for (int i = 0; i < 3; i++)
		if (!strcmp(word, words[i]))
			return i;
	return -1;
}

/* "lock:	1: FLOCK  ADVISORY  WRITE 1234 fe:00:4567 0 EOF" */
static void add_lock(struct descriptors *all, const struct descriptor *descriptor,
		     const char *line, bool posix)
{
	struct plan_file plan = descriptor_plan(descriptor, PLAN_FD_LOCK);
	char which[16], type[16], end[24];
	unsigned long long start;
	int kind;

	if (sscanf(line, "lock: %*d: %15s %*s %15s %*d %*s %llu %23s", which, type, &start,
		   end) != 4)
		return;
	kind = lock_kind(which);
	if (kind < 0) {
		if (!posix)
			descriptor_warn(all, descriptor, "its lease is not in the dump");
		return;
	}
	if ((kind == PLAN_LOCK_POSIX) != posix)
		return;
	plan.lock.which = (uint64_t)kind;
	plan.lock.type = (uint64_t)(strcmp(type, "WRITE") ? F_RDLCK : F_WRLCK);
	plan.lock.start = start;
	/* Length 0 means up to the end of the file, as it grows. */
	plan.lock.length = strcmp(end, "EOF") ? strtoull(end, NULL, 10) - start + 1 : 0;
	image_add_file(all->process->capture.image, &plan, descriptor->target, NULL);
}

/* Locks of flock() and OFD locks belong to the open file. POSIX locks belong to the process:
 * the copy has none, so they are read from the original. */
static void add_locks(struct descriptors *all, const struct descriptor *descriptor, int proc,
		      bool posix)
{
	char *info = fdinfo_read(all->process, proc, descriptor->number);

	for (char *line = info; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, "lock:", 5))
			add_lock(all, descriptor, line, posix);
	}
	free(info);
}

static bool may_be_locked(const struct descriptor *descriptor)
{
	return S_ISREG(descriptor->status.st_mode) || S_ISDIR(descriptor->status.st_mode);
}

void descriptors_add_locks(struct descriptors *all)
{
	const struct handoff_fds *fds = &all->process->handoff.fds;
	bool readable = process_is_readable(all->process), hidden = false;

	for (size_t i = 0; i < all->count; i++) {
		const struct descriptor *descriptor = &all->list[i];

		if (descriptor->number <= 2 || descriptor->absent || descriptor->is_in_flight
		    || descriptor->same != descriptor || !may_be_locked(descriptor))
			continue;
		add_locks(all, descriptor, fds->proc, false);
		if (readable)
			add_locks(all, descriptor, fds->original, true);
		hidden |= !readable;
	}
	if (hidden)
		report_warning(all->process->report, DESCRIPTOR,
			       "POSIX locks, if any, are not in the dump: they cannot be read, "
			       "since the process is not dumpable");
}
