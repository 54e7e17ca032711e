/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Functions that the files of all kinds share. README has the steps to a new kind.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "descriptors/descriptors.h"
#include "process/proc_files.h"

static int compare_descriptors(const void *a, const void *b)
{
	return ((const struct descriptor *)a)->number - ((const struct descriptor *)b)->number;
}

void descriptors_sort(struct descriptors *all)
{
	if (all->count)
		qsort(all->list, all->count, sizeof(*all->list), compare_descriptors);
}

struct descriptor *descriptors_find(const struct descriptors *all, int number)
{
	const struct descriptor key = { .number = number };

	if (!all->count)
		return NULL;
	return bsearch(&key, all->list, all->count, sizeof(key), compare_descriptors);
}

bool descriptor_is_starters(const struct descriptor *descriptor)
{
	return descriptor->number <= 2 || descriptor->inherited;
}

struct plan_file descriptor_plan(const struct descriptor *descriptor, uint32_t kind)
{
	return (struct plan_file){ .kind = kind,
				   .number = descriptor->number,
				   .flags = descriptor->flags,
				   .offset = PLAN_NO_OFFSET };
}

void descriptor_warn(const struct descriptors *all, const struct descriptor *descriptor,
		     const char *what)
{
	report_warning(all->process->report, DESCRIPTOR, "descriptor %d (%s): %s",
		       descriptor->number, descriptor->target, what);
}

void descriptor_describe(struct descriptor *descriptor, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	free(descriptor->description);
	if (vasprintf(&descriptor->description, format, arguments) < 0)
		descriptor->description = xstrdup("a descriptor that cannot be described");
	va_end(arguments);
}

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
	if (!(plan.flags & O_PATH) && !S_ISDIR(descriptor->status.st_mode))
		plan.offset = (uint64_t)lseek(descriptor->fd, 0, SEEK_CUR);
	image_add_file(all->process->capture.image, &plan, NULL, NULL);
}

void messages_add(struct messages *messages, const void *bytes, size_t length)
{
	messages_add_flagged(messages, bytes, length, 0);
}

void messages_add_flagged(struct messages *messages, const void *bytes, size_t length,
			  uint32_t flag)
{
	uint32_t size = (uint32_t)length | flag;

	while (messages->length + sizeof(size) + length > messages->room)
		messages->bytes = xgrow_bytes(messages->bytes, messages->room,
					      &messages->room, 1);
	memcpy(messages->bytes + messages->length, &size, sizeof(size));
	memcpy(messages->bytes + messages->length + sizeof(size), bytes, length);
	messages->length += sizeof(size) + length;
}
