/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Deleted files: the dump has their content, and each start makes a file of its own, which has no
 * name either. process/objects.c handles content and mappings. Deleted directories are empty.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/path.h"
#include "base/xalloc.h"
#include "descriptors/descriptors.h"

static bool can_be_read(const struct descriptor *descriptor)
{
	char *path;
	int fd;

	if (!(descriptor->flags & O_PATH) && (descriptor->flags & O_ACCMODE) != O_WRONLY)
		return true;
	path = xasprintf("/proc/self/fd/%d", descriptor->fd);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	free(path);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

const char *descriptor_add_deleted(struct descriptors *all, struct descriptor *descriptor)
{
	struct process *process = all->process;
	const struct stat *status = &descriptor->status;
	struct object *object = objects_find(process, status->st_dev, status->st_ino, false);
	struct plan_file plan = descriptor_plan(descriptor, PLAN_FD_UNNAMED);
	struct statfs system;

	if (object) {
		descriptor_add_again(all, descriptor, object->plan.number);
		return NULL;
	}
	if (fstatfs(descriptor->fd, &system) || system.f_type == HUGETLBFS_MAGIC)
		return "a deleted file of huge pages";
	if (!can_be_read(descriptor))
		return "a deleted file that unexec may not read";
	plan.flags = O_RDWR | (descriptor->flags & O_CLOEXEC);
	objects_add(process, &plan, descriptor->fd, descriptor->target);
	descriptor_add_again(all, descriptor, descriptor->number);
	descriptor_add_status(all, descriptor);
	report_note(process->report, DESCRIPTOR, "descriptor %d (%s): each start makes a file of "
		    "its own without a name, with this content", descriptor->number,
		    descriptor->target);
	return NULL;
}

/* The first descriptor of the same directory, opened separately. */
static const struct descriptor *find_opened(const struct descriptors *all,
					    const struct descriptor *descriptor)
{
	const struct descriptor *first = all->list;

	for (; first < descriptor; first++)
		if (first->number > 2 && !first->absent
		    && first->status.st_dev == descriptor->status.st_dev
		    && first->status.st_ino == descriptor->status.st_ino)
			return first;
	return NULL;
}

const char *descriptor_add_deleted_directory(struct descriptors *all,
					     struct descriptor *descriptor)
{
	const struct descriptor *first = find_opened(all, descriptor);
	struct plan_file plan = descriptor_plan(descriptor, PLAN_FD_DIRECTORY);
	char *name, *parent;

	if (first) {
		descriptor_add_again(all, descriptor, first->number);
		return NULL;
	}
	name = xasprintf("%.*s", (int)path_length(descriptor->target), descriptor->target);
	parent = xasprintf("%.*s", (int)path_directory(name), name);
	plan.length = (uint32_t)strlen(parent) + 1;
	image_add_file(all->process->capture.image, &plan, name, parent);
	descriptor_add_status(all, descriptor);
	free(name);
	free(parent);
	return NULL;
}
