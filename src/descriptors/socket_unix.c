/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * UNIX-domain sockets that are connected: with both ends in the process, and datagram sockets
 * whose peer has a name.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "descriptors/sockets.h"
#include "process/proc_files.h"

/* ---- Both ends inside ------------------------------------------------------------------- */

/* The number of descriptors in its queue that the dump has. */
static size_t count_in_flight(const struct descriptors *all, const struct descriptor *carrier)
{
	size_t count = 0;

	for (size_t i = 0; i < all->count; i++)
		count += all->list[i].is_in_flight && !all->list[i].same->absent
			 && all->list[i].carrier == carrier->number;
	return count;
}

static uint32_t read_real_id(const struct descriptors *all, const char *key)
{
	FILE *status = process_open(all->process->handoff.fds.original, "status");
	char line[256];
	uint32_t id = UINT32_MAX;

	while (status && fgets(line, sizeof(line), status))
		if (!strncmp(line, key, strlen(key)))
			id = (uint32_t)strtoul(line + strlen(key), NULL, 10);
	if (status)
		fclose(status);
	return id;
}

/* A start sends the messages itself. A receiver with SO_PASSCRED trusts the kernel that they come
 * from whom they seem to. */
static const char *check_senders(const struct descriptors *all, struct socket_end *end)
{
	const struct messages *queue = &end->queue;

	for (size_t i = 0; i < queue->sender_count; i++) {
		const struct sender *sender = &queue->senders[i];

		if (sender->pid == all->process->handoff.pid
		    && sender->user == read_real_id(all, "Uid:")
		    && sender->group == read_real_id(all, "Gid:"))
			continue;
		descriptor_describe(end->descriptor, "a socket with a message in descriptor %d "
				    "(SO_PASSCRED) from process %u, user %u, group %u; in the "
				    "dump it would come from the program itself",
				    end->descriptor->number, sender->pid, sender->user,
				    sender->group);
		return end->descriptor->description;
	}
	return NULL;
}

static const char *read_end(struct descriptors *all, struct socket_end *end)
{
	size_t count = socket_rights_in_queue(all, end->descriptor);

	if (count != count_in_flight(all, end->descriptor)
	    || (count && !end->descriptor->queue.length))
		return "a socket with descriptors in flight that are no files, pipes or sockets";
	if (count)
		end->queue = descriptor_take_queue(all, end->descriptor);
	else if (socket_peek(end->descriptor->fd, &end->diag, NULL, &end->queue))
		return "a socket whose content cannot be read";
	return check_senders(all, end);
}

/* Bit 1 is receiving, bit 2 is sending. Each end of a pair of datagram sockets has its own
 * bits. In a stream, one end's sending is the other end's receiving, so sending alone is
 * recorded for each end. A stream whose peer is closed needs neither: closing shuts down
 * both. */
static unsigned shutdown_of(const struct unix_diag *diag, bool has_peer)
{
	if (diag->type == SOCK_DGRAM)
		return diag->shutdown & 3;
	return has_peer ? diag->shutdown & 2 : 0;
}

/* Adds an end of a pair. */
static void add_end(struct descriptors *all, struct socket_end *end, struct socket_end *peer)
{
	const struct socket_kind kind = {
		.domain = AF_UNIX, .type = end->diag.type, .has_content = true
	};
	struct socket_address name;

	socket_options_add(all, end->descriptor, &kind);
	if (socket_own_address(end->descriptor->fd, &name)) {
		if (end->diag.type == SOCK_DGRAM)
			socket_add_bind(all, end->descriptor, &name, true);
		else
			descriptor_warn(all, end->descriptor, "it has no name in the dump");
	}
	if (peer->queue.length)
		socket_warn_of_hidden(all, end->descriptor, end->diag.type, &peer->queue);
	socket_add_content(all, end, peer);
}

/* Was one of the ends accepted from a listening socket of the process? Then adds both. */
static bool add_accepted(struct descriptors *all, struct socket_end *client,
			 struct socket_end *accepted)
{
	struct descriptor *listener = socket_find_listener(all, accepted->descriptor);
	const struct socket_kind kind = {
		.domain = AF_UNIX, .type = client->diag.type, .has_content = true
	};

	if (client->diag.type == SOCK_DGRAM || !listener)
		return false;
	socket_add_connection(all, &kind, client, accepted, listener);
	socket_add_content(all, client, accepted);
	socket_add_content(all, accepted, client);
	return true;
}

/* Adds a pair; or, if the peer is closed, one end with what it has received. */
static const char *add_pair(struct descriptors *all, struct socket_end *end,
			    struct socket_end *peer)
{
	struct plan_file plan = descriptor_plan(end->descriptor, PLAN_FD_PAIR);
	const char *obstacle = read_end(all, end);

