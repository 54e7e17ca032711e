/* SPDX-License-Identifier: MIT
 *
 * Pipes and pairs of sockets, with the data in them.
 */
#include <asm/socket.h>
#include <linux/errno.h>
#include <linux/fcntl.h>

#include "descriptors.h"

/* MSG_DONTWAIT, MSG_NOSIGNAL */
enum { SEND_DONTWAIT = 0x40, SEND_NOSIGNAL = 0x4000 };

/* Writes the messages of the step's data. Each must fit, since all of them did in the
 * original. */
static void send_messages(const struct fd_step *step, int to)
{
	const char *at = fd_data(step), *end = at + step->file->length;

	while (at < end) {
		uint32_t length;
		long sent;

		memcpy(&length, at, sizeof(length));
		at += sizeof(length);
		sent = sys(__NR_sendto, to, at, length, SEND_DONTWAIT | SEND_NOSIGNAL, 0, 0);
		if (sent == -ENOTSOCK)
			sent = sys(__NR_write, to, at, length);
		fd_must(step, "restore the content of", sent);
		if (sent != length)
			fd_give_up(step, "restore the content of", -EAGAIN);
		at += length;
	}
}

void restore_send(struct fd_step *step)
{
	send_messages(step, step->file->number);
}

void restore_pipe(struct fd_step *step)
{
	const struct plan_file *file = step->file;
	int ends[2];

	fd_must(step, "recreate",
		sys(__NR_pipe2, ends, O_CLOEXEC | O_NONBLOCK
		    | ((file->flags | file->other_flags) & O_DIRECT)));
	if (file->pipe.capacity)
		fd_must(step, "set the capacity of",
			sys(__NR_fcntl, ends[1], F_SETPIPE_SZ, file->pipe.capacity));
	send_messages(step, ends[1]);
	sys(__NR_fcntl, ends[0], F_SETFL, 0);
	sys(__NR_fcntl, ends[1], F_SETFL, O_WRONLY);
	if (file->pipe.end)
		fd_settle_pair(step, ends[1], ends[0]);
	else
		fd_settle_pair(step, ends[0], ends[1]);
}

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
