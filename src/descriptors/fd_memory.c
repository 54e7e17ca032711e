/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * memfds: descriptors of shared memory. process/objects.c handles content and mappings.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "descriptors/descriptors.h"
#include "base/xalloc.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8U
#define F_SEAL_EXEC 0x20
#endif
#define HUGETLBFS 0x958458f6

static uint64_t creation_flags(const struct descriptor *descriptor, unsigned seals)
{
	if (seals & F_SEAL_EXEC && !(descriptor->status.st_mode & 0111))
		return MFD_NOEXEC_SEAL;
	return seals == F_SEAL_SEAL ? 0 : MFD_ALLOW_SEALING;
}

static mode_t mode_of_new(uint64_t flags)
{
	return flags & MFD_NOEXEC_SEAL ? 0666 : 0777;
}

/* `flags`: those of a new memfd; libc's O_LARGEFILE need not be one of them. Other flags need a
 * second open, through /proc. */
static void add_memfd_object(struct descriptors *all, const struct descriptor *descriptor,
			     unsigned seals, unsigned flags)
{
	const unsigned settable = O_CLOEXEC | O_NONBLOCK;
	struct plan_file plan = descriptor_plan(descriptor, PLAN_FD_MEMORY);
	bool again = (descriptor->flags ^ flags) & ~settable;
	struct object *object;

	if (again)
		plan.flags = O_RDWR;
	plan.offset = (uint64_t)lseek(descriptor->fd, 0, SEEK_CUR);
	plan.memory.flags = creation_flags(descriptor, seals);
	object = objects_add(all->process, &plan, descriptor->fd, descriptor->target);
	object->seals = seals == F_SEAL_SEAL ? 0 : seals;
	if ((descriptor->status.st_mode & 07777) != mode_of_new(plan.memory.flags))
		descriptor_add_status(all, descriptor);
	if (again)
		descriptor_add_again(all, descriptor, descriptor->number);
}

/* The flags of a new memfd. */
static unsigned flags_of_new(void)
{
	int fd = memfd_create("unexec", MFD_CLOEXEC);
	int flags = fcntl(fd, F_GETFL);

	if (fd >= 0)
		close(fd);
	return (unsigned)flags;
}

const char *descriptor_add_memfd(struct descriptors *all, struct descriptor *descriptor)
{
	struct process *process = all->process;
	struct object *object = objects_find(process, descriptor->status.st_dev,
					     descriptor->status.st_ino, false);
	int seals = fcntl(descriptor->fd, F_GET_SEALS);
	struct statfs system;

	if (object) {
		descriptor_add_again(all, descriptor, object->plan.number);
		return NULL;
	}
	if (seals < 0 || fstatfs(descriptor->fd, &system) || system.f_type == HUGETLBFS)
		return "a memfd of huge pages";
	add_memfd_object(all, descriptor, (unsigned)seals, flags_of_new());
	return NULL;
}
