/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Netlink, raw and packet sockets have their addresses, groups, options and filters in the dump and
 * in its dump. A connected raw socket is named. (Raw and packet sockets need a privilege.)
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../lib/close_from.h"
#include "../lib/refuse.h"

#ifndef SOL_NETLINK
#define SOL_NETLINK 270
#endif

#define HIGH_GROUP 33 /* RTNLGRP_BRVLAN: an address has room for 32 groups */

static int route, plain, raw = -1, packet = -1;
static uint32_t port;

static void set(int fd, int level, int name, int value)
{
	CHECK(!setsockopt(fd, level, name, &value, sizeof(value)));
}

static int option(int fd, int level, int name)
{
	socklen_t length = sizeof(int);
	int value = -1;

	CHECK(!getsockopt(fd, level, name, &value, &length));
	return value;
}

static void set_up_netlink(void)
{
	struct sockaddr_nl name = { .nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK };
	socklen_t length = sizeof(name);

	route = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	plain = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_ROUTE);
	CHECK(!bind(route, (struct sockaddr *)&name, sizeof(name)));
	CHECK(!getsockname(route, (struct sockaddr *)&name, &length));
	port = name.nl_pid;
	CHECK(port);
	set(route, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, HIGH_GROUP);
	set(route, SOL_NETLINK, NETLINK_EXT_ACK, 1);
	set(route, SOL_SOCKET, SO_PASSCRED, 1);
}

static void check_netlink(void)
{
	struct { struct nlmsghdr head; struct rtgenmsg body; } request = {
		.head = { sizeof(request), RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, 1, 0 },
		.body = { .rtgen_family = AF_UNSPEC },
	};
	struct sockaddr_nl name;
	socklen_t length = sizeof(name);
	uint32_t groups[8] = { 0 };
	char answer[8192];

	CHECK(!getsockname(route, (struct sockaddr *)&name, &length));
	CHECK_EQUAL(name.nl_groups, RTMGRP_LINK);
	CHECK_EQUAL(name.nl_pid, port);
	length = sizeof(groups);
	CHECK(!getsockopt(route, SOL_NETLINK, NETLINK_LIST_MEMBERSHIPS, groups, &length));
	CHECK_EQUAL(groups[0], RTMGRP_LINK);
	CHECK_EQUAL(groups[1], 1);
	CHECK_EQUAL(option(route, SOL_NETLINK, NETLINK_EXT_ACK), 1);
	CHECK_EQUAL(option(route, SOL_SOCKET, SO_PASSCRED), 1);
	CHECK_EQUAL(send(plain, &request, sizeof(request), 0), sizeof(request));
	CHECK(recv(plain, answer, sizeof(answer), 0) > 0);
}

/* Does lo take packets for all multicast groups? Any process may have asked for it. */
static bool receives_all(void)
{
	FILE *file = fopen("/sys/class/net/lo/flags", "r");
	unsigned flags = 0;

	CHECK(!file || fscanf(file, "%x", &flags) == 1);
	if (file)
		fclose(file);
	return !file || flags & IFF_ALLMULTI;
}

/* The filter lets nothing pass. */
static void set_up_raw(void)
{
	struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog filter = { 1, &nothing };
	struct sockaddr_in name = { .sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_ll link = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ARP),
				    .sll_ifindex = (int)if_nametoindex("lo") };
	struct packet_mreq all = { .mr_ifindex = link.sll_ifindex,
				   .mr_type = PACKET_MR_ALLMULTI };
	uint32_t types = ~UINT32_C(0);

	raw = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
	packet = socket(AF_PACKET, SOCK_DGRAM, 0);
	if (raw >= 0) {
		CHECK(!bind(raw, (struct sockaddr *)&name, sizeof(name)));
		CHECK(!setsockopt(raw, 255 /* SOL_RAW */, 1 /* ICMP_FILTER */, &types,
				  sizeof(types)));
		set(raw, IPPROTO_IP, IP_HDRINCL, 1);
	}
	if (packet >= 0) {
		CHECK(!setsockopt(packet, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)));
		CHECK(!bind(packet, (struct sockaddr *)&link, sizeof(link)));
		set(packet, SOL_PACKET, PACKET_AUXDATA, 1);
		set(packet, SOL_PACKET, PACKET_VERSION, TPACKET_V3);
		CHECK(!setsockopt(packet, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all,
				  sizeof(all)));
	}
}

static void check_raw(void)
{
	struct sockaddr_in name;
	socklen_t length = sizeof(name);
	uint32_t types;

	CHECK(!getsockname(raw, (struct sockaddr *)&name, &length));
	CHECK_STRING(inet_ntoa(name.sin_addr), "127.0.0.1");
	CHECK_EQUAL(option(raw, SOL_SOCKET, SO_PROTOCOL), IPPROTO_ICMP);
	length = sizeof(types);
	CHECK(!getsockopt(raw, 255, 1, &types, &length));
	CHECK_EQUAL(types, ~UINT32_C(0));
	CHECK_EQUAL(option(raw, IPPROTO_IP, IP_HDRINCL), 1);
}

static void check_packet(void)
{
	struct sockaddr_ll link;
	socklen_t length = sizeof(link);

	CHECK(!getsockname(packet, (struct sockaddr *)&link, &length));
	CHECK_EQUAL(ntohs(link.sll_protocol), ETH_P_ARP);
	CHECK_EQUAL(link.sll_ifindex, if_nametoindex("lo"));
	CHECK_EQUAL(option(packet, SOL_PACKET, PACKET_AUXDATA), 1);
	CHECK_EQUAL(option(packet, SOL_PACKET, PACKET_VERSION), TPACKET_V3);
	length = 0;
	CHECK(!getsockopt(packet, SOL_SOCKET, SO_GET_FILTER, NULL, &length));
	CHECK_EQUAL(length, 1);
	CHECK(receives_all());
}

static void refuse_connected(void)
{
	struct sockaddr_in name = { .sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_RAW, IPPROTO_UDP);
	struct unexec_report *report;

	if (fd < 0)
		return;
	CHECK(!connect(fd, (struct sockaddr *)&name, sizeof(name)));
	report = refuse_dump(roundtrip_path("none"));
	refuse_expect(report, UNEXEC_CODE_DESCRIPTOR, "connected raw socket", NULL);
	unexec_report_free(report);
	close(fd);
}

/* Other sockets would have the port as long as the original has it. */
static void dump(const char *path)
{
	if (roundtrip_dump(path, NULL) == UNEXEC_RESUMED)
		return;
	close_from(3);
	_exit(roundtrip_run(path, &(struct roundtrip){ 0 }));
}

int main(void)
{
	roundtrip_begin();
	refuse_connected();
	set_up_netlink();
	set_up_raw();
	dump(roundtrip_path("dump"));
	dump(roundtrip_path("second"));
	check_netlink();
	if (raw >= 0)
		check_raw();
	if (packet >= 0)
		check_packet();
	return 0;
}
