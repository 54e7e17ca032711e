/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sockets below UDP and TCP: netlink, packet and raw ones.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "descriptors/packet_diag.h"
#include "descriptors/sockets.h"
#include "process/proc_files.h"

#define GROUP_WORDS 64

/* From include/linux/socket.h */
#ifndef SOL_NETLINK
#define SOL_NETLINK 270
#endif

/* Adds the groups of a netlink socket for which its address has no room. */
static void add_groups(struct descriptors *all, const struct descriptor *descriptor)
{
	struct plan_file plan = descriptor_plan(descriptor, PLAN_FD_OPTION);
	uint32_t words[GROUP_WORDS] = { 0 };
	socklen_t length = sizeof(words);

	plan.option.level = SOL_NETLINK;
	plan.option.name = NETLINK_ADD_MEMBERSHIP;
	plan.length = sizeof(uint32_t);
	if (getsockopt(descriptor->fd, SOL_NETLINK, NETLINK_LIST_MEMBERSHIPS, words, &length))
		return;
	for (uint32_t group = 33; group <= 32 * GROUP_WORDS; group++)
		if (words[(group - 1) / 32] & UINT32_C(1) << (group - 1) % 32)
			image_add_file(all->process->capture.image, &plan,
				       "NETLINK_ADD_MEMBERSHIP", &group);
}

/* Is a raw socket connected? getpeername() does not show it without a port. */
static bool is_connected_raw(const struct descriptors *all, const struct descriptor *descriptor,
			     const struct socket_kind *kind)
{
	FILE *list = process_open(all->process->handoff.fds.proc,
				  kind->domain == AF_INET ? "net/raw" : "net/raw6");
	uint64_t inode;
	unsigned state;
	char line[512];
	bool found = false;

	/* sl local rem st tx:rx tr:tm retr uid timeout inode (net/ipv4/raw.c) */
	while (list && fgets(line, sizeof(line), list))
		if (sscanf(line, "%*s %*s %*s %x %*s %*s %*s %*s %*s %" SCNu64, &state, &inode) == 2
		    && inode == descriptor->status.st_ino)
			found = state == 1; /* TCP_ESTABLISHED */
	if (list)
		fclose(list);
	return found;
}

static const char *find_obstacle(const struct descriptors *all,
				 const struct descriptor *descriptor,
				 const struct socket_kind *kind)
{
	int probe = socket(kind->domain, kind->type | SOCK_CLOEXEC, kind->protocol);

	if (probe < 0)
		return "a socket that this user cannot make";
	close(probe);
	if ((kind->domain == AF_INET || kind->domain == AF_INET6)
	    && is_connected_raw(all, descriptor, kind))
		return "a connected raw socket";
	return NULL;
}

static void add_membership(struct descriptors *all, const struct descriptor *descriptor,
			   const struct packet_diag_mclist *membership)
{
	struct plan_file plan = descriptor_plan(descriptor, PLAN_FD_OPTION);
	struct packet_mreq request = {
		.mr_ifindex = (int)membership->pdmc_index,
		.mr_type = membership->pdmc_type,
		.mr_alen = membership->pdmc_alen,
	};

	plan.option.level = SOL_PACKET;
	plan.option.name = PACKET_ADD_MEMBERSHIP;
	plan.length = sizeof(request);
	if (request.mr_alen > sizeof(request.mr_address)) {
		descriptor_warn(all, descriptor, "a membership with a long address is not in the "
						 "dump");
		return;
	}
	memcpy(request.mr_address, membership->pdmc_addr, sizeof(request.mr_address));
	for (uint32_t i = 0; i < membership->pdmc_count; i++)
		image_add_file(all->process->capture.image, &plan, "PACKET_ADD_MEMBERSHIP",
			       &request);
}

static const char *add_packet(struct descriptors *all, struct descriptor *descriptor,
			      const struct socket_kind *kind)
{
	struct packet_diag diag;
	const char *obstacle = NULL;

	if (packet_diag_ask((uint32_t)descriptor->status.st_ino, &diag))
		descriptor_warn(all, descriptor, "memberships that it has added are not in the dump "
						 "(module packet_diag)");
	if (diag.has_ring || diag.has_fanout)
		obstacle = diag.has_ring ? "a packet socket with a ring of memory"
					 : "a packet socket with PACKET_FANOUT";
	else
		socket_add_single(all, descriptor, kind, NULL);
	for (size_t i = 0; !obstacle && i < diag.count; i++)
		add_membership(all, descriptor, &diag.memberships[i]);
	free(diag.memberships);
	return obstacle;
}

const char *socket_add_raw(struct descriptors *all, struct descriptor *descriptor,
			   const struct socket_kind *kind)
{
	const char *obstacle = find_obstacle(all, descriptor, kind);
	struct socket_address peer;

	if (obstacle)
		return obstacle;
	if (kind->domain == AF_PACKET)
		return add_packet(all, descriptor, kind);
	if (kind->domain == AF_NETLINK && socket_peer_address(descriptor->fd, &peer))
		socket_add_single(all, descriptor, kind, &peer);
	else
		socket_add_single(all, descriptor, kind, NULL);
	if (kind->domain == AF_NETLINK)
		add_groups(all, descriptor);
	return NULL;
}
