/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The messages in the queue of a UNIX-domain socket.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "descriptors/fdinfo.h"
#include "descriptors/sockets.h"

/* The largest message (net.core.wmem_max and more). */
#define MESSAGE_ROOM ((size_t)4 << 20)

/* SCM_PIDFD (6.5), which older C libraries lack. */
#define SCM_PIDFD_TYPE 4

static void set_number(int number, int name, int value)
{
	setsockopt(number, SOL_SOCKET, name, &value, sizeof(value));
}

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

/* ---- Descriptors in the queue ----------------------------------------------------------- */

size_t socket_rights_in_queue(const struct descriptors *all, const struct descriptor *descriptor)
{
	int proc = all->process->handoff.fds.proc, number = descriptor->number;
	int own = descriptor->is_in_flight ? open("/proc/self", O_PATH | O_CLOEXEC) : -1;
	char *info;
	size_t count;

	if (descriptor->is_in_flight) {
		proc = own;
		number = descriptor->fd;
	}
	info = fdinfo_read(all->process, proc, number);
	count = (size_t)fdinfo_number(info, "scm_fds", 'd', 0);
	free(info);
	if (own >= 0)
		close(own);
	return count;
}

/* ---- Messages --------------------------------------------------------------------------- */

struct queue {
	int fd;
	const struct unix_diag *diag;
	const struct socket_reader *reader; /* or NULL */
	struct messages *messages;
};

union control {
	struct cmsghdr head;
	char bytes[CMSG_SPACE(PLAN_RIGHTS * sizeof(int)) + 256]; /* and other kinds */
};

/* Takes the descriptors of a message. Returns how many numbers it has stored. */
static uint32_t take_rights(const struct queue *queue, struct msghdr *message,
			    int32_t numbers[PLAN_RIGHTS])
{
	uint32_t count = 0;
	int fd, number;

	for (struct cmsghdr *head = CMSG_FIRSTHDR(message); head;
	     head = CMSG_NXTHDR(message, head))
		if (head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS)
			for (size_t at = CMSG_LEN(0); at + sizeof(fd) <= head->cmsg_len;
			     at += sizeof(fd)) {
				memcpy(&fd, (const char *)head + at, sizeof(fd));
				number = queue->reader->take(queue->reader->context, fd);
				if (number >= 0 && count < PLAN_RIGHTS)
					numbers[count++] = number;
			}
	return count;
}

static void add_with_rights(const struct queue *queue, const int32_t *numbers, uint32_t count,
			    const char *bytes, size_t length)
{
	size_t size = count * sizeof(*numbers);
	char *whole = xmalloc(sizeof(count) + size + length);

	memcpy(whole, &count, sizeof(count));
	memcpy(whole + sizeof(count), numbers, size);
	memcpy(whole + sizeof(count) + size, bytes, length);
	messages_add_flagged(queue->messages, whole, sizeof(count) + size + length,
			     PLAN_MESSAGE_RIGHTS);
	free(whole);
}

/* Notes who has sent a message, if the socket has SO_PASSCRED. */
static void note_sender(struct messages *messages, struct msghdr *message)
{
	struct sender sender;
	int pidfd;

	for (struct cmsghdr *head = CMSG_FIRSTHDR(message); head;
	     head = CMSG_NXTHDR(message, head)) {
		if (head->cmsg_level != SOL_SOCKET)
			continue;
		if (head->cmsg_type == SCM_PIDFD_TYPE) {
			memcpy(&pidfd, CMSG_DATA(head), sizeof(pidfd));
			if (pidfd >= 0)
				close(pidfd);
		}
		if (head->cmsg_type != SCM_CREDENTIALS || messages->sender_count == 2)
			continue;
		memcpy(&sender, CMSG_DATA(head), sizeof(sender));
		if (!messages->sender_count
		    || memcmp(&sender, &messages->senders[0], sizeof(sender)) != 0)
			messages->senders[messages->sender_count++] = sender;
	}
}

/* Reads a message. Returns its length, or -1. Stores the descriptors in it. */
static ssize_t peek_message(const struct queue *queue, char bytes[MESSAGE_ROOM],
			    int32_t numbers[PLAN_RIGHTS], uint32_t *ret_count)
{
	union control control;
	struct iovec part = { bytes, MESSAGE_ROOM };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	ssize_t got = recvmsg(queue->fd, &message, MSG_PEEK | MSG_DONTWAIT | MSG_TRUNC
						   | MSG_CMSG_CLOEXEC);

	if (got >= 0)
		note_sender(queue->messages, &message);
	*ret_count = got >= 0 && queue->reader ? take_rights(queue, &message, numbers) : 0;
	return got;
}

/* Reads messages from where SO_PEEK_OFF stands; the one of the index `urgent` begins with the
 * out-of-band byte. Returns the number of bytes. */
static size_t peek_messages(const struct queue *queue, int urgent)
{
	char *bytes = xmalloc(MESSAGE_ROOM);
	int32_t numbers[PLAN_RIGHTS];
	uint32_t count;
	size_t total = 0;
	ssize_t got;

	for (int i = 0;; i++) {
		size_t first = i == urgent;

		got = peek_message(queue, bytes, numbers, &count);
		if (got < 0 || (size_t)got > MESSAGE_ROOM
		    || (!got && is_end(queue->fd, queue->diag, total)))
			break;
		if (first)
			messages_add_flagged(queue->messages, bytes, first, PLAN_MESSAGE_URGENT);
		if (count)
			add_with_rights(queue, numbers, count, bytes + first, (size_t)got - first);
		else if (!first || got > 1)
			messages_add(queue->messages, bytes + first, (size_t)got - first);
		total += (size_t)got;
	}
	free(bytes);
	return got > 0 ? 0 : total;
}

/* The same for a queue with an out-of-band byte. With SO_OOBINLINE, recv() stops before the byte
 * and then returns it with what follows (net/unix/af_unix.c, manage_oob, 6.18). */
static size_t peek_urgent(const struct queue *queue)
{
	int number = queue->fd;
	int before = socket_option(number, SOL_SOCKET, SO_OOBINLINE, 0), mark = 0;
	size_t total;

	ioctl(number, SIOCATMARK, &mark);
	set_number(number, SO_OOBINLINE, 1);
	total = peek_messages(queue, !mark);
	set_number(number, SO_OOBINLINE, before);
	return total;
}

/* Reads the content of a socket without taking it out: SO_PEEK_OFF makes each read start after
 * the last. The options are restored; nobody else reads at that time. */
int socket_peek(int fd, const struct unix_diag *diag, const struct socket_reader *reader,
		struct messages *messages)
{
	const struct queue queue = { fd, diag, reader, messages };
	int before = socket_option(fd, SOL_SOCKET, SO_PEEK_OFF, -1), first = 0;
	int available = 0;
	size_t total;

	if (ioctl(fd, FIONREAD, &available)
	    || setsockopt(fd, SOL_SOCKET, SO_PEEK_OFF, &first, sizeof(first)))
		return -1;
	total = has_urgent(fd, diag) ? peek_urgent(&queue) : peek_messages(&queue, -1);
	set_number(fd, SO_PEEK_OFF, before);
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
		if (length & PLAN_MESSAGE_RIGHTS)
			return false;
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
