/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sockets: pairs with both ends in the process, listening sockets, and sockets without a peer.
 * A socket with a peer outside the process cannot be restored.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "descriptors/descriptors.h"
#include "descriptors/fdinfo.h"
#include "base/xalloc.h"
#include "descriptors/socket_options.h"
#include "descriptors/unix_diag.h"

/* The largest message (net.core.wmem_max and more). */
#define MESSAGE_ROOM ((size_t)4 << 20)

static int int_option(int number, int level, int name, int otherwise)
{
	socklen_t length = sizeof(int);
	int value;

	return getsockopt(number, level, name, &value, &length) ? otherwise : value;
}

/* ---- Pairs ------------------------------------------------------------------------------ */

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

/* Reads messages from where SO_PEEK_OFF stands. Returns the number of bytes. */
static size_t peek_messages(int number, const struct unix_diag *diag,
			    struct messages *messages)
{
	char *bytes = xmalloc(MESSAGE_ROOM);
	size_t total = 0;
	ssize_t got;

	for (;;) {
		got = recv(number, bytes, MESSAGE_ROOM, MSG_PEEK | MSG_DONTWAIT | MSG_TRUNC);
		if (got < 0 || (size_t)got > MESSAGE_ROOM
		    || (!got && is_end(number, diag, total)))
			break;
		messages_add(messages, bytes, (size_t)got);
		total += (size_t)got;
	}
	free(bytes);
	return got > 0 ? 0 : total;
}

/* Reads the content of a socket without taking it out: SO_PEEK_OFF makes each read start after
 * the last. The option is restored; nobody else reads at that time. */
static int peek_socket(const struct descriptor *descriptor, const struct unix_diag *diag,
		       struct messages *messages)
{
	int before = int_option(descriptor->fd, SOL_SOCKET, SO_PEEK_OFF, -1), first = 0;
	int available = 0;
	size_t total;

