/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The working directory, and the umask. Both are the starter's, unless the program has changed
 * them itself.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/task.h"
#include "base/xalloc.h"
#include "process/kernel_state.h"
#include "process/proc_files.h"

static bool is_same_directory(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Returns whether the process may have another directory than at its beginning: than this process,
 * which became the program, or than its parent. */
static bool has_moved(struct process *process, const struct stat *own)
{
	pid_t parent = process_parent(process);
	struct stat other;
	char *path;
	int failed;

	if (process->handoff.directory == HANDOFF_DIRECTORY_UNLIKE_OURS)
		return stat(".", &other) || !is_same_directory(own, &other);
	path = xasprintf("/proc/%d/cwd", (int)parent);
	failed = parent ? stat(path, &other) : -1;
	free(path);
	return failed || !is_same_directory(own, &other);
}

/* NULL: the directory has no path, or another one is there now. */
static char *path_of(struct process *process, const struct stat *own)
{
	char *path = process_readlink(process->handoff.fds.original, "cwd");
	struct stat there;

	if (path && (path[0] != '/' || stat(path, &there) || !is_same_directory(own, &there))) {
		free(path);
		path = NULL;
	}
	return path;
}

void process_capture_directory(struct process *process)
{
	struct image *image = process->capture.image;
	bool needed = process->handoff.directory == UNEXEC_DIRECTORY_KEEP;
	struct stat own;

	if (process->handoff.directory == UNEXEC_DIRECTORY_INHERIT || process->report->status)
		return;
	if (fstatat(process->handoff.fds.original, "cwd", &own, 0)) {
		report_errno(process->report, NO_PROC, "cannot read the working directory in /proc");
		return;
	}
	if (!needed && !has_moved(process, &own))
		return;
	image->directory = path_of(process, &own);
	image->directory_needed = needed;
	if (image->directory)
		report_note(process->report, SETTING, "starts change to the working directory %s",
			    image->directory);
	else if (needed)
		report_error(process->report, SETTING, "its working directory was deleted or moved");
	else
		report_warning(process->report, SETTING, "its working directory was deleted or "
			       "moved: starts have their starter's");
}

void process_capture_umask(struct process *process)
{
	char line[256], other[32];
	pid_t parent = process_parent(process);
	const char *own = process_thread_status(process->handoff.fds.original, 0, "Umask:", line);

	if (!own || process->report->status)
		return;
	/* Without a parent to compare with, it may have been made to protect files. */
	if (!parent || task_status(parent, "Umask", other, sizeof(other)) || !other[0]
	    || strtoul(own, NULL, 8) != strtoul(other, NULL, 8))
		process->capture.image->settings.umask = 1 + (uint32_t)strtoul(own, NULL, 8);
}
