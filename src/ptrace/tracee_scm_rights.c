/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fetches a descriptor of a held process where pidfd_getfd is forbidden, as by default in
 * Docker. The process itself sends it in an SCM_RIGHTS message, through a socket that it opens
 * briefly.
 *
 * The message is a datagram to a name in the abstract namespace that the kernel has chosen.
 * Anybody could send one there, so the sender is checked.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "ptrace/tracee.h"

/* The layout of the scratch page. */
struct message {
	struct msghdr header;
	struct iovec part;
	struct sockaddr_un to;
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];
	char byte; /* a message is not empty */
};

/* Opens our socket and binds it to a name; -1 with errno. */
static int open_socket(struct sockaddr_un *ret_name, socklen_t *ret_length)
{
	int ours = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1;
	int error;

	*ret_name = (struct sockaddr_un){ .sun_family = AF_UNIX };
	*ret_length = sizeof(*ret_name);
	if (ours >= 0
	    && (bind(ours, (struct sockaddr *)ret_name, sizeof(ret_name->sun_family))
		|| getsockname(ours, (struct sockaddr *)ret_name, ret_length)
		|| setsockopt(ours, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)))) {
		error = errno;
		close(ours);
		errno = error;
		return -1;
	}
	return ours;
}

static void write_message(struct message *message, uint64_t page, socklen_t length, int number)
{
	struct cmsghdr *control;

	message->header.msg_control = message->control;
	message->header.msg_controllen = sizeof(message->control);
	control = CMSG_FIRSTHDR(&message->header);
	control->cmsg_level = SOL_SOCKET;
	control->cmsg_type = SCM_RIGHTS;
	control->cmsg_len = CMSG_LEN(sizeof(number));
	memcpy(CMSG_DATA(control), &number, sizeof(number));

#define THERE(member) (void *)(uintptr_t)(page + offsetof(struct message, member))
	message->header.msg_control = THERE(control);
	message->header.msg_name = THERE(to);
	message->header.msg_namelen = length;
	message->header.msg_iov = THERE(part);
	message->header.msg_iovlen = 1;
	message->part = (struct iovec){ THERE(byte), 1 };
#undef THERE
}

/* Makes the process send the message. 0 or -errno. */
static long post_descriptor(struct tracee *tracee, struct message *message, socklen_t length,
			    int number)
{
	uint64_t page = tracee_scratch(tracee);
	long theirs, sent;

	if (!page)
		return -errno;
	write_message(message, page, length, number);
	if (tracee_write(tracee, page, message, sizeof(*message)))
		return -errno;
	theirs = tracee_do(tracee, 0, SYS_socket, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (theirs < 0)
		return theirs;
	sent = tracee_do(tracee, 0, SYS_sendmsg, theirs, page, MSG_DONTWAIT | MSG_NOSIGNAL);
	tracee_do(tracee, 0, SYS_close, theirs);
	return sent < 0 ? sent : 0;
}

/* The descriptor from a datagram, if the process has sent it; or -1. */
static int open_message(struct msghdr *header, pid_t from)
{
	struct ucred sender = { .pid = 0 };
	int fd = -1;

	for (struct cmsghdr *part = CMSG_FIRSTHDR(header); part;
	     part = CMSG_NXTHDR(header, part)) {
		if (part->cmsg_level != SOL_SOCKET)
			continue;
		if (part->cmsg_type == SCM_RIGHTS)
			memcpy(&fd, CMSG_DATA(part), sizeof(fd));
		else if (part->cmsg_type == SCM_CREDENTIALS)
			memcpy(&sender, CMSG_DATA(part), sizeof(sender));
	}
	if (sender.pid == from)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static int receive_descriptor(int ours, pid_t from)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))
					      + CMSG_SPACE(sizeof(struct ucred))];
	char byte;
	struct iovec part = { &byte, 1 };
	int fd = -1;

	while (fd < 0) {
		struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1,
					 .msg_control = control,
					 .msg_controllen = sizeof(control) };

		if (recvmsg(ours, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) < 0)
			return -1;
		fd = open_message(&header, from);
	}
	return fd;
}

int tracee_fetch_fd(struct tracee *tracee, int number)
{
	struct message message = { .byte = 0 };
	socklen_t length;
	int ours = open_socket(&message.to, &length), fd = -1, error;
	long failed;

	if (ours < 0)
		return -1;
	failed = post_descriptor(tracee, &message, length, number);
	tracee_drop_scratch(tracee);
	if (!failed)
		fd = receive_descriptor(ours, tracee->pid);
	error = failed ? (int)-failed : errno;
	close(ours);
	errno = error;
	return fd;
}
