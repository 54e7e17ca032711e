/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Connections in the queue of a listening socket that were not accepted yet, with the client in the
 * process.
 */
#define _GNU_SOURCE
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "descriptors/sockets.h"

static void add_pending(struct descriptors *all, const struct descriptor *listener,
			const struct descriptor *client)
{
	struct plan_file plan = descriptor_plan(listener, PLAN_FD_PENDING);
	struct socket_address name;
	char *text;

	if (!socket_peer_address(client->fd, &name))
		return;
	text = socket_address_text(&name);
	plan.other = client->number;
	plan.length = name.length;
	image_add_file(all->process->capture.image, &plan, text, &name.storage);
	free(text);
}

/* ---- UNIX-domain ------------------------------------------------------------------------ */

/* The data of such a connection cannot be read. */
bool socket_has_sent(const struct descriptor *client)
{
	int memory = 0;

	return ioctl(client->fd, SIOCOUTQ, &memory) || memory;
}

size_t socket_add_pending_unix(struct descriptors *all, const struct descriptor *listener)
{
	size_t count, outside = 0;
	uint32_t *inodes = unix_diag_pending((uint32_t)listener->status.st_ino, &count);

	for (size_t i = 0; i < count; i++) {
		const struct descriptor *client = socket_find_inode(all, inodes[i]);

		if (client && !socket_has_sent(client))
			add_pending(all, listener, client);
		else if (!client)
			outside++;
	}
	free(inodes);
	return outside;
}

static bool has_pending(const struct descriptor *listener, uint32_t inode)
{
	size_t count;
	uint32_t *inodes = unix_diag_pending((uint32_t)listener->status.st_ino, &count);
	bool found = false;

	for (size_t i = 0; i < count; i++)
		found |= inodes[i] == inode;
	free(inodes);
	return found;
}

/* Is it in the queue of a listening socket of the process? */
bool socket_is_pending_unix(const struct descriptors *all, const struct descriptor *client)
{
	for (size_t i = 0; i < all->count; i++)
		if (socket_is_inside(&all->list[i])
		    && socket_option(all->list[i].fd, SOL_SOCKET, SO_ACCEPTCONN, 0)
		    && has_pending(&all->list[i], (uint32_t)client->status.st_ino))
			return true;
	return false;
}

/* ---- TCP -------------------------------------------------------------------------------- */

/* From net/tcp_states.h */
enum { ESTABLISHED = 1, FIN_WAIT2 = 5 };

static struct tcp_info tcp_info_of(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t length = sizeof(info);

	getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length);
	return info;
}

/* Is it connected to that listening socket, with nobody who has accepted it? */
static bool waits_for(const struct descriptors *all, const struct descriptor *client,
		      const struct descriptor *listener)
{
	struct socket_address peer, name;
	struct tcp_info info;

	if (!socket_has_peer(client, &peer) || !socket_own_address(listener->fd, &name)
	    || !socket_same_address(&name, &peer) || socket_find_other_end(all, client->fd))
		return false;
	info = tcp_info_of(client->fd);
	return (info.tcpi_state == ESTABLISHED || info.tcpi_state == FIN_WAIT2)
	       && !info.tcpi_data_segs_out && !info.tcpi_notsent_bytes;
}

/* The number of clients that wait for it. If the kernel does not have so many in the queue, some
 * are accepted elsewhere: then 0. */
static size_t count_pending(const struct descriptors *all, const struct descriptor *listener)
{
	size_t count = 0;

	for (size_t i = 0; i < all->count; i++)
		count += waits_for(all, &all->list[i], listener);
	return count <= tcp_info_of(listener->fd).tcpi_unacked ? count : 0;
}

size_t socket_add_pending_tcp(struct descriptors *all, const struct descriptor *listener)
{
	size_t count = count_pending(all, listener);

	for (size_t i = 0; count && i < all->count; i++)
		if (waits_for(all, &all->list[i], listener))
			add_pending(all, listener, &all->list[i]);
	/* For a listening socket, the kernel stores the length of its queue there
	 * (net/ipv4/tcp.c, tcp_get_info). */
	return tcp_info_of(listener->fd).tcpi_unacked - count;
}

bool socket_is_pending_tcp(const struct descriptors *all, const struct descriptor *client)
{
	for (size_t i = 0; i < all->count; i++)
		if (socket_is_inside(&all->list[i])
		    && socket_option(all->list[i].fd, SOL_SOCKET, SO_ACCEPTCONN, 0)
		    && waits_for(all, client, &all->list[i]) && count_pending(all, &all->list[i]))
			return true;
	return false;
}
