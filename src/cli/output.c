/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writes a new file next to its target, syncs it, and renames it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "output.h"

/* The kernel follows as many links in one path (MAXSYMLINKS). */
#define LINKS 40

/* ---- Finding the target ----------------------------------------------------------------- */

/* Splits `path`, relative to `from`: opens its directory and stores its last component. */
static int enter_directory(struct output *output, int from, const char *path)
{
	char *copy = xstrdup(path), *slash = strrchr(copy, '/');
	const char *directory = slash == copy ? "/" : slash ? copy : ".";
	int fd;

	if (slash)
		*slash = '\0';
	fd = openat(from, directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (output->directory >= 0)
		close(output->directory);
	free(output->name);
	output->directory = fd;
	output->name = xstrdup(slash ? slash + 1 : copy);
	free(copy);
	return fd < 0 ? -1 : 0;
}

/* A link in /proc leads to a file that is open or executed, not to a name. Links in /proc/self
 * also lead elsewhere for this process than for the process that passed the path. */
static bool is_in_proc(int directory)
{
	struct statfs system;

	return !fstatfs(directory, &system) && system.f_type == PROC_SUPER_MAGIC;
}

/* Follows the symbolic links that the path ends in, even if the target does not exist yet. */
static int follow_links(struct output *output, const char *path, struct report *report)
{
	char target[PATH_MAX];
	ssize_t length;
	int links = 0;

	if (enter_directory(output, AT_FDCWD, path))
		return -1;
	while ((length = readlinkat(output->directory, output->name, target,
				    sizeof(target) - 1)) >= 0) {
		target[length] = '\0';
		if (is_in_proc(output->directory)) {
			report_error(report, TARGET, "%s is a link in /proc to an open file: "
				     "give the name of the file itself", path);
			return -1;
		}
		errno = ELOOP;
		if (++links > LINKS || enter_directory(output, output->directory, target))
			return -1;
	}
	return errno == EINVAL || errno == ENOENT ? 0 : -1;
}

static bool is_directory_name(const char *name)
{
	return !*name || !strcmp(name, ".") || !strcmp(name, "..");
}

/* Only a regular file may be replaced. stat() makes the kernel follow the links: it refuses
 * links of other users in directories such as /tmp (fs.protected_symlinks). */
static int check_target(const char *path, struct report *report)
{
	struct stat there;

	if (stat(path, &there))
		return errno == ENOENT ? 0 : -1;
	if (S_ISREG(there.st_mode))
		return 0;
	errno = EISDIR;
	if (!S_ISDIR(there.st_mode))
		report_error(report, TARGET, "%s is not a regular file", path);
	return -1;
}

static int find_place(struct output *output, const char *path, struct report *report)
{
	if (follow_links(output, path, report) || check_target(path, report))
		return -1;
	if (!is_directory_name(output->name))
		return 0;
	errno = EISDIR;
	return -1;
}

/* ---- A file to write to ----------------------------------------------------------------- */

/* The name of a temporary file in the directory of the target. */
static char *beside(const struct output *output, unsigned attempt)
{
	return xasprintf(".%.200s.%ld.%u", output->name, (long)getpid(), attempt);
}

#define ATTEMPTS 100

static int open_named(struct output *output)
{
	int fd = -1;

	for (unsigned i = 0; i < ATTEMPTS && fd < 0; i++) {
		char *name = beside(output, i);

		fd = openat(output->directory, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC,
			    0600);
		if (fd >= 0) {
			output->temporary = name;
			return fd;
		}
		free(name);
		if (errno != EEXIST)
			break;
	}
	return fd;
}

int output_open(struct output *output, const char *path, struct report *report)
{
	*output = (struct output){ .fd = -1, .directory = -1, .path = xstrdup(path) };
	if (!*path) {
		report_error(report, TARGET, "the path of the dump is empty");
		return -1;
	}
	if (!find_place(output, path, report)) {
		output->fd = openat(output->directory, ".", O_TMPFILE | O_RDWR | O_CLOEXEC,
				    0600);
		/* EOPNOTSUPP: the file system has no O_TMPFILE; EISDIR: kernels before 3.11. */
		if (output->fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR))
			output->fd = open_named(output);
	}
	if (output->fd < 0 && !report->status)
		report_errno(report, TARGET, "cannot write %s", path);
	return output->fd < 0 ? -1 : 0;
}

/* ---- Putting it in place ---------------------------------------------------------------- */

/* Links a nameless file under the target's name if it is free, or else under a temporary one. */
static int link_nameless(struct output *output)
{
	char *self = xasprintf("/proc/self/fd/%d", output->fd);
	int failed = linkat(AT_FDCWD, self, output->directory, output->name,
			    AT_SYMLINK_FOLLOW);

	if (failed && errno != EEXIST)
		goto out;
	for (unsigned i = 0; i < ATTEMPTS && failed; i++) {
		char *name = beside(output, i);

		failed = linkat(AT_FDCWD, self, output->directory, name, AT_SYMLINK_FOLLOW);
		if (!failed)
			output->temporary = name;
		else
			free(name);
		if (failed && errno != EEXIST)
			break;
	}
out:
	free(self);
	return failed;
}

static int open_directory(const struct output *output, struct report *report)
{
	int fd = openat(output->directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		report_errno(report, WRITE, "cannot open the directory of %s", output->path);
	return fd;
}

/* A failure is only a warning, since the old file has been replaced already. Some file systems
 * cannot sync a directory (EINVAL). */
static void sync_directory(const struct output *output, int fd, struct report *report)
{
	if (fsync(fd) && errno != EINVAL)
		report_add(report, UNEXEC_WARNING, UNEXEC_CODE_WRITE, errno, 0, 0,
			   "cannot sync the directory of %s: a power failure may undo the dump",
			   output->path);
}

/* Moves the complete file to the target's name. */
static int put_in_place(struct output *output, struct report *report)
{
	/* The kernel does not execute a file that is open for writing (ETXTBSY). */
	if (!output->temporary && link_nameless(output)) {
		report_errno(report, TARGET, "cannot write %s", output->path);
		return -1;
	}
	close(output->fd);
	output->fd = -1;
	if (output->temporary && renameat(output->directory, output->temporary,
					    output->directory, output->name)) {
		report_errno(report, TARGET, "cannot replace %s", output->path);
		return -1;
	}
	free(output->temporary);
	output->temporary = NULL;
	return 0;
}

int output_commit(struct output *output, struct report *report)
{
	mode_t mask = umask(0);
	int directory, failed;

	umask(mask);
	if (fchmod(output->fd, (output->plain ? 0666 : 0777) & ~mask) || fsync(output->fd)) {
		report_errno(report, WRITE, "cannot write %s", output->path);
		return -1;
	}
	directory = open_directory(output, report);
	if (directory < 0)
		return -1;
	failed = put_in_place(output, report);
	if (!failed)
		sync_directory(output, directory, report);
	close(directory);
	return failed;
}

void output_unlink(const struct output *output)
{
	if (output->temporary)
		unlinkat(output->directory, output->temporary, 0);
}

void output_close(struct output *output)
{
	output_unlink(output);
	if (output->fd >= 0)
		close(output->fd);
	if (output->directory >= 0)
		close(output->directory);
	free(output->temporary);
	free(output->name);
	free(output->path);
}