	if (ioctl(descriptor->fd, FIONREAD, &available)
	    || setsockopt(descriptor->fd, SOL_SOCKET, SO_PEEK_OFF, &first, sizeof(first)))
		return -1;
	total = peek_messages(descriptor->fd, diag, messages);
	setsockopt(descriptor->fd, SOL_SOCKET, SO_PEEK_OFF, &before, sizeof(before));
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
static void warn_of_hidden(const struct descriptors *all, const struct descriptor *sender,
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

/* Are descriptors queued in the socket? */
static bool has_fds_in_flight(const struct descriptors *all,
			      const struct descriptor *descriptor)
{
	char *info = fdinfo_read(all->process, all->process->handoff.fds.proc,
				     descriptor->number);
	uint64_t count = fdinfo_number(info, "scm_fds", 'd', 0);

	free(info);
	return count != 0;
}

static bool has_name(int number)
{
	struct sockaddr_un name;
	socklen_t length = sizeof(name);

	return getsockname(number, (struct sockaddr *)&name, &length)
	       || length > sizeof(sa_family_t);
}

static struct descriptor *find_socket(struct descriptors *all, uint32_t inode)
{
	for (size_t i = 0; i < all->count; i++)
		if (S_ISSOCK(all->list[i].status.st_mode)
		    && (uint32_t)all->list[i].status.st_ino == inode)
			return &all->list[i];
	return NULL;
}

static void add_shutdown(struct descriptors *all, const struct descriptor *descriptor,
			 const struct unix_diag *diag, bool has_peer)
{
	struct plan_file plan = descriptor_plan(descriptor, PLAN_FD_SHUTDOWN);
	unsigned bits = diag->type == SOCK_DGRAM ? diag->shutdown & 3
						 : has_peer ? diag->shutdown & 2 : 0;

	/* Bit 1 is receiving, bit 2 is sending. Each end of a pair of datagram sockets has its own
	 * bits. In a stream, one end's sending is the other end's receiving, so sending alone is
	 * recorded for each end. A stream whose peer is closed needs neither: closing shuts down
	 * both. */
	if (!bits)
		return;
	plan.shutdown.how = bits - 1; /* SHUT_RD, SHUT_WR, SHUT_RDWR */
	image_add_file(all->process->capture.image, &plan, NULL, NULL);
}

static void add_end(struct descriptors *all, struct descriptor *descriptor,
		    const struct unix_diag *diag, bool has_peer)
{
	socket_options_add(all, descriptor, AF_UNIX, diag->type, 0);
	add_shutdown(all, descriptor, diag, has_peer);
	descriptor->settled = true;
}

static const char *add_pair(struct descriptors *all, struct descriptor *descriptor,
			    const struct unix_diag *diag)
{
	struct descriptor *peer = diag->peer ? find_socket(all, diag->peer) : NULL;
	struct plan_file plan = descriptor_plan(descriptor, PLAN_FD_PAIR);
	struct messages here = { 0 }, there = { 0 };
	struct unix_diag peer_diag = { 0 };

	if (diag->peer && (!peer || peer->number <= 2 || peer->absent))
		return "a socket with its other end outside the process";
	if (has_name(descriptor->fd) || (peer && has_name(peer->fd)))
		return "a connected socket that has a name";
	if (has_fds_in_flight(all, descriptor) || (peer && has_fds_in_flight(all, peer)))
		return "a socket with descriptors in flight";
	if ((peer && unix_diag_ask((uint32_t)peer->status.st_ino, &peer_diag))
	    || peek_socket(descriptor, diag, &here)
	    || (peer && peek_socket(peer, &peer_diag, &there))) {
		free(here.bytes);
		free(there.bytes);
		return "a socket whose content cannot be read";
	}
	plan.socket.type = (uint64_t)diag->type;
	plan.length = (uint32_t)here.length;
	if (peer) {
		warn_of_hidden(all, peer, diag->type, &here);
		warn_of_hidden(all, descriptor, diag->type, &there);
		plan.other = peer->number;
		plan.other_flags = peer->flags;
	}
	image_add_file(all->process->capture.image, &plan, NULL, here.bytes);
	add_end(all, descriptor, diag, peer);
	if (peer)
		add_end(all, peer, &peer_diag, true);
	if (there.length) {
		plan = descriptor_plan(descriptor, PLAN_FD_SEND);
		plan.length = (uint32_t)there.length;
		image_add_file(all->process->capture.image, &plan, NULL, there.bytes);
	}
	free(here.bytes);
	free(there.bytes);
	return NULL;
}

/* ---- Sockets without a peer ------------------------------------------------------------- */

static char *address_text(const struct sockaddr_storage *address, socklen_t length)
{
	const struct sockaddr_un *local = (const struct sockaddr_un *)address;
	const struct sockaddr_in *in = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;
	char host[INET6_ADDRSTRLEN];

	if (address->ss_family == AF_UNIX && !local->sun_path[0])
		return xasprintf("@%.*s", (int)(length - sizeof(sa_family_t)) - 1,
				 local->sun_path + 1);
	if (address->ss_family == AF_UNIX)
		return xstrdup(local->sun_path);
	if (address->ss_family == AF_INET)
		return xasprintf("%s:%u", inet_ntop(AF_INET, &in->sin_addr, host, sizeof(host)),
				 ntohs(in->sin_port));
	return xasprintf("[%s]:%u", inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof(host)),
			 ntohs(in6->sin6_port));
}

/* Has bind() given it an address? */
static bool is_bound(const struct sockaddr_storage *address, socklen_t length)
{
	if (address->ss_family == AF_INET)
		return ((const struct sockaddr_in *)address)->sin_port != 0;
	if (address->ss_family == AF_INET6)
		return ((const struct sockaddr_in6 *)address)->sin6_port != 0;
	return length > sizeof(sa_family_t);
}

/* The mode of the file that the socket is bound to; 0 if the file is gone. */
static uint32_t file_mode(const struct descriptors *all, const struct descriptor *descriptor,
			  const char *path)
{
	char *name = xasprintf("%s/%s", path[0] == '/' ? "root" : "cwd", path);
	struct unix_diag diag;
	struct stat file;
	bool found = !unix_diag_ask((uint32_t)descriptor->status.st_ino, &diag) && diag.file
		     && !fstatat(all->process->handoff.fds.proc, name, &file,
				 AT_SYMLINK_NOFOLLOW)
		     && S_ISSOCK(file.st_mode) && (uint32_t)file.st_ino == diag.file;

	free(name);
	return found ? file.st_mode : 0;
}

/* Adds its address. Returns it as text, which the caller frees; NULL for none. */
static char *add_address(struct descriptors *all, const struct descriptor *descriptor)
{
	struct plan_file plan = descriptor_plan(descriptor, PLAN_FD_BIND);
	struct sockaddr_storage address;
	socklen_t length = sizeof(address) - 1;
	char *text;

	memset(&address, 0, sizeof(address));
	if (getsockname(descriptor->fd, (struct sockaddr *)&address, &length)) {
		report_errno(all->process->report, READ,
			     "cannot read the address of descriptor %d", descriptor->number);
		return NULL;
	}
	if (!is_bound(&address, length))
		return NULL;
	text = address_text(&address, length);
	plan.length = length;
	if (address.ss_family == AF_UNIX && ((struct sockaddr_un *)&address)->sun_path[0])
		plan.bind.mode = file_mode(all, descriptor, text);
	image_add_file(all->process->capture.image, &plan, text, &address);
	return text;
}

static int backlog_of(const struct descriptor *descriptor, int domain)
{
	struct tcp_info info;
	socklen_t length = sizeof(info);
	struct unix_diag diag;

	if (domain == AF_UNIX && !unix_diag_ask((uint32_t)descriptor->status.st_ino, &diag))
		return (int)diag.backlog;
	/* For a listening socket, sacked is the backlog (include/uapi/linux/tcp.h). */
	memset(&info, 0, sizeof(info));
	if (!getsockopt(descriptor->fd, IPPROTO_TCP, TCP_INFO, &info, &length)
	    && info.tcpi_sacked)
		return (int)info.tcpi_sacked;
	return SOMAXCONN;
}

static void add_listening(struct descriptors *all, const struct descriptor *descriptor,
			  int domain, const char *address)
{
	struct plan_file plan = descriptor_plan(descriptor, PLAN_FD_LISTEN);
	struct pollfd waiting = { .fd = descriptor->fd, .events = POLLIN };

	plan.listen.backlog = (uint64_t)backlog_of(descriptor, domain);
	image_add_file(all->process->capture.image, &plan, address, NULL);
	if (poll(&waiting, 1, 0) == 1)
		descriptor_warn(all, descriptor,
				"connections that it has not accepted are not in the dump");
}

static void add_single(struct descriptors *all, struct descriptor *descriptor, int domain,
		       int type, int protocol)
{
	struct plan_file plan = descriptor_plan(descriptor, PLAN_FD_SOCKET);
	bool listens = int_option(descriptor->fd, SOL_SOCKET, SO_ACCEPTCONN, 0);
	char *address = add_address(all, descriptor);
	int available = 0;

	plan.socket.domain = (uint64_t)domain;
	plan.socket.type = (uint64_t)type;
	plan.socket.protocol = (uint64_t)protocol;
	image_add_file(all->process->capture.image, &plan, address, NULL);
	socket_options_add(all, descriptor, domain, type, protocol);
	socket_groups_add(all, descriptor);
	if (listens)
		add_listening(all, descriptor, domain, address);
	else if (!ioctl(descriptor->fd, FIONREAD, &available) && available)
		descriptor_warn(all, descriptor, "received data is not in the dump");
	free(address);
}

/* ---- All sockets ------------------------------------------------------------------------ */

static bool is_connected(int number)
{
	struct sockaddr_storage address;
	socklen_t length = sizeof(address);
	struct tcp_info info;
	socklen_t info_length = sizeof(info);

	if (!getpeername(number, (struct sockaddr *)&address, &length))
		return true;
	memset(&info, 0, sizeof(info));
	return !getsockopt(number, IPPROTO_TCP, TCP_INFO, &info, &info_length)
	       && info.tcpi_state != TCP_CLOSE && info.tcpi_state != TCP_LISTEN;
}

static const char *add_unix(struct descriptors *all, struct descriptor *descriptor, int type)
{
	struct unix_diag diag;

	if (unix_diag_ask((uint32_t)descriptor->status.st_ino, &diag)) {
		if (is_connected(descriptor->fd))
			return "a connected socket whose peer the kernel does not report "
			       "(module unix_diag)";
	} else if (diag.connected) {
		return add_pair(all, descriptor, &diag);
	}
	add_single(all, descriptor, AF_UNIX, type, 0);
	return NULL;
}

const char *descriptor_add_socket(struct descriptors *all, struct descriptor *descriptor)
{
	int domain = int_option(descriptor->fd, SOL_SOCKET, SO_DOMAIN, -1);
	int type = int_option(descriptor->fd, SOL_SOCKET, SO_TYPE, -1);
	int protocol = int_option(descriptor->fd, SOL_SOCKET, SO_PROTOCOL, 0);

	if (socket_options_has_program(descriptor->fd))
		return "a socket with an eBPF program, which cannot be read";
	if (domain == AF_UNIX)
		return add_unix(all, descriptor, type);
	if ((domain != AF_INET && domain != AF_INET6)
	    || (type != SOCK_STREAM && type != SOCK_DGRAM))
		return "a socket of an unsupported kind";
	if (is_connected(descriptor->fd))
		return "a connected socket";
	add_single(all, descriptor, domain, type, protocol);
	return NULL;
}
