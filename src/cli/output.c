/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writes beside the target, syncs, renames.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image/xalloc.h"
#include "output.h"

/* The file that a chain of symbolic links ends in; the path itself if there is none. */
static char *resolve(const char *path)
{
	char *resolved = realpath(path, NULL);

	return resolved ? resolved : xstrdup(path);
}

static char *directory_of(const char *path)
{
	char *copy = xstrdup(path);
	char *directory = xstrdup(dirname(copy));

	free(copy);
	return directory;
}

/* A name beside the target that is not taken yet. */
static char *beside(const struct output *output, unsigned attempt)
{
	const char *slash = strrchr(output->path, '/');

	return xasprintf("%s/.%s.%ld.%u", output->directory,
			 slash ? slash + 1 : output->path, (long)getpid(), attempt);
}

#define ATTEMPTS 100

static int open_named(struct output *output)
{
	int fd = -1;

	for (unsigned i = 0; i < ATTEMPTS && fd < 0; i++) {
		char *name = beside(output, i);

		fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
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
	struct stat there;

	*output = (struct output){ .fd = -1, .path = resolve(path) };
	output->directory = directory_of(output->path);
	if (!stat(output->path, &there) && !S_ISREG(there.st_mode)) {
		if (S_ISDIR(there.st_mode)) {
			errno = EISDIR;
			report_errno(report, TARGET, "cannot replace %s", path);
		} else {
			report_error(report, TARGET, "%s is not a regular file", path);
		}
		return -1;
	}
	if (path[0] == '\0') {
		report_error(report, TARGET, "the name of the target is empty");
		return -1;
	}
	if (path[strlen(path) - 1] == '/') {
		errno = EISDIR;
	} else {
		output->fd = open(output->directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
		/* Not every file system and not every kernel can (EISDIR: before 3.11). */
		if (output->fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR))
			output->fd = open_named(output);
	}
	if (output->fd < 0) {
		report_errno(report, TARGET, "cannot write %s", path);
		return -1;
	}
	return 0;
}

/* Gives a file without a name that of the target, if that is free, or one beside it. */
static int link_nameless(struct output *output)
{
	char *self = xasprintf("/proc/self/fd/%d", output->fd);
	int failed = linkat(AT_FDCWD, self, AT_FDCWD, output->path, AT_SYMLINK_FOLLOW);

	if (failed && errno != EEXIST)
		goto out;
	for (unsigned i = 0; i < ATTEMPTS && failed; i++) {
		char *name = beside(output, i);

		failed = linkat(AT_FDCWD, self, AT_FDCWD, name, AT_SYMLINK_FOLLOW);
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
	int fd = open(output->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		report_errno(report, WRITE, "cannot open %s", output->directory);
	return fd;
}

/* The old file is gone by now: too late for an error. Some file systems have nothing to
 * sync. */
static void sync_directory(const struct output *output, int fd, struct report *report)
{
	if (fsync(fd) && errno != EINVAL)
		report_add(report, UNEXEC_WARNING, UNEXEC_CODE_WRITE, errno, 0, 0,
			   "cannot sync %s: a power failure may undo the writing of %s",
			   output->directory, output->path);
}

/* Puts it in the place of what was there, once it is complete. */
static int put_in_place(struct output *output, struct report *report)
{
	/* A kernel does not execute what is open for writing. */
	if (!output->temporary && link_nameless(output)) {
		report_errno(report, TARGET, "cannot write %s", output->path);
		return -1;
	}
	close(output->fd);
	output->fd = -1;
	if (output->temporary && rename(output->temporary, output->path)) {
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
	if (fchmod(output->fd, 0777 & ~mask) || fsync(output->fd)) {
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

void output_close(struct output *output)
{
	if (output->temporary)
		unlink(output->temporary);
	if (output->fd >= 0)
		close(output->fd);
	free(output->temporary);
	free(output->directory);
	free(output->path);
}
