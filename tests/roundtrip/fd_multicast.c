/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A socket stays a member of the multicast groups that it has joined, with the sources that it
 * wants; other sockets do not become members.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "../lib/roundtrip.h"

#define GROUP_4 "239.255.7.9"
#define GROUP_6 "ff01::7:9"

static int member, chooser, other, member_6 = -1;

static struct sockaddr_storage group_of(int domain, const char *text)
{
	struct sockaddr_storage group = { .ss_family = (sa_family_t)domain };
	void *address = &((struct sockaddr_in *)&group)->sin_addr;

	if (domain == AF_INET6)
		address = &((struct sockaddr_in6 *)&group)->sin6_addr;
	CHECK_EQUAL(inet_pton(domain, text, address), 1);
	return group;
}

/* The filter of the group, with room for one source; NULL if the socket is no member. */
static struct group_filter *filter_of(int fd, int domain, const char *text)
{
	static struct group_filter filter;
	socklen_t length = sizeof(filter);
	int level = domain == AF_INET ? IPPROTO_IP : IPPROTO_IPV6;

	memset(&filter, 0, sizeof(filter));
	filter.gf_interface = if_nametoindex("lo");
	filter.gf_group = group_of(domain, text);
	filter.gf_numsrc = 1;
	return getsockopt(fd, level, MCAST_MSFILTER, &filter, &length) ? NULL : &filter;
}

static int join(int fd, int domain, const char *text)
{
	struct group_req request = { .gr_interface = if_nametoindex("lo"),
				     .gr_group = group_of(domain, text) };

	return setsockopt(fd, domain == AF_INET ? IPPROTO_IP : IPPROTO_IPV6, MCAST_JOIN_GROUP,
			  &request, sizeof(request));
}

static void set_up(void)
{
	struct group_source_req request = { .gsr_interface = if_nametoindex("lo"),
					    .gsr_group = group_of(AF_INET, GROUP_4),
					    .gsr_source = group_of(AF_INET, "127.0.0.5") };

	member = socket(AF_INET, SOCK_DGRAM, 0);
	chooser = socket(AF_INET, SOCK_DGRAM, 0);
	other = socket(AF_INET, SOCK_DGRAM, 0);
	CHECK(!join(member, AF_INET, GROUP_4));
	CHECK(!setsockopt(chooser, IPPROTO_IP, MCAST_JOIN_SOURCE_GROUP, &request,
			  sizeof(request)));
	member_6 = socket(AF_INET6, SOCK_DGRAM, 0);
	if (member_6 >= 0 && join(member_6, AF_INET6, GROUP_6))
		member_6 = -1; /* a container may have IPv6 switched off */
}

static void check_all(void)
{
	const struct group_filter *filter = filter_of(member, AF_INET, GROUP_4);
	const struct sockaddr_in *source;

	CHECK(filter);
	CHECK_EQUAL(filter->gf_fmode, MCAST_EXCLUDE);
	CHECK_EQUAL(filter->gf_numsrc, 0);
	filter = filter_of(chooser, AF_INET, GROUP_4);
	CHECK(filter);
	CHECK_EQUAL(filter->gf_fmode, MCAST_INCLUDE);
	CHECK_EQUAL(filter->gf_numsrc, 1);
	source = (const struct sockaddr_in *)&filter->gf_slist[0];
	CHECK_STRING(inet_ntoa(source->sin_addr), "127.0.0.5");
	CHECK(!filter_of(other, AF_INET, GROUP_4));
	CHECK(!filter_of(member, AF_INET, "224.0.0.1"));
	CHECK(member_6 < 0 || filter_of(member_6, AF_INET6, GROUP_6));
}

int main(void)
{
	roundtrip_begin();
	set_up();
	check_all();
	roundtrip_cut();
	check_all();
	roundtrip_cut();
	check_all();
	return 0;
}
