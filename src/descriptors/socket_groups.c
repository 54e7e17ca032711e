/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The multicast groups that a socket has joined. The kernel lists the groups of the network
 * namespace, and reads the filter of a group only for its members.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/xalloc.h"
#include "descriptors/sockets.h"
#include "process/proc_files.h"

/* net.ipv4.igmp_max_msf and net.ipv6.mld_max_msf limit the sources; their defaults are 10 and
 * 64. */
#define SOURCES 1024

static void add_group_option(struct descriptors *all, const struct descriptor *descriptor,
			     int level, int number, const char *name, const void *value,
			     size_t length)
{
	struct plan_file plan = descriptor_plan(descriptor, PLAN_FD_OPTION);

	plan.option.level = (uint64_t)level;
	plan.option.name = (uint64_t)number;
	plan.length = (uint32_t)length;
	image_add_file(all->process->capture.image, &plan, name, value);
}

/* Adds the group if the socket is a member. */
static void add_group(struct descriptors *all, const struct descriptor *descriptor, int level,
		      uint32_t interface, const struct sockaddr_storage *group)
{
	struct group_filter *filter = xcalloc(1, GROUP_FILTER_SIZE(SOURCES));
	struct group_req join = { .gr_interface = interface, .gr_group = *group };
	socklen_t length = GROUP_FILTER_SIZE(SOURCES);

	filter->gf_interface = interface;
	filter->gf_group = *group;
	filter->gf_numsrc = SOURCES;
	if (!getsockopt(descriptor->fd, level, MCAST_MSFILTER, filter, &length)) {
		add_group_option(all, descriptor, level, MCAST_JOIN_GROUP, "MCAST_JOIN_GROUP",
				 &join, sizeof(join));
		/* A member that joins excludes no source. */
		if (filter->gf_numsrc > SOURCES)
			descriptor_warn(all, descriptor, "its source filters are not in the dump");
		else if (filter->gf_fmode != MCAST_EXCLUDE || filter->gf_numsrc)
			add_group_option(all, descriptor, level, MCAST_MSFILTER,
					 "MCAST_MSFILTER", filter,
					 GROUP_FILTER_SIZE(filter->gf_numsrc));
	}
	free(filter);
}

/* A line for an interface has its number in front; the lines of its groups are indented
 * (net/ipv4/igmp.c, igmp_mc_seq_show). */
static void add_groups_4(struct descriptors *all, const struct descriptor *descriptor, FILE *list)
{
	struct sockaddr_storage group = { 0 };
	struct sockaddr_in *address = (struct sockaddr_in *)&group;
	uint32_t interface = 0;
	char line[256];

	address->sin_family = AF_INET;
	while (fgets(line, sizeof(line), list))
		if (line[0] != '\t')
			interface = (uint32_t)strtoul(line, NULL, 10);
		else if (sscanf(line, " %8x", &address->sin_addr.s_addr) == 1)
			add_group(all, descriptor, IPPROTO_IP, interface, &group);
}

/* One line a group (net/ipv6/mcast.c, igmp6_mc_seq_show). */
static void add_groups_6(struct descriptors *all, const struct descriptor *descriptor, FILE *list)
{
	struct sockaddr_storage group = { 0 };
	struct sockaddr_in6 *address = (struct sockaddr_in6 *)&group;
	unsigned words[4], interface;

	address->sin6_family = AF_INET6;
	while (fscanf(list, "%u %*s %8x%8x%8x%8x%*[^\n]", &interface, &words[0], &words[1],
		      &words[2], &words[3]) == 5) {
		for (int i = 0; i < 4; i++)
			address->sin6_addr.s6_addr32[i] = htonl(words[i]);
		add_group(all, descriptor, IPPROTO_IPV6, interface, &group);
	}
}

void socket_groups_add(struct descriptors *all, const struct descriptor *descriptor)
{
	FILE *list = process_open(all->process->handoff.fds.proc, "net/igmp");

	if (list) {
		add_groups_4(all, descriptor, list);
		fclose(list);
	}
	list = process_open(all->process->handoff.fds.proc, "net/igmp6");
	if (list) {
		add_groups_6(all, descriptor, list);
		fclose(list);
	}
}
