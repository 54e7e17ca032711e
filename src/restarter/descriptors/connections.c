/* SPDX-License-Identifier: MIT
 *
 * Connections with both ends in the process, through a listening socket.
 */
#include <asm/socket.h>
#include <linux/fcntl.h>
#include <linux/in.h>
#include <linux/in6.h>

#include "descriptors.h"

enum { STREAM = 1, FAMILY_INET = 2 }; /* SOCK_STREAM, AF_INET */

struct address {
	union {
		uint16_t family;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		char bytes[128];
	};
	uint32_t length;
};

/* Makes system calls on it wait, or not. Returns what they did. */
static long set_flags(int32_t number, long flags)
{
	long before = sys(__NR_fcntl, number, F_GETFL);

	sys(__NR_fcntl, number, F_SETFL, flags);
	return before;
}

/* Connects also a socket with O_NONBLOCK, at once. */
static void connect_client(const struct fd_step *step, const void *address, uint32_t length)
{
	const struct plan_file *file = step->file;
	long flags = set_flags(file->other, 0);

	fd_must(step, "connect to", sys(__NR_connect, file->other, address, length));
	set_flags(file->other, flags);
}

/* A connection of TCP is identified by the client's address. Its host is in the last 4 bytes for
 * IPv6, too, as all are local ones. */
static int is_of_client(long accepted, int32_t client)
{
	struct address a = { .length = sizeof(a.bytes) }, b = { .length = sizeof(b.bytes) };
	const char *host_a = (const char *)&a.in.sin_addr, *host_b = (const char *)&b.in.sin_addr;

	sys(__NR_getpeername, accepted, a.bytes, &a.length);
	sys(__NR_getsockname, client, b.bytes, &b.length);
	if (a.family != FAMILY_INET)
		host_a = (const char *)&a.in6.sin6_addr + 12;
	if (b.family != FAMILY_INET)
		host_b = (const char *)&b.in6.sin6_addr + 12;
	return a.in.sin_port == b.in.sin_port && !memcmp(host_a, host_b, 4);
}

/* Does this process have the other end? */
static int has_our_client(long accepted, int32_t client)
{
	struct { int32_t pid; uint32_t user, group; } peer = { 0 };
	uint16_t family = 0;
	uint32_t length = sizeof(family), peer_length = sizeof(peer);

	sys(__NR_getsockname, accepted, &family, &length);
	if (family != SOCKET_UNIX)
		return is_of_client(accepted, client);
	sys(__NR_getsockopt, accepted, SOL_SOCKET, SO_PEERCRED, &peer, &peer_length);
	return peer.pid == sys(__NR_getpid);
}

/* Another process may have connected in between. It finds that its connection is closed. */
static long accept_client(const struct fd_step *step, int32_t listener)
{
	long flags = set_flags(listener, 0), accepted;

	for (;;) {
		accepted = fd_must(step, "accept a connection to",
				   sys(__NR_accept4, listener, 0, 0, O_CLOEXEC));
		if (has_our_client(accepted, step->file->other))
			break;
		sys(__NR_close, accepted);
	}
	set_flags(listener, flags);
	return accepted;
}

/* The socket from which the connection had been accepted is closed. Its port may be in use. */
static long make_listener(const struct fd_step *step, struct address *address)
{
	const struct plan_file *file = step->file;
	int32_t on = 1;
	long listener;

	memcpy(address->bytes, fd_data(step), file->length);
	address->length = file->length;
	listener = fd_must(step, "recreate", sys(__NR_socket, address->family,
						 STREAM | O_CLOEXEC, 0));
	sys(__NR_setsockopt, listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (sys_failed(sys(__NR_bind, listener, address->bytes, address->length))) {
		fd_warn_of_port(step);
		address->in.sin_port = 0; /* at the same place in a sockaddr_in6 */
		fd_must(step, "bind", sys(__NR_bind, listener, address->bytes,
					  address->length));
	}
	fd_must(step, "listen on", sys(__NR_listen, listener, 1));
	sys(__NR_getsockname, listener, address->bytes, &address->length);
	return listener;
}

void restore_connection(struct fd_step *step)
{
	const struct plan_file *file = step->file;
	int32_t listener = (int32_t)file->connection.listener;
	struct address address;
	long accepted;

	if (listener) {
		connect_client(step, fd_data(step), file->length);
		accepted = accept_client(step, listener);
	} else {
		listener = (int32_t)make_listener(step, &address);
		connect_client(step, address.bytes, address.length);
		accepted = accept_client(step, listener);
		sys(__NR_close, listener);
	}
	fd_settle(step, accepted);
}

void restore_pending(struct fd_step *step)
{
	connect_client(step, fd_data(step), step->file->length);
}
