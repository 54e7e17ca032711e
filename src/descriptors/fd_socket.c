/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sockets. socket_single.c adds those without a peer, socket_unix.c and socket_tcp.c connections. A
 * stream with a peer outside the process cannot be restored.
 */
#define _GNU_SOURCE
#include <poll.h>

#include "descriptors/sockets.h"

static const char *add_udp(struct descriptors *all, struct descriptor *descriptor,
			   const struct socket_kind *kind)
{
	struct plan_file plan = descriptor_plan(descriptor, PLAN_FD_SHUTDOWN);
	short events = socket_events(descriptor->fd);
	struct socket_address peer;
	bool is_connected = socket_peer_address(descriptor->fd, &peer);

	socket_add_single(all, descriptor, kind, is_connected ? &peer : NULL);
	/* A socket that is shut down for sending alone cannot be found out (net/ipv4/udp.c,
	 * udp_poll). */
	plan.shutdown.how = events & POLLHUP ? SHUT_RDWR : SHUT_RD;
	if (events & (POLLHUP | POLLRDHUP))
		image_add_file(all->process->capture.image, &plan, NULL, NULL);
	return NULL;
}

static const char *add_unix(struct descriptors *all, struct descriptor *descriptor,
			    const struct socket_kind *kind)
{
	struct socket_address peer;
	struct unix_diag diag;

	if (!unix_diag_ask((uint32_t)descriptor->status.st_ino, &diag)) {
		if (diag.connected)
			return socket_add_connected_unix(all, descriptor, &diag);
	} else if (!getpeername(descriptor->fd, &peer.any, &(socklen_t){ sizeof(peer.any) })) {
		return "a connected socket whose peer the kernel does not report (module "
		       "unix_diag)";
	}
	socket_add_single(all, descriptor, kind, NULL);
	return NULL;
}

const char *descriptor_add_socket(struct descriptors *all, struct descriptor *descriptor)
{
	const struct socket_kind kind = {
		.domain = socket_option(descriptor->fd, SOL_SOCKET, SO_DOMAIN, -1),
		.type = socket_option(descriptor->fd, SOL_SOCKET, SO_TYPE, -1),
		.protocol = socket_option(descriptor->fd, SOL_SOCKET, SO_PROTOCOL, 0),
	};

	if (socket_options_has_program(descriptor->fd))
		return "a socket with an eBPF program, which cannot be read";
	if (kind.domain == AF_UNIX)
		return add_unix(all, descriptor, &kind);
	if (kind.domain == AF_NETLINK || kind.domain == AF_PACKET)
		return socket_add_raw(all, descriptor, &kind);
	if (kind.domain != AF_INET && kind.domain != AF_INET6) {
		descriptor_describe(descriptor, "a socket of family %d", kind.domain);
		return descriptor->description;
	}
	if (kind.type == SOCK_RAW)
		return socket_add_raw(all, descriptor, &kind);
	if (kind.type == SOCK_STREAM)
		return socket_add_tcp(all, descriptor, &kind);
	if (kind.type == SOCK_DGRAM)
		return add_udp(all, descriptor, &kind);
	return "a socket of an unsupported type";
}
