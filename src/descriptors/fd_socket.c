/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sockets. socket_single.c adds those without a peer, socket_unix.c the connections of UNIX-domain
 * sockets. A stream with a peer outside the process cannot be restored.
 */
#define _GNU_SOURCE
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "descriptors/sockets.h"

/* ---- TCP and UDP ------------------------------------------------------------------------ */

static void add_internet_shutdown(struct descriptors *all, const struct descriptor *descriptor)
{
	struct plan_file plan = descriptor_plan(descriptor, PLAN_FD_SHUTDOWN);
	short events = socket_events(descriptor->fd);

	/* A socket that is shut down for sending alone cannot be found out (net/ipv4/udp.c,
	 * udp_poll). */
	plan.shutdown.how = events & POLLHUP ? SHUT_RDWR : SHUT_RD;
	if (events & (POLLHUP | POLLRDHUP))
		image_add_file(all->process->capture.image, &plan, NULL, NULL);
}

static int tcp_state(int fd)
{
	struct tcp_info info = { .tcpi_state = TCP_CLOSE };
	socklen_t length = sizeof(info);

	getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length);
	return info.tcpi_state;
}

/* A connection that has ended: read() returns 0, or the data that is left. shutdown() does that
 * to a new socket, too, although it returns ENOTCONN (net/ipv4/af_inet.c, inet_shutdown). */
static const char *add_ended(struct descriptors *all, const struct descriptor *descriptor,
			     const struct socket_kind *kind, short events)
{
	if (events & POLLERR)
		descriptor_warn(all, descriptor, "the error that it would report is not in the dump");
	if (recv(descriptor->fd, &(char){ 0 }, 1, MSG_PEEK | MSG_DONTWAIT) > 0)
		return "a connection that has ended and still has data";
	socket_add_new(all, descriptor, kind, NULL);
	add_internet_shutdown(all, descriptor);
	return NULL;
}

static const char *add_internet(struct descriptors *all, struct descriptor *descriptor,
				const struct socket_kind *kind)
{
	struct socket_address peer;
	bool is_connected = socket_peer_address(descriptor->fd, &peer);
	short events = socket_events(descriptor->fd);
	int state = tcp_state(descriptor->fd);
	char *name;

	if (kind->type == SOCK_DGRAM) {
		socket_add_single(all, descriptor, kind, is_connected ? &peer : NULL);
		add_internet_shutdown(all, descriptor);
		return NULL;
	}
	if (is_connected) {
		name = socket_address_text(&peer);
		descriptor_describe(descriptor, "a connection to %s", name);
		free(name);
		return descriptor->description;
	}
	if (state != TCP_CLOSE && state != TCP_LISTEN)
		return "a connected socket";
	if (state == TCP_CLOSE && events & POLLRDHUP)
		return add_ended(all, descriptor, kind, events);
	socket_add_single(all, descriptor, kind, NULL);
	return NULL;
}

/* ---- All sockets ------------------------------------------------------------------------ */

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
	if ((kind.domain == AF_INET || kind.domain == AF_INET6)
	    && (kind.type == SOCK_STREAM || kind.type == SOCK_DGRAM))
		return add_internet(all, descriptor, &kind);
	return "a socket of an unsupported kind";
}
