/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pipes and named pipes with both ends in the process, and their content.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/path.h"
#include "base/xalloc.h"
#include "descriptors/descriptors.h"

/* fs/pipe.c: PIPE_DEF_BUFFERS pages. */
#define DEFAULT_CAPACITY 65536

struct pipe {
	struct descriptor *ends[3]; /* by access mode: reading, writing, both; NULL: none here */
	bool standard;              /* an end is standard input, output or error */
};

static bool is_end_of(const struct descriptor *descriptor, const struct descriptor *end)
{
	return S_ISFIFO(descriptor->status.st_mode) && !(descriptor->flags & O_PATH)
	       && descriptor->status.st_ino == end->status.st_ino
	       && descriptor->status.st_dev == end->status.st_dev;
}

static struct pipe find_ends(struct descriptors *all, const struct descriptor *end)
{
	struct pipe pipe = { { NULL, NULL, NULL }, false };

	for (size_t i = 0; i < all->count; i++) {
		struct descriptor *other = &all->list[i];
		unsigned mode = other->flags & O_ACCMODE;

		if (!is_end_of(other, end))
			continue;
		pipe.standard |= other->number <= 2;
		if (mode <= O_RDWR && !other->absent && !pipe.ends[mode])
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

/* Adds descriptors that opened the same pipe again: by its name, or by a name in /proc. */
static void add_pipe_again(struct descriptors *all, const struct plan_file *first)
{
	const struct descriptor *made = descriptors_find(all, first->number);

	for (size_t i = 0; i < all->count; i++) {
		struct descriptor *other = &all->list[i];
		bool named = first->kind == PLAN_FD_FIFO;
		struct plan_file plan = descriptor_plan(other, named ? PLAN_FD_FIFO
								     : PLAN_FD_AGAIN);

		if (!is_end_of(other, made) || other->settled || other->same != other)
			continue;
		plan.other = named ? 0 : made->number;
		image_add_file(all->process->capture.image, &plan,
			       named ? other->target : NULL, NULL);
		other->settled = true;
	}
}

/* Returns the reason why the pipe cannot be made again, or NULL. */
static const char *what_is_missing(const struct pipe *pipe, const struct descriptor *descriptor)
{
	const struct descriptor *one = pipe->ends[0] ? pipe->ends[0] : pipe->ends[1];
	bool named = descriptor->target[0] == '/';

	if (pipe->standard)
		return "a pipe whose other end is standard input, output or error";
	if (pipe->ends[O_RDWR] || (pipe->ends[0] && pipe->ends[1]))
		return NULL;
	if (one && (is_other_end_closed(one) || (named && descriptor->chosen)))
		return NULL;
	return named ? "one end of a named pipe" : "a pipe with its other end outside the process";
}

/* Completes the entry that makes the pipe, and adds it. */
static const char *add_first(struct descriptors *all, const struct pipe *pipe,
			     struct plan_file *plan, const char *path)
{
	const struct descriptor *const *ends = (const struct descriptor *const *)pipe->ends;
	const struct descriptor *reading = ends[0] ? ends[0] : ends[O_RDWR];
	const struct descriptor *writing = ends[1] ? ends[1] : ends[O_RDWR];
	int capacity = fcntl(reading ? reading->fd : writing->fd, F_GETPIPE_SZ);
	struct messages messages = { 0 };

	/* The reading end never has O_DIRECT. */
	if (reading && peek_pipe(reading, writing && writing->flags & O_DIRECT, &messages))
		return "a pipe whose content cannot be read";
	if (capacity < 0)
		return "a pipe whose capacity cannot be read";
	plan->pipe.capacity = capacity == DEFAULT_CAPACITY ? 0 : (uint64_t)capacity;
	plan->length = (uint32_t)messages.length;
	image_add_file(all->process->capture.image, plan, path, messages.bytes);
	free(messages.bytes);
	return NULL;
}

const char *descriptor_add_pipe(struct descriptors *all, struct descriptor *descriptor)
{
	struct pipe pipe = find_ends(all, descriptor);
	const char *path = descriptor->target;
	bool named = path[0] == '/' && !path_is_deleted(path);
	const char *what = what_is_missing(&pipe, descriptor);
	struct descriptor *made;
	struct plan_file plan;

	if (what)
		return what;
	if (named && !descriptor_is_at(path, descriptor))
		return "a named pipe that its path does not lead to";
	made = pipe.ends[0] ? pipe.ends[0] : pipe.ends[O_RDWR] ? pipe.ends[O_RDWR] : pipe.ends[1];
	plan = descriptor_plan(made, named ? PLAN_FD_FIFO : PLAN_FD_PIPE);
	plan.pipe.end = made->flags & O_ACCMODE;
	if (!named && made == pipe.ends[0] && pipe.ends[1]) {
		plan.other = pipe.ends[1]->number;
		plan.other_flags = pipe.ends[1]->flags;
	}
	what = add_first(all, &pipe, &plan, named ? path : NULL);
	if (what)
		return what;
	made->settled = true;
	if (plan.other)
		pipe.ends[1]->settled = true;
	add_pipe_again(all, &plan);
	return NULL;
}
