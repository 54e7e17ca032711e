/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A socket that a start makes on its own: with its options, its address, and, for datagrams, the
 * address of its peer.
 */
#define _GNU_SOURCE
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "descriptors/sockets.h"

short socket_events(int fd)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN | POLLRDHUP };

	return poll(&poll_fd, 1, 0) == 1 ? poll_fd.revents : 0;
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
	size_t outside;

	plan.listen.backlog = (uint64_t)backlog_of(descriptor, domain);
	image_add_file(all->process->capture.image, &plan, address, NULL);
	outside = domain == AF_UNIX ? socket_add_pending_unix(all, descriptor)
				    : socket_add_pending_tcp(all, descriptor);
	if (outside)
		descriptor_warn(all, descriptor,
				"connections that it has not accepted are not in the dump");
}

void socket_add_new(struct descriptors *all, const struct descriptor *descriptor,
		    const struct socket_kind *kind, const char *name)
{
	struct plan_file plan = descriptor_plan(descriptor, PLAN_FD_SOCKET);

	plan.socket.domain = (uint64_t)kind->domain;
	plan.socket.type = (uint64_t)kind->type;
	plan.socket.protocol = (uint64_t)kind->protocol;
	image_add_file(all->process->capture.image, &plan, name, NULL);
	socket_options_add(all, descriptor, kind);
	socket_groups_add(all, descriptor);
}

void socket_add_single(struct descriptors *all, struct descriptor *descriptor,
		       const struct socket_kind *kind, const struct socket_address *peer)
{
	struct socket_address address;
	bool is_bound = socket_own_address(descriptor->fd, &address);
	char *name = is_bound ? socket_address_text(&address) : NULL;

	socket_add_new(all, descriptor, kind, name);
	if (is_bound)
		socket_add_bind(all, descriptor, &address, peer);
	if (peer)
		socket_add_connect(all, descriptor, peer);
	if (socket_option(descriptor->fd, SOL_SOCKET, SO_ACCEPTCONN, 0))
		add_listening(all, descriptor, kind->domain, name);
	else if ((socket_events(descriptor->fd) & (POLLIN | POLLRDHUP)) == POLLIN)
		descriptor_warn(all, descriptor, "received data is not in the dump");
	free(name);
}
