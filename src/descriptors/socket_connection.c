/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Connections with both ends in the process, that a start makes through a listening socket.
 */
#define _GNU_SOURCE
#include <stdlib.h>

#include "descriptors/sockets.h"

void socket_add_connection(struct descriptors *all, const struct socket_kind *kind,
			   const struct socket_end *client, const struct socket_end *accepted,
			   const struct descriptor *listener)
{
	struct plan_file plan = descriptor_plan(accepted->descriptor, PLAN_FD_CONNECTION);
	struct socket_kind accepted_kind = *kind;
	struct socket_address name;
	char *text;

	socket_add_new(all, client->descriptor, kind, NULL);
	if (socket_own_address(client->descriptor->fd, &name))
		socket_add_bind(all, client->descriptor, &name, true);
	socket_own_address(accepted->descriptor->fd, &name);
	text = socket_address_text(&name);
	plan.other = client->descriptor->number;
	plan.length = name.length;
	plan.connection.listener = listener ? (uint64_t)listener->number : 0;
	image_add_file(all->process->capture.image, &plan, text, &name.storage);
	free(text);
	accepted_kind.listener = listener;
	accepted_kind.is_accepted = true;
	socket_options_add(all, accepted->descriptor, &accepted_kind);
}

void socket_add_content(struct descriptors *all, struct socket_end *end,
			const struct socket_end *peer)
{
	struct plan_file send = descriptor_plan(end->descriptor, PLAN_FD_SEND);
	struct plan_file shutdown = descriptor_plan(end->descriptor, PLAN_FD_SHUTDOWN);

	if (peer->queue.length) {
		send.length = (uint32_t)peer->queue.length;
		image_add_file(all->process->capture.image, &send, NULL, peer->queue.bytes);
	}
	shutdown.shutdown.how = end->shutdown - 1; /* SHUT_RD, SHUT_WR, SHUT_RDWR */
	if (end->shutdown)
		image_add_file(all->process->capture.image, &shutdown, NULL, NULL);
	end->descriptor->settled = true;
}