	if (!obstacle && peer->descriptor)
		obstacle = read_end(all, peer);
	if (obstacle)
		return obstacle;
	end->shutdown = shutdown_of(&end->diag, peer->descriptor);
	peer->shutdown = shutdown_of(&peer->diag, true);
	if (peer->descriptor && (add_accepted(all, end, peer) || add_accepted(all, peer, end)))
		return NULL;
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

/* ---- Connections that are not accepted yet ---------------------------------------------- */

static const char *add_pending_client(struct descriptors *all, struct descriptor *client,
				      const struct unix_diag *diag)
{
	const struct socket_kind kind = { .domain = AF_UNIX, .type = diag->type };
	struct socket_end end = { .descriptor = client }, nobody = { NULL };
	struct socket_address name;

	if (socket_has_sent(client))
		return "a connection that has data and is not accepted yet";
	socket_add_new(all, client, &kind, NULL);
	if (socket_own_address(client->fd, &name))
		socket_add_bind(all, client, &name, true);
	end.shutdown = shutdown_of(diag, true);
	socket_add_content(all, &end, &nobody);
	return NULL;
}

/* ---- All that are connected ------------------------------------------------------------- */

/* A descriptor of the other end that the dump does not have: it is refused, or the starter's. */
static const struct descriptor *find_other(const struct descriptors *all, uint32_t inode)
{
	for (size_t i = 0; i < all->count; i++)
		if (S_ISSOCK(all->list[i].status.st_mode)
		    && (uint32_t)all->list[i].status.st_ino == inode)
			return &all->list[i];
	return NULL;
}

/* The name of the peer, or the process that made it, for a message. The process itself has made
 * a pair whose other end it gave away. */
static const char *describe_outside(const struct descriptors *all,
				    struct descriptor *descriptor, const struct unix_diag *diag)
{
	const struct descriptor *other = find_other(all, diag->peer);
	struct socket_address peer;
	struct ucred process;
	socklen_t length = sizeof(process);
	char *text;

	if (other) {
		descriptor_describe(descriptor, "a socket whose other end, descriptor %d, is not in "
						"the dump", other->number);
	} else if (socket_peer_address(descriptor->fd, &peer)) {
		text = socket_address_text(&peer);
		descriptor_describe(descriptor, "a socket with its other end outside the process, "
						"%s", text);
		free(text);
	} else if (!getsockopt(descriptor->fd, SOL_SOCKET, SO_PEERCRED, &process, &length)
		   && process.pid > 0 && (uint32_t)process.pid != all->process->handoff.pid) {
		descriptor_describe(descriptor, "a socket with its other end outside the process, "
						"made by process %d", (int)process.pid);
	} else {
		return "a socket with its other end outside the process";
	}
	return descriptor->description;
}

/* Adds the two ends, or the one that is left. */
static const char *add_ends(struct descriptors *all, struct descriptor *descriptor,
			    const struct unix_diag *diag, struct descriptor *other,
			    const struct unix_diag *other_diag)
{
	struct socket_end end = { .descriptor = descriptor, .diag = *diag };
	struct socket_end peer = { .descriptor = other, .diag = *other_diag };
	const char *obstacle = add_pair(all, &end, &peer);

	free(end.queue.bytes);
	free(peer.queue.bytes);
	return obstacle;
}

static void add_one_way(struct descriptors *all, struct descriptor *descriptor,
			const struct unix_diag *diag, const struct socket_address *peer)
{
	const struct socket_kind kind = { .domain = AF_UNIX, .type = diag->type };
	struct socket_end end = { .descriptor = descriptor }, nobody = { NULL };

	socket_add_single(all, descriptor, &kind, peer);
	end.shutdown = shutdown_of(diag, true);
	socket_add_content(all, &end, &nobody);
}

const char *socket_add_connected_unix(struct descriptors *all, struct descriptor *descriptor,
				      const struct unix_diag *diag)
{
	struct descriptor *peer = socket_find_inode(all, diag->peer);
	struct unix_diag peer_diag = { 0 };
	struct socket_address name;

	if (peer && unix_diag_ask(diag->peer, &peer_diag))
		return "a socket whose peer the kernel does not report";
	if (!diag->peer && diag->type != SOCK_DGRAM && socket_is_pending_unix(all, descriptor))
		return add_pending_client(all, descriptor, diag);
	/* A datagram socket may be connected to one that is connected to another. */
	if (!diag->peer || (peer && peer_diag.peer == (uint32_t)descriptor->status.st_ino))
		return add_ends(all, descriptor, diag, peer, &peer_diag);
	if (diag->type == SOCK_DGRAM && socket_peer_address(descriptor->fd, &name)) {
		add_one_way(all, descriptor, diag, &name);
		return NULL;
	}
	return describe_outside(all, descriptor, diag);
}
