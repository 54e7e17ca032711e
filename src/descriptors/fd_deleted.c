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
#include "process/proc_files.h"

/* open() leaves these in the flags of the file. With them, it cannot be opened again through
 * /proc/self/fd. */
#define FLAGS_OF_PATHS (O_TMPFILE | O_DIRECTORY | O_NOFOLLOW)

/* The last of the four IDs: new files of the process get it. */
static uint32_t file_id(const struct process *process, const char *name)
{
	char line[256];
	const char *value = process_thread_status(process->handoff.fds.proc, 0, name, line);
	uint32_t id = PLAN_SAME_OWNER;

	return value && sscanf(value, "%*u %*u %*u %u", &id) == 1 ? id : PLAN_SAME_OWNER;
}

static uint64_t nanoseconds_of(struct timespec time)
{
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

void descriptor_add_status(struct descriptors *all, const struct descriptor *descriptor)
{
	struct plan_file plan = descriptor_plan(descriptor, PLAN_FD_STATUS);
	const struct stat *status = &descriptor->status;
	bool own_user = status->st_uid == file_id(all->process, "Uid:");
	bool own_group = status->st_gid == file_id(all->process, "Gid:");

	plan.status.mode = status->st_mode & 07777;
	plan.status.user = own_user ? PLAN_SAME_OWNER : status->st_uid;
	plan.status.group = own_group ? PLAN_SAME_OWNER : status->st_gid;
	plan.status.accessed = nanoseconds_of(status->st_atim);
	plan.status.modified = nanoseconds_of(status->st_mtim);
	image_add_file(all->process->capture.image, &plan, descriptor->target, NULL);
}

void descriptor_add_again(struct descriptors *all, const struct descriptor *descriptor, int other)
{
	struct plan_file plan = descriptor_plan(descriptor, PLAN_FD_AGAIN);

	plan.flags &= ~(unsigned)(S_ISDIR(descriptor->status.st_mode) ? O_NOFOLLOW
								    : FLAGS_OF_PATHS);
	plan.other = other;
	if (!(plan.flags & O_PATH))
		plan.offset = (uint64_t)lseek(descriptor->fd, 0, SEEK_CUR);
	image_add_file(all->process->capture.image, &plan, NULL, NULL);
}

static bool can_be_read(const struct descriptor *descriptor)
{
	char *path = xasprintf("/proc/self/fd/%d", descriptor->fd);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

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
