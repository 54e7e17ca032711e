/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * UNIX-domain sockets that are connected: pairs with both ends in the process, and datagram
 * sockets whose peer has a name.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "descriptors/fdinfo.h"
#include "descriptors/sockets.h"

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

/* NULL: it is outside the process, or the dump does not have it. */
static struct descriptor *find_socket(struct descriptors *all, uint32_t inode)
{
	for (size_t i = 0; inode && i < all->count; i++)
		if (S_ISSOCK(all->list[i].status.st_mode)
		    && (uint32_t)all->list[i].status.st_ino == inode)
			return all->list[i].number > 2 && !all->list[i].absent ? &all->list[i]
									       : NULL;
	return NULL;
}

/* ---- Pairs ------------------------------------------------------------------------------ */

struct end {
	struct descriptor *descriptor; /* NULL: closed */
	struct unix_diag diag;
	struct messages queue; /* what it has received */
};

static const char *read_end(struct descriptors *all, struct end *end)
{
	if (has_fds_in_flight(all, end->descriptor))
		return "a socket with descriptors in flight";
	if (socket_peek(end->descriptor, &end->diag, &end->queue))
		return "a socket whose content cannot be read";
	return NULL;
}

static void add_shutdown(struct descriptors *all, const struct end *end, bool has_peer)
{
	struct plan_file plan = descriptor_plan(end->descriptor, PLAN_FD_SHUTDOWN);
	unsigned bits = end->diag.type == SOCK_DGRAM ? end->diag.shutdown & 3
						     : has_peer ? end->diag.shutdown & 2 : 0;

	/* Bit 1 is receiving, bit 2 is sending. Each end of a pair of datagram sockets has its own
	 * bits. In a stream, one end's sending is the other end's receiving, so sending alone is
	 * recorded for each end. A stream whose peer is closed needs neither: closing shuts down
	 * both. */
	if (!bits)
		return;
	plan.shutdown.how = bits - 1; /* SHUT_RD, SHUT_WR, SHUT_RDWR */
	image_add_file(all->process->capture.image, &plan, NULL, NULL);
}

/* Adds what follows the creation of the pair. */
static void add_end(struct descriptors *all, struct end *end, struct end *peer)
{
	const struct socket_kind kind = { AF_UNIX, end->diag.type, 0, true };
	struct plan_file send = descriptor_plan(end->descriptor, PLAN_FD_SEND);
	struct socket_address name;

	socket_options_add(all, end->descriptor, &kind);
	if (socket_own_address(end->descriptor->fd, &name))
		socket_add_bind(all, end->descriptor, &name, true);
	if (peer->queue.length) {
		send.length = (uint32_t)peer->queue.length;
		image_add_file(all->process->capture.image, &send, NULL, peer->queue.bytes);
		socket_warn_of_hidden(all, end->descriptor, end->diag.type, &peer->queue);
	}
	add_shutdown(all, end, peer->descriptor);
	end->descriptor->settled = true;
}

/* Adds a pair; or, if the peer is closed, one end with what it has received. */
static const char *add_pair(struct descriptors *all, struct end *end, struct end *peer)
{
	struct plan_file plan = descriptor_plan(end->descriptor, PLAN_FD_PAIR);
	const char *obstacle = read_end(all, end);

	if (!obstacle && peer->descriptor)
		obstacle = read_end(all, peer);
	if (obstacle)
		return obstacle;
	plan.socket.type = (uint64_t)end->diag.type;
	if (peer->descriptor) {
		plan.other = peer->descriptor->number;
		plan.other_flags = peer->descriptor->flags;
		image_add_file(all->process->capture.image, &plan, NULL, NULL);
		add_end(all, peer, end);
	} else {
		plan.length = (uint32_t)end->queue.length;
		image_add_file(all->process->capture.image, &plan, NULL, end->queue.bytes);
	}
	add_end(all, end, peer);
	return NULL;
}

/* ---- All that are connected ------------------------------------------------------------- */

/* The name of the peer, or the process that made it, for a message. */
static const char *describe_outside(struct descriptor *descriptor)
{
	struct socket_address peer;
	struct ucred process;
	socklen_t length = sizeof(process);
	char *text;

	if (socket_peer_address(descriptor->fd, &peer)) {
		text = socket_address_text(&peer);
		descriptor_describe(descriptor, "a socket with its other end outside the process, "
						"%s", text);
		free(text);
	} else if (!getsockopt(descriptor->fd, SOL_SOCKET, SO_PEERCRED, &process, &length)
		   && process.pid > 0) {
		descriptor_describe(descriptor, "a socket with its other end outside the process, "
						"made by process %d", (int)process.pid);
	} else {
		return "a socket with its other end outside the process";
	}
	return descriptor->description;
}

const char *socket_add_connected_unix(struct descriptors *all, struct descriptor *descriptor,
				      const struct unix_diag *diag)
{
	const struct socket_kind kind = { .domain = AF_UNIX, .type = diag->type };
	struct end end = { descriptor, *diag, { 0 } }, peer = { 0 };
	struct socket_address name;
	const char *obstacle;

	peer.descriptor = find_socket(all, diag->peer);
	if (peer.descriptor && unix_diag_ask(diag->peer, &peer.diag))
		return "a socket whose peer the kernel does not report";
	/* A datagram socket may be connected to one that is connected to another. */
	if (!diag->peer
	    || (peer.descriptor && peer.diag.peer == (uint32_t)descriptor->status.st_ino)) {
		obstacle = add_pair(all, &end, &peer);
		free(end.queue.bytes);
		free(peer.queue.bytes);
		return obstacle;
	}
	if (diag->type == SOCK_DGRAM && socket_peer_address(descriptor->fd, &name)) {
		socket_add_single(all, descriptor, &kind, &name);
		add_shutdown(all, &end, true);
		return NULL;
	}
	return describe_outside(descriptor);
}
