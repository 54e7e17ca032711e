/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The descriptors of the process: regular files are opened again where they stood, 0 to 2
 * are those of the new process, all else is named.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image/xalloc.h"
#include "process.h"

/* Opened by the library and the copy for the dump itself. */
static bool is_ours(const struct handoff *handoff, int number)
{
	const struct handoff_fds *fds = &handoff->fds;

	return number == fds->mem || number == fds->pagemap || number == fds->proc
	       || number == fds->smaps || number == fds->original || number == fds->answer
	       || number == handoff->original_fds[0] || number == handoff->original_fds[1];
}

/* Where the file stands and its flags, from fdinfo; flags are octal there. */
static int read_info(struct process *process, int number, uint64_t *ret_offset,
		     unsigned *ret_flags)
{
	char name[32], line[256];
	unsigned long offset = 0;
	unsigned flags = 0;
	int found = 0;
	FILE *stream;

	snprintf(name, sizeof(name), "fdinfo/%d", number);
	stream = process_open(process->handoff.fds.proc, name);
	if (!stream)
		return -1;
	while (fgets(line, sizeof(line), stream))
		found += sscanf(line, "pos: %lu", &offset) == 1
			 || sscanf(line, "flags: %o", &flags) == 1;
	fclose(stream);
	if (found < 2) {
		errno = EBADMSG;
		return -1;
	}
	*ret_offset = offset;
	*ret_flags = flags;
	return 0;
}

static const char *kind_of(mode_t mode, const char *target)
{
	if (S_ISREG(mode))
		return "a deleted file";
	if (S_ISDIR(mode))
		return "a directory";
	if (S_ISFIFO(mode))
		return "a pipe";
	if (S_ISSOCK(mode))
		return "a socket";
	if (S_ISCHR(mode))
		return strncmp(target, "/dev/pts/", 9) ? "a character device" : "a terminal";
	if (S_ISBLK(mode))
		return "a block device";
	return "a kernel object";
}

static void refuse(struct process *process, int number, const char *target, mode_t mode)
{
	if (!strcmp(target, "anon_inode:[io_uring]"))
		report_error(process->report, IO_URING, "descriptor %d is an io_uring", number);
	else
		report_error(process->report, DESCRIPTOR, "descriptor %d is %s (%s)", number,
			     kind_of(mode, target), target);
}

/* Whether opening `path` gives this file again. */
static bool is_at(const char *path, const struct stat *file)
{
	struct stat there;

	return file->st_nlink && !stat(path, &there) && there.st_dev == file->st_dev
	       && there.st_ino == file->st_ino;
}

static void add(struct process *process, int number)
{
	const unsigned never = O_CREAT | O_EXCL | O_TRUNC;
	char name[32];
	struct stat status;
	uint64_t offset;
	unsigned flags;
	char *target;

	snprintf(name, sizeof(name), "fd/%d", number);
	target = process_readlink(process->handoff.fds.proc, name);
	if (!target || fstatat(process->handoff.fds.proc, name, &status, 0)
	    || read_info(process, number, &offset, &flags))
		report_errno(process->report, NO_PROC, "cannot look at descriptor %d", number);
	else if (S_ISREG(status.st_mode) && !(flags & O_PATH) && is_at(target, &status))
		image_add_file(process->capture.image, number, flags & ~never, offset, target);
	else
		refuse(process, number, target, status.st_mode);
	free(target);
}

static int by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

void process_capture_descriptors(struct process *process)
{
	int directory = openat(process->handoff.fds.proc, "fd", O_RDONLY | O_DIRECTORY);
	DIR *list = directory < 0 ? NULL : fdopendir(directory);
	struct dirent *entry;
	int *numbers = NULL;
	size_t count = 0;

	if (!list) {
		report_errno(process->report, NO_PROC, "cannot list the descriptors");
		return;
	}
	while ((entry = readdir(list))) {
		int number = atoi(entry->d_name);

		if (entry->d_name[0] == '.' || number <= 2
		    || is_ours(&process->handoff, number))
			continue;
		numbers = xrealloc(numbers, (count + 1) * sizeof(*numbers));
		numbers[count++] = number;
	}
	closedir(list);
	if (count)
		qsort(numbers, count, sizeof(*numbers), by_number);
	for (size_t i = 0; i < count; i++)
		add(process, numbers[i]);
	free(numbers);
}
