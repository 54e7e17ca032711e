/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finds the sockets of the process that belong to one: its other end, its listening socket.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <string.h>

#include "descriptors/sockets.h"

bool socket_is_inside(const struct descriptor *descriptor)
{
	return S_ISSOCK(descriptor->status.st_mode) && descriptor->same == descriptor
	       && !descriptor_is_starters(descriptor) && !descriptor->absent;
}

/* The address in the form of IPv6, and the port. */
static void normalize(const struct socket_address *address, struct in6_addr *host,
		      in_port_t *port)
{
	if (address->any.sa_family == AF_INET6) {
		*host = address->in6.sin6_addr;
		*port = address->in6.sin6_port;
		return;
	}
	memset(host, 0, sizeof(*host));
	if (address->in.sin_addr.s_addr) {
		host->s6_addr32[2] = htonl(0xffff); /* ::ffff:127.0.0.1 */
		host->s6_addr32[3] = address->in.sin_addr.s_addr;
	}
	*port = address->in.sin_port;
}

bool socket_same_address(const struct socket_address *name, const struct socket_address *other)
{
	struct in6_addr a, b;
	in_port_t port_a, port_b;

	if (name->any.sa_family == AF_UNIX || other->any.sa_family == AF_UNIX)
		return name->length == other->length
		       && !memcmp(&name->storage, &other->storage, name->length);
	normalize(name, &a, &port_a);
	normalize(other, &b, &port_b);
	return port_a == port_b
	       && (IN6_IS_ADDR_UNSPECIFIED(&a) || !memcmp(&a, &b, sizeof(a)));
}

struct descriptor *socket_find_listener(const struct descriptors *all,
					const struct descriptor *accepted)
{
	int type = socket_option(accepted->fd, SOL_SOCKET, SO_TYPE, -1);
	struct socket_address name, address;

	if (!socket_own_address(accepted->fd, &address))
		return NULL;
	for (size_t i = 0; i < all->count; i++) {
		struct descriptor *listener = &all->list[i];

		if (socket_is_inside(listener)
		    && socket_option(listener->fd, SOL_SOCKET, SO_ACCEPTCONN, 0)
		    && socket_option(listener->fd, SOL_SOCKET, SO_TYPE, -1) == type
		    && socket_own_address(listener->fd, &name)
		    && socket_same_address(&name, &address))
			return listener;
	}
	return NULL;
}

struct descriptor *socket_find_inode(const struct descriptors *all, uint32_t inode)
{
	for (size_t i = 0; inode && i < all->count; i++)
		if (socket_is_inside(&all->list[i])
		    && (uint32_t)all->list[i].status.st_ino == inode)
			return &all->list[i];
	return NULL;
}

bool socket_has_peer(const struct descriptor *descriptor, struct socket_address *ret)
{
	return socket_is_inside(descriptor)
	       && socket_option(descriptor->fd, SOL_SOCKET, SO_TYPE, -1) == SOCK_STREAM
	       && socket_peer_address(descriptor->fd, ret) && ret->any.sa_family != AF_UNIX;
}

struct descriptor *socket_find_other_end(const struct descriptors *all, int fd)
{
	struct socket_address own, peer, other_own, other_peer;

	if (!socket_own_address(fd, &own) || !socket_peer_address(fd, &peer))
		return NULL;
	for (size_t i = 0; i < all->count; i++)
		if (socket_has_peer(&all->list[i], &other_peer)
		    && socket_own_address(all->list[i].fd, &other_own)
		    && socket_same_address(&own, &other_peer)
		    && socket_same_address(&peer, &other_own))
			return &all->list[i];
	return NULL;
}
