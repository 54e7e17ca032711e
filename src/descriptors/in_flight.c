/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Descriptors in flight: those in messages that a UNIX-domain socket has received and the process
 * has not. They are listed with numbers that the process does not use. A start makes them, sends
 * them, and closes the numbers.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "base/xalloc.h"
#include "descriptors/sockets.h"
#include "process/proc_files.h"

struct arrival {
	struct descriptors *all;
	int carrier;
};

/* Others have state that the kernel reports only for descriptors of the process. */
static bool can_be_in_flight(const struct descriptor *descriptor)
{
	switch (descriptor->status.st_mode & S_IFMT) {
	case S_IFREG:
	case S_IFDIR:
		return descriptor->target[0] == '/' && !path_is_deleted(descriptor->target)
		       && !path_begins(descriptor->target, "/memfd:");
	case S_IFIFO:
	case S_IFSOCK:
	case S_IFCHR: return true;
	}
	return false;
}

static bool examine_arrival(struct descriptor *descriptor)
{
	char name[32];
	int own = open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int flags = fcntl(descriptor->fd, F_GETFL);

	snprintf(name, sizeof(name), "fd/%d", descriptor->fd);
	if (own >= 0)
		descriptor->target = process_readlink(own, name);
	close(own);
	descriptor->flags = (unsigned)flags & ~(unsigned)(O_CREAT | O_EXCL | O_TRUNC | O_CLOEXEC);
	return flags >= 0 && !fstat(descriptor->fd, &descriptor->status) && descriptor->target
	       && can_be_in_flight(descriptor);
}

static int add_arrival(void *context, int fd)
{
	const struct arrival *arrival = context;
	struct descriptors *all = arrival->all;
	struct descriptor descriptor = {
		.number = all->list[all->count - 1].number + 1,
		.fd = fd,
		.is_in_flight = true,
		.carrier = arrival->carrier,
	};
	size_t room = xgrow_room(all->count);

	if (!examine_arrival(&descriptor)) {
		close(fd);
		free(descriptor.target);
		return -1;
	}
	xgrow(all->list, all->count, room);
	all->list[all->count++] = descriptor;
	return descriptor.number;
}

static bool is_examined(const struct descriptors *all, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (all->list[i].status.st_ino == all->list[index].status.st_ino
		    && S_ISSOCK(all->list[i].status.st_mode))
			return true;
	return false;
}

static void list_queue(struct descriptors *all, size_t index)
{
	uint32_t inode = (uint32_t)all->list[index].status.st_ino;
	struct arrival arrival = { all, all->list[index].number };
	const struct socket_reader reader = { add_arrival, &arrival };
	struct messages messages = { 0 };
	struct unix_diag diag;

	/* Without the messages, the socket is refused. */
	if (unix_diag_ask(inode, &diag)
	    || socket_peek(all->list[index].fd, &diag, &reader, &messages)) {
		free(messages.bytes);
		return;
	}
	all->list[index].queue = messages; /* the list may have moved */
}

void descriptors_list_in_flight(struct descriptors *all)
{
	/* The list grows: a socket in flight may have others in its queue. */
	for (size_t i = 0; i < all->count; i++)
		if (S_ISSOCK(all->list[i].status.st_mode) && !is_examined(all, i)
		    && !all->list[i].settled && !descriptor_is_starters(&all->list[i])
		    && socket_option(all->list[i].fd, SOL_SOCKET, SO_DOMAIN, -1) == AF_UNIX
		    && socket_rights_in_queue(all, &all->list[i]))
			list_queue(all, i);
}

/* A duplicate of a descriptor is not made: that one is sent. */
static void choose_numbers(const struct descriptors *all, char *rights)
{
	uint32_t count;
	int32_t number;

	memcpy(&count, rights, sizeof(count));
	for (uint32_t i = 1; i <= count; i++) {
		memcpy(&number, rights + i * sizeof(number), sizeof(number));
		number = descriptors_find(all, number)->same->number;
		memcpy(rights + i * sizeof(number), &number, sizeof(number));
	}
}

struct messages descriptor_take_queue(const struct descriptors *all,
				      struct descriptor *descriptor)
{
	const uint32_t flags = PLAN_MESSAGE_URGENT | PLAN_MESSAGE_RIGHTS;
	struct messages messages = descriptor->queue;
	uint32_t length;

	for (size_t at = 0; at < messages.length; at += sizeof(length) + (length & ~flags)) {
		memcpy(&length, messages.bytes + at, sizeof(length));
		if (length & PLAN_MESSAGE_RIGHTS)
			choose_numbers(all, messages.bytes + at + sizeof(length));
	}
	descriptor->queue = (struct messages){ 0 };
	return messages;
}

const char *descriptor_describe_carrier(struct descriptor *descriptor, const char *what)
{
	char *old = xstrdup(what);

	descriptor_describe(descriptor, "a socket with a descriptor in flight that is %s", old);
	free(old);
	return descriptor->description;
}

void descriptors_close_in_flight(struct descriptors *all)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct descriptor *descriptor = &all->list[i];
		struct plan_file plan = descriptor_plan(descriptor, PLAN_FD_SENT);

		if (descriptor->is_in_flight && descriptor->same == descriptor
		    && !(descriptor->absent && descriptor->policy == HANDOFF_FD_KEEP))
			image_add_file(all->process->capture.image, &plan, NULL, NULL);
	}
}
