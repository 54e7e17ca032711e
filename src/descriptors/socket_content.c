/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The messages in the queue of a UNIX-domain socket.
 */
#define _GNU_SOURCE
#include <linux/sockios.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "descriptors/sockets.h"

/* The largest message (net.core.wmem_max and more). */
#define MESSAGE_ROOM ((size_t)4 << 20)

/* Does a recv() that returned 0 mean the end of the data, and not an empty message? A stream
 * has no empty messages. Packets have an end if receiving is shut down; empty messages at the
 * end are then the same as the end. */
static bool is_end(int number, const struct unix_diag *diag, size_t read)
{
	int available = 0;

	if (diag->type == SOCK_SEQPACKET)
		return diag->shutdown & 1
		       && (ioctl(number, FIONREAD, &available) || (size_t)available <= read);
	return diag->type == SOCK_STREAM;
}

/* Has a stream an out-of-band byte that is not received yet? */
static bool has_urgent(int number, const struct unix_diag *diag)
{
	struct pollfd events = { .fd = number, .events = POLLPRI };

	return diag->type == SOCK_STREAM && poll(&events, 1, 0) == 1 && events.revents & POLLPRI;
}

/* Reads messages from where SO_PEEK_OFF stands; the one of the index `urgent` begins with the
 * out-of-band byte. Returns the number of bytes. */
static size_t peek_messages(int number, const struct unix_diag *diag, int urgent,
			    struct messages *messages)
{
	char *bytes = xmalloc(MESSAGE_ROOM);
	size_t total = 0;
	ssize_t got;

	for (int i = 0;; i++) {
		size_t first = i == urgent;

		got = recv(number, bytes, MESSAGE_ROOM, MSG_PEEK | MSG_DONTWAIT | MSG_TRUNC);
		if (got < 0 || (size_t)got > MESSAGE_ROOM
		    || (!got && is_end(number, diag, total)))
			break;
		if (first)
			messages_add_flagged(messages, bytes, first, PLAN_MESSAGE_URGENT);
		if (!first || got > 1)
			messages_add(messages, bytes + first, (size_t)got - first);
		total += (size_t)got;
	}
	free(bytes);
	return got > 0 ? 0 : total;
}

static void set_number(int number, int name, int value)
{
	setsockopt(number, SOL_SOCKET, name, &value, sizeof(value));
}

/* The same for a queue with an out-of-band byte. With SO_OOBINLINE, recv() stops before the byte
 * and then returns it with what follows (net/unix/af_unix.c, manage_oob, 6.18). */
static size_t peek_urgent(int number, const struct unix_diag *diag, struct messages *messages)
{
	int before = socket_option(number, SOL_SOCKET, SO_OOBINLINE, 0), mark = 0;
	size_t total;

	ioctl(number, SIOCATMARK, &mark);
	set_number(number, SO_OOBINLINE, 1);
	total = peek_messages(number, diag, !mark, messages);
	set_number(number, SO_OOBINLINE, before);
	return total;
}

/* Reads the content of a socket without taking it out: SO_PEEK_OFF makes each read start after
 * the last. The options are restored; nobody else reads at that time. */
int socket_peek(const struct descriptor *descriptor, const struct unix_diag *diag,
		struct messages *messages)
{
	int before = socket_option(descriptor->fd, SOL_SOCKET, SO_PEEK_OFF, -1), first = 0;
	int available = 0;
	size_t total;

	if (ioctl(descriptor->fd, FIONREAD, &available)
	    || setsockopt(descriptor->fd, SOL_SOCKET, SO_PEEK_OFF, &first, sizeof(first)))
		return -1;
	if (has_urgent(descriptor->fd, diag))
		total = peek_urgent(descriptor->fd, diag, messages);
	else
		total = peek_messages(descriptor->fd, diag, -1, messages);
	set_number(descriptor->fd, SO_PEEK_OFF, before);
	return total < (size_t)available ? -1 : 0;
}

/* The memory of the messages that a socket has sent and that are still in a queue. */
static int sent_memory(int number)
{
	int memory = 0;

	return ioctl(number, SIOCOUTQ, &memory) ? 0 : memory;
}

static bool send_again(int number, const struct messages *messages)
{
	uint32_t length;

	for (size_t at = 0; at < messages->length; at += sizeof(length) + length) {
		memcpy(&length, messages->bytes + at, sizeof(length));
		if (send(number, messages->bytes + at + sizeof(length), length,
			 MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)length)
			return false;
	}
	return true;
}

/* The kernel skips an empty message that was peeked at before (net/core/datagram.c,
 * __skb_try_recv_from_queue). If the same messages need less memory in another pair, the queue
 * may have such messages. Their place cannot be found. */
void socket_warn_of_hidden(const struct descriptors *all, const struct descriptor *sender,
			   int type, const struct messages *messages)
{
	int pair[2];

	if (type == SOCK_STREAM || socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair))
		return;
	if (send_again(pair[0], messages) && sent_memory(sender->fd) > sent_memory(pair[0]))
		descriptor_warn(all, sender, "empty messages that it has sent may be missing in "
					     "the dump: they were peeked at before");
	close(pair[0]);
	close(pair[1]);
}
