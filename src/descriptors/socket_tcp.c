/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * TCP sockets: without a connection, with one that has ended, and connections with both ends in
 * the process.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

#include "base/xalloc.h"
#include "descriptors/sockets.h"

/* The bytes that a new connection takes without a reader: half of the usual size in
 * net.ipv4.tcp_rmem, less its overhead. */
#define CONTENT_ROOM 32768

/* The first byte of struct tcp_info. */
static int state_of(int fd)
{
	unsigned char state = TCP_CLOSE;
	socklen_t length = sizeof(state);

	getsockopt(fd, IPPROTO_TCP, TCP_INFO, &state, &length);
	return state;
}

/* ---- Both ends inside ------------------------------------------------------------------- */

/* Waits until the other end has all that this one has sent. It acknowledges data after up to 0.2
 * seconds, or, if its queue is full, when that is read (net/ipv4/tcp_output.c). */
static bool has_arrived(int fd)
{
	const struct timespec moment = { 0, 5000000 };
	int left = 0;

	for (int i = 0; i < 200; i++) {
		if (ioctl(fd, SIOCOUTQ, &left) || !left)
			return true;
		nanosleep(&moment, NULL);
	}
	return false;
}

/* Sending has ended if FIN was sent; receiving, by this end, if none has come. */
static unsigned shutdown_of_state(int fd)
{
	int state = state_of(fd);
	unsigned bits = 0;

	if (state != TCP_ESTABLISHED && state != TCP_CLOSE_WAIT)
		bits |= 2;
	if ((state == TCP_ESTABLISHED || state == TCP_FIN_WAIT1 || state == TCP_FIN_WAIT2)
	    && socket_events(fd) & POLLRDHUP)
		bits |= 1;
	return bits;
}

static const char *read_tcp_end(struct socket_end *end)
{
	struct pollfd urgent = { .fd = end->descriptor->fd, .events = POLLPRI };
	int available = 0;
	char *bytes;

	end->shutdown = shutdown_of_state(end->descriptor->fd);
	if (poll(&urgent, 1, 0) == 1 && urgent.revents & POLLPRI)
		return "a connection with an out-of-band byte";
	if (ioctl(end->descriptor->fd, FIONREAD, &available))
		return "a connection whose content cannot be read";
	if (available > CONTENT_ROOM)
		return "a connection with more data than a new one takes";
	if (!available)
		return NULL;
	bytes = xmalloc((size_t)available);
	if (recv(end->descriptor->fd, bytes, (size_t)available, MSG_PEEK | MSG_DONTWAIT)
	    == available)
		messages_add(&end->queue, bytes, (size_t)available);
	free(bytes);
	return end->queue.length ? NULL : "a connection whose content cannot be read";
}

static const char *add_ends_of_tcp(struct descriptors *all, const struct socket_kind *kind,
				   struct socket_end *client, struct socket_end *accepted)
{
	const struct descriptor *listener;
	const char *obstacle;

	if (!has_arrived(client->descriptor->fd) || !has_arrived(accepted->descriptor->fd))
		return "a connection with data on its way";
	obstacle = read_tcp_end(client);
	if (!obstacle)
		obstacle = read_tcp_end(accepted);
	if (obstacle)
		return obstacle;
	listener = socket_find_listener(all, accepted->descriptor);
	if (listener && socket_option(listener->fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, 0))
		return "a connection through a socket with TCP_DEFER_ACCEPT";
	socket_add_connection(all, kind, client, accepted, listener);
	socket_add_content(all, client, accepted);
	socket_add_content(all, accepted, client);
	return NULL;
}

static const char *add_tcp_connection(struct descriptors *all, struct descriptor *descriptor,
				      struct descriptor *other, const struct socket_kind *kind)
{
	struct socket_end a = { .descriptor = descriptor }, b = { .descriptor = other };
	struct socket_kind client_kind = *kind;
	const char *obstacle;

	/* If neither was accepted from a socket that still listens, any may be the client. */
	client_kind.has_content = true;
	if (socket_find_listener(all, descriptor)) {
		client_kind.domain = socket_option(other->fd, SOL_SOCKET, SO_DOMAIN, -1);
		obstacle = add_ends_of_tcp(all, &client_kind, &b, &a);
	} else {
		obstacle = add_ends_of_tcp(all, &client_kind, &a, &b);
	}
	free(a.queue.bytes);
	free(b.queue.bytes);
	return obstacle;
}

/* ---- Connections that are not accepted yet ---------------------------------------------- */

static void add_waiting(struct descriptors *all, struct descriptor *client,
			const struct socket_kind *kind)
{
	struct socket_end end = { .descriptor = client }, nobody = { NULL };
	struct socket_kind client_kind = *kind;
	struct socket_address name;

	client_kind.has_content = true;
	socket_add_new(all, client, &client_kind, NULL);
	if (socket_own_address(client->fd, &name))
		socket_add_bind(all, client, &name, true);
	end.shutdown = shutdown_of_state(client->fd);
	socket_add_content(all, &end, &nobody);
}

/* ---- All TCP sockets -------------------------------------------------------------------- */

/* A connection that has ended: read() returns 0, or the data that is left. shutdown() does that
 * to a new socket, too, although it returns ENOTCONN (net/ipv4/af_inet.c, inet_shutdown). */
static const char *add_ended(struct descriptors *all, struct descriptor *descriptor,
			     const struct socket_kind *kind, short events)
{
	struct socket_end end = { .descriptor = descriptor, .shutdown = 3 }, nobody = { NULL };

	if (events & POLLERR)
		descriptor_warn(all, descriptor, "the error that it would report is not in the dump");
	else if (recv(descriptor->fd, &(char){ 0 }, 1, MSG_PEEK | MSG_DONTWAIT) > 0)
		return "a connection that has ended and still has data";
	socket_add_new(all, descriptor, kind, NULL);
	socket_add_content(all, &end, &nobody);
	return NULL;
}

static const char *describe_connection(struct descriptor *descriptor,
				       const struct socket_address *peer)
{
	char *name = socket_address_text(peer);

	descriptor_describe(descriptor, "a connection to %s", name);
	free(name);
	return descriptor->description;
}

const char *socket_add_tcp(struct descriptors *all, struct descriptor *descriptor,
			   const struct socket_kind *kind)
{
	int state = state_of(descriptor->fd);
	short events = socket_events(descriptor->fd);
	struct socket_address peer;
	struct descriptor *other;

	if (socket_peer_address(descriptor->fd, &peer)) {
		other = socket_find_other_end(all, descriptor->fd);
		if (other)
			return add_tcp_connection(all, descriptor, other, kind);
		if (!socket_is_pending_tcp(all, descriptor))
			return describe_connection(descriptor, &peer);
		add_waiting(all, descriptor, kind);
		return NULL;
	}
	if (state != TCP_CLOSE && state != TCP_LISTEN)
		return "a connected socket";
	if (state == TCP_CLOSE && events & POLLRDHUP)
		return add_ended(all, descriptor, kind, events);
	socket_add_single(all, descriptor, kind, NULL);
	return NULL;
}
