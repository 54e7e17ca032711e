/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pipes with both ends in the process, and their content.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "descriptors/descriptors.h"
#include "base/xalloc.h"

/* fs/pipe.c: PIPE_DEF_BUFFERS pages. */
#define DEFAULT_CAPACITY 65536

struct pipe {
	struct descriptor *ends[2]; /* reading, writing; NULL: closed, or outside the process */
	bool standard;              /* an end is standard input, output or error */
};

static bool is_end_of(const struct descriptor *descriptor, const struct descriptor *end)
{
	return S_ISFIFO(descriptor->status.st_mode)
	       && descriptor->status.st_ino == end->status.st_ino
	       && descriptor->status.st_dev == end->status.st_dev;
}

static struct pipe find_ends(struct descriptors *all, const struct descriptor *end)
{
	struct pipe pipe = { { NULL, NULL }, false };

	for (size_t i = 0; i < all->count; i++) {
		struct descriptor *other = &all->list[i];
		unsigned mode = other->flags & O_ACCMODE;

		if (!is_end_of(other, end))
			continue;
		pipe.standard |= other->number <= 2;
		if (mode <= O_WRONLY && !other->absent && !pipe.ends[mode])
			pipe.ends[mode] = other;
	}
	return pipe;
}

/* Has the other end been closed everywhere? */
static bool is_other_end_closed(const struct descriptor *end)
{
	struct pollfd poll_end = { .fd = end->fd };

	return poll(&poll_end, 1, 0) == 1 && poll_end.revents & (POLLHUP | POLLERR);
}

/* Takes all content out of `from`, up to its end. With O_DIRECT each read gives one packet. */
static int drain(int from, bool packets, struct messages *messages)
{
	int capacity = fcntl(from, F_GETPIPE_SZ);
	size_t room = (size_t)capacity + 1, length = 0;
	char *bytes = xmalloc(capacity < 0 ? 1 : room);
	ssize_t got = -1;

	while (capacity >= 0 && (got = read(from, bytes + length, room - length)) > 0) {
		if (packets)
			messages_add(messages, bytes, (size_t)got);
		else
			length += (size_t)got;
	}
	if (length)
		messages_add(messages, bytes, length);
	free(bytes);
	return (int)got;
}

/* Reads the content of a pipe without taking it out, through tee() to a pipe of our own. */
static int peek_pipe(const struct descriptor *end, bool packets, struct messages *messages)
{
	int ends[2], available = 0, failed = -1;
	ssize_t copied;

	if (ioctl(end->fd, FIONREAD, &available))
		return -1;
	if (!available)
		return 0;
	if (pipe2(ends, O_NONBLOCK | O_CLOEXEC))
		return -1;
	fcntl(ends[1], F_SETPIPE_SZ, fcntl(end->fd, F_GETPIPE_SZ));
	copied = tee(end->fd, ends[1], INT32_MAX, SPLICE_F_NONBLOCK);
	if (copied == available) {
		close(ends[1]);
		ends[1] = -1;
		failed = drain(ends[0], packets, messages);
	}
	close(ends[0]);
	if (ends[1] >= 0)
		close(ends[1]);
	return failed;
}

/* Adds descriptors that opened the same pipe again, by a name in /proc. */
static void add_pipe_again(struct descriptors *all, const struct pipe *pipe,
			   const struct descriptor *made)
{
	for (size_t i = 0; i < all->count; i++) {
		struct descriptor *other = &all->list[i];
		struct plan_file plan = descriptor_plan(other, PLAN_FD_AGAIN);

		if (!is_end_of(other, made) || other->settled || other->same != other
		    || other == pipe->ends[0] || other == pipe->ends[1])
			continue;
		plan.other = made->number;
		image_add_file(all->process->capture.image, &plan, NULL, NULL);
		other->settled = true;
	}
}

const char *descriptor_add_pipe(struct descriptors *all, struct descriptor *descriptor)
{
	struct pipe pipe = find_ends(all, descriptor);
	struct descriptor *made = pipe.ends[0] ? pipe.ends[0] : pipe.ends[1];
	struct messages messages = { 0 };
	struct plan_file plan;
	bool packets;
	int capacity;

	if (strncmp(descriptor->target, "pipe:[", 6))
		return "a named pipe";
	if (pipe.standard)
		return "a pipe whose other end is standard input, output or error";
	if (!made || (!(pipe.ends[0] && pipe.ends[1]) && !is_other_end_closed(made)))
		return "a pipe with its other end outside the process";
	packets = pipe.ends[1] && pipe.ends[1]->flags & O_DIRECT; /* the other end never has
								   * it */
	if (pipe.ends[0] && peek_pipe(pipe.ends[0], packets, &messages))
		return "a pipe whose content cannot be read";
	capacity = fcntl(made->fd, F_GETPIPE_SZ);
	if (capacity < 0)
		return "a pipe whose capacity cannot be read";
	plan = descriptor_plan(made, PLAN_FD_PIPE);
	plan.pipe.end = made == pipe.ends[1];
	if (made == pipe.ends[0] && pipe.ends[1]) {
		plan.other = pipe.ends[1]->number;
		plan.other_flags = pipe.ends[1]->flags;
		pipe.ends[1]->settled = true;
	}
	plan.pipe.capacity = capacity == DEFAULT_CAPACITY ? 0 : (uint64_t)capacity;
	plan.length = (uint32_t)messages.length;
	image_add_file(all->process->capture.image, &plan, NULL, messages.bytes);
	free(messages.bytes);
	made->settled = true;
	add_pipe_again(all, &pipe, made);
	return NULL;
}
