/* SPDX-License-Identifier: MIT
 *
 * Pipes, named pipes and pairs of sockets, with the data in them.
 */
#include <asm/socket.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/uio.h>
#include <linux/stat.h>

#include "descriptors.h"

/* MSG_OOB, MSG_DONTWAIT, MSG_NOSIGNAL */
enum { SEND_URGENT = 1, SEND_DONTWAIT = 0x40, SEND_NOSIGNAL = 0x4000 };

/* SOL_SOCKET, SCM_RIGHTS */
enum { RIGHTS_LEVEL = 1, RIGHTS_TYPE = 1 };

/* Sends a message with descriptors, whose numbers are at `rights`, after how many they are.
 * Without them, to a pipe too. */
static long send_message(int to, const char *bytes, uint32_t length, uint32_t flags,
			 const char *rights)
{
	struct {
		uint64_t length;
		int32_t level, type;
		int32_t numbers[PLAN_RIGHTS + 1]; /* rounded up */
	} control = { .level = RIGHTS_LEVEL, .type = RIGHTS_TYPE };
	struct iovec part = { (void *)bytes, length };
	struct {
		void *name;
		uint64_t name_length;
		struct iovec *parts;
		uint64_t part_count;
		void *control;
		uint64_t control_length, flags;
	} message = { .parts = &part, .part_count = 1, .control = &control };
	uint32_t count;
	long sent;

	if (!rights) {
		sent = sys(__NR_sendto, to, bytes, length, flags, 0, 0);
		return sent == -ENOTSOCK ? sys(__NR_write, to, bytes, length) : sent;
	}
	memcpy(&count, rights, sizeof(count));
	memcpy(control.numbers, rights + sizeof(count), count * sizeof(int32_t));
	control.length = 16 + count * sizeof(int32_t);
	message.control_length = control.length;
	return sys(__NR_sendmsg, to, &message, flags);
}

/* Sends one message of the plan, whose length is that without flags. Returns its end. A stream
 * may take it in parts. */
static const char *send_entirely(const struct fd_step *step, int to, const char *at, uint32_t length,
			    uint32_t kind)
{
	uint32_t flags = SEND_DONTWAIT | SEND_NOSIGNAL, count;
	const char *rights = kind & PLAN_MESSAGE_RIGHTS ? at : NULL;

	if (kind & PLAN_MESSAGE_URGENT)
		flags |= SEND_URGENT;
	if (rights) {
		memcpy(&count, rights, sizeof(count));
		at += (1 + count) * sizeof(count);
		length -= (1 + count) * (uint32_t)sizeof(count);
	}
	do {
		long sent = fd_must(step, "restore the content of",
				    send_message(to, at, length, flags, rights));

		rights = NULL;
		at += sent;
		length -= (uint32_t)sent;
	} while (length);
	return at;
}

/* Writes the messages of the step's data. Each must fit, since all of them did in the
 * original. */
static void send_messages(const struct fd_step *step, int to)
{
	const char *at = fd_data(step), *end = at + step->file->length;
	const uint32_t kinds = PLAN_MESSAGE_URGENT | PLAN_MESSAGE_RIGHTS;

	while (at < end) {
		uint32_t length;

		memcpy(&length, at, sizeof(length));
		at = send_entirely(step, to, at + sizeof(length), length & ~kinds, length & kinds);
	}
}

void restore_send(struct fd_step *step)
{
	send_messages(step, step->file->number);
}

static void set_capacity(const struct fd_step *step, int end)
{
	if (step->file->pipe.capacity)
		fd_must(step, "set the capacity of",
			sys(__NR_fcntl, end, F_SETPIPE_SZ, step->file->pipe.capacity));
}

/* A pipe that only one descriptor, for both reading and writing, leads to: it had a name. */
static void settle_both(struct fd_step *step, const int ends[2])
{
	long both = fd_open_again(ends[0], step->file->flags);

	sys(__NR_close, ends[0]);
	sys(__NR_close, ends[1]);
	fd_settle(step, both);
}

void restore_pipe(struct fd_step *step)
{
	const struct plan_file *file = step->file;
	int ends[2];

	fd_must(step, "recreate",
		sys(__NR_pipe2, ends, O_CLOEXEC | O_NONBLOCK
		    | ((file->flags | file->other_flags) & O_DIRECT)));
	set_capacity(step, ends[1]);
	send_messages(step, ends[1]);
	sys(__NR_fcntl, ends[0], F_SETFL, 0);
	sys(__NR_fcntl, ends[1], F_SETFL, O_WRONLY);
	if (file->pipe.end == O_RDWR)
		settle_both(step, ends);
	else if (file->pipe.end == O_WRONLY)
		fd_settle_pair(step, ends[1], ends[0]);
	else
		fd_settle_pair(step, ends[0], ends[1]);
}

/* ---- Named pipes ------------------------------------------------------------------------ */

static void check_fifo(const struct fd_step *step, const char *path)
{
	struct statx status;

	fd_must(step, "reopen", sys(__NR_statx, AT_FDCWD, path, 0, STATX_TYPE, &status));
	if ((status.stx_mode & S_IFMT) != S_IFIFO)
		fd_give_up(step, "reopen, since it is no named pipe any more:", 0);
}

/* Another reader, such as the process that the dump was made of, would read the content. */
static void check_unused(const struct fd_step *step, const char *path)
{
	long reader = sys(__NR_openat, AT_FDCWD, path, O_WRONLY | O_NONBLOCK | O_CLOEXEC, 0);

	if (reader == -ENXIO)
		return;
	fd_must(step, "reopen", reader);
	fd_give_up(step, "restore the content of a named pipe that another process reads:", 0);
}

/* Opening one end waits for somebody who opens the other, so both are opened first. */
void restore_fifo(struct fd_step *step)
{
	const struct plan_file *file = step->file;
	const char *path = plan_string(step->plan, file->path);
	long both, end;

	check_fifo(step, path);
	if (file->length)
		check_unused(step, path);
	both = fd_must(step, "reopen", sys(__NR_openat, AT_FDCWD, path,
					   O_RDWR | O_NONBLOCK | O_CLOEXEC
						   | (file->flags & O_DIRECT), 0));
	set_capacity(step, (int)both);
	send_messages(step, (int)both);
	end = sys(__NR_openat, AT_FDCWD, path, file->flags, 0);
	sys(__NR_close, both);
	fd_settle(step, end);
}

/* ---- Pairs of sockets ------------------------------------------------------------------- */

/* The closed end may have had a larger buffer than a new socket has. The kernel reduces the size
 * to its limit. */
static void raise_send_buffer(int end)
{
	int32_t size = 0x3fffffff;

	if (sys_failed(sys(__NR_setsockopt, end, SOL_SOCKET, SO_SNDBUFFORCE, &size,
			   sizeof(size))))
		sys(__NR_setsockopt, end, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

void restore_pair(struct fd_step *step)
{
	const struct plan_file *file = step->file;
	int ends[2];

	fd_must(step, "recreate", sys(__NR_socketpair, SOCKET_UNIX,
					file->socket.type | O_CLOEXEC, 0, ends));
	if (!file->other)
		raise_send_buffer(ends[1]);
	send_messages(step, ends[1]);
	fd_settle_pair(step, ends[0], ends[1]);
}
