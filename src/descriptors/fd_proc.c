/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files and directories of processes in /proc. In the dump, those of the process itself are the
 * new process's.
 */
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>

#include "base/path.h"
#include "base/xalloc.h"
#include "descriptors/descriptors.h"

/* Is it in the directory of a process? Stores what follows that in the path. */
static bool is_of_process(const struct descriptor *descriptor, unsigned *ret_pid,
			  const char **ret_rest)
{
	struct statfs system;
	int length = 0;

	if (sscanf(descriptor->target, "/proc/%u%n", ret_pid, &length) != 1
	    || fstatfs(descriptor->fd, &system) || system.f_type != PROC_SUPER_MAGIC)
		return false;
	*ret_rest = descriptor->target + length;
	return **ret_rest == '/' || **ret_rest == 0 || **ret_rest == ' ';
}

const char *descriptor_own_path(const struct descriptors *all,
				const struct descriptor *descriptor, char **ret_path)
{
	unsigned own = all->process->handoff.pid, pid, tid;
	const char *rest;
	int length = 0;

	*ret_path = NULL;
	if (!is_of_process(descriptor, &pid, &rest))
		return NULL;
	if (pid != own)
		return "a file of another process in /proc";
	if (path_is_deleted(descriptor->target))
		return "a file of a thread in /proc that has ended";
	if (sscanf(rest, "/task/%u%n", &tid, &length) != 1)
		*ret_path = xasprintf("/proc/self%s", rest);
	else if (tid == own) /* the thread that restores descriptors */
		*ret_path = xasprintf("/proc/thread-self%s", rest + length);
	else
		return "a file of a thread in /proc";
	return NULL;
}
