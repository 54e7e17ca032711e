/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The options of sockets: one table of all that the kernel lets us read and set (6.18).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "descriptors/sockets.h"

/* From include/linux/socket.h */
#ifndef SOL_NETLINK
#define SOL_NETLINK 270
#endif
#define SOL_RAW 255

struct option {
	int level, number;
	const char *name;
	uint32_t how;
};

#define OPTION(level, name) { level, name, #name, 0 }
#define MUST(level, name, how) { level, name, #name, PLAN_OPTION_MUST | (how) }
#define BUFFER(name) { SOL_SOCKET, name, #name, PLAN_OPTION_BUFFER }
#define BUF_LOCK 72 /* SO_BUF_LOCK */
#define NUMBER(level, number, name) { level, number, name, 0 } /* for new ones */

/* No kind of socket has all of them: the kernel refuses to read the others. An option that
 * changes another one comes before it: TCP_REPAIR changes SO_REUSEADDR, IP_TOS SO_PRIORITY,
 * SO_RCVLOWAT the size of a buffer, the size SO_BUF_LOCK. PLAN_OPTION_MUST: without it, more
 * could reach the program. */
static const struct option options[] = {
	OPTION(IPPROTO_TCP, TCP_REPAIR),
	OPTION(SOL_SOCKET, SO_REUSEADDR), OPTION(SOL_SOCKET, SO_REUSEPORT),
	MUST(SOL_SOCKET, SO_BINDTODEVICE, 0), MUST(IPPROTO_IPV6, IPV6_V6ONLY, 0),
	MUST(IPPROTO_IP, IP_MINTTL, 0), MUST(IPPROTO_IPV6, IPV6_MINHOPCOUNT, 0),
	MUST(SOL_SOCKET, SO_ATTACH_FILTER, PLAN_OPTION_FILTER),
	MUST(SOL_SOCKET, SO_LOCK_FILTER, 0),

	OPTION(IPPROTO_IP, IP_TOS), OPTION(IPPROTO_IP, IP_TTL), OPTION(IPPROTO_IP, IP_HDRINCL),
	OPTION(IPPROTO_IP, IP_OPTIONS), OPTION(IPPROTO_IP, IP_ROUTER_ALERT),
	OPTION(IPPROTO_IP, IP_RECVOPTS), OPTION(IPPROTO_IP, IP_RETOPTS),
	OPTION(IPPROTO_IP, IP_PKTINFO), OPTION(IPPROTO_IP, IP_MTU_DISCOVER),
	OPTION(IPPROTO_IP, IP_RECVERR), OPTION(IPPROTO_IP, IP_RECVTTL),
	OPTION(IPPROTO_IP, IP_RECVTOS), OPTION(IPPROTO_IP, IP_FREEBIND),
	OPTION(IPPROTO_IP, IP_PASSSEC), OPTION(IPPROTO_IP, IP_TRANSPARENT),
	OPTION(IPPROTO_IP, IP_ORIGDSTADDR), OPTION(IPPROTO_IP, IP_NODEFRAG),
	OPTION(IPPROTO_IP, IP_CHECKSUM), OPTION(IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT),
	OPTION(IPPROTO_IP, IP_RECVFRAGSIZE), OPTION(IPPROTO_IP, IP_RECVERR_RFC4884),
	OPTION(IPPROTO_IP, IP_MULTICAST_IF), OPTION(IPPROTO_IP, IP_MULTICAST_TTL),
	OPTION(IPPROTO_IP, IP_MULTICAST_LOOP), OPTION(IPPROTO_IP, IP_MULTICAST_ALL),
	OPTION(IPPROTO_IP, IP_UNICAST_IF), NUMBER(IPPROTO_IP, 51, "IP_LOCAL_PORT_RANGE"),

	OPTION(IPPROTO_IPV6, IPV6_2292PKTINFO), OPTION(IPPROTO_IPV6, IPV6_2292HOPOPTS),
	OPTION(IPPROTO_IPV6, IPV6_2292DSTOPTS), OPTION(IPPROTO_IPV6, IPV6_2292RTHDR),
	OPTION(IPPROTO_IPV6, IPV6_CHECKSUM), OPTION(IPPROTO_IPV6, IPV6_2292HOPLIMIT),
	NUMBER(IPPROTO_IPV6, 11, "IPV6_FLOWINFO"),
	OPTION(IPPROTO_IPV6, IPV6_UNICAST_HOPS), OPTION(IPPROTO_IPV6, IPV6_MULTICAST_IF),
	OPTION(IPPROTO_IPV6, IPV6_MULTICAST_HOPS), OPTION(IPPROTO_IPV6, IPV6_MULTICAST_LOOP),
	OPTION(IPPROTO_IPV6, IPV6_ROUTER_ALERT), OPTION(IPPROTO_IPV6, IPV6_MTU_DISCOVER),
	OPTION(IPPROTO_IPV6, IPV6_RECVERR), OPTION(IPPROTO_IPV6, IPV6_MULTICAST_ALL),
	OPTION(IPPROTO_IPV6, IPV6_ROUTER_ALERT_ISOLATE),
	OPTION(IPPROTO_IPV6, IPV6_RECVERR_RFC4884),
	NUMBER(IPPROTO_IPV6, 33, "IPV6_FLOWINFO_SEND"), OPTION(IPPROTO_IPV6, IPV6_HDRINCL),
	OPTION(IPPROTO_IPV6, IPV6_RECVPKTINFO), OPTION(IPPROTO_IPV6, IPV6_RECVHOPLIMIT),
	OPTION(IPPROTO_IPV6, IPV6_RECVHOPOPTS), OPTION(IPPROTO_IPV6, IPV6_HOPOPTS),
	OPTION(IPPROTO_IPV6, IPV6_RTHDRDSTOPTS), OPTION(IPPROTO_IPV6, IPV6_RECVRTHDR),
	OPTION(IPPROTO_IPV6, IPV6_RTHDR), OPTION(IPPROTO_IPV6, IPV6_RECVDSTOPTS),
	OPTION(IPPROTO_IPV6, IPV6_DSTOPTS), OPTION(IPPROTO_IPV6, IPV6_RECVPATHMTU),
	OPTION(IPPROTO_IPV6, IPV6_DONTFRAG), OPTION(IPPROTO_IPV6, IPV6_RECVTCLASS),
	OPTION(IPPROTO_IPV6, IPV6_TCLASS), OPTION(IPPROTO_IPV6, IPV6_AUTOFLOWLABEL),
	OPTION(IPPROTO_IPV6, IPV6_ADDR_PREFERENCES), OPTION(IPPROTO_IPV6, IPV6_ORIGDSTADDR),
	OPTION(IPPROTO_IPV6, IPV6_TRANSPARENT), OPTION(IPPROTO_IPV6, IPV6_UNICAST_IF),
	OPTION(IPPROTO_IPV6, IPV6_RECVFRAGSIZE), OPTION(IPPROTO_IPV6, IPV6_FREEBIND),

	OPTION(SOL_SOCKET, SO_DEBUG), OPTION(SOL_SOCKET, SO_DONTROUTE),
	OPTION(SOL_SOCKET, SO_BROADCAST), OPTION(SOL_SOCKET, SO_KEEPALIVE),
	OPTION(SOL_SOCKET, SO_OOBINLINE), OPTION(SOL_SOCKET, SO_NO_CHECK),
	OPTION(SOL_SOCKET, SO_PRIORITY), OPTION(SOL_SOCKET, SO_LINGER),
	OPTION(SOL_SOCKET, SO_PASSCRED), OPTION(SOL_SOCKET, SO_RCVLOWAT),
	OPTION(SOL_SOCKET, SO_RCVTIMEO), OPTION(SOL_SOCKET, SO_SNDTIMEO),
	NUMBER(SOL_SOCKET, 29, "SO_TIMESTAMP"), NUMBER(SOL_SOCKET, 35, "SO_TIMESTAMPNS"),
	NUMBER(SOL_SOCKET, 37, "SO_TIMESTAMPING"), NUMBER(SOL_SOCKET, 63, "SO_TIMESTAMP_NEW"),
	NUMBER(SOL_SOCKET, 64, "SO_TIMESTAMPNS_NEW"),
	NUMBER(SOL_SOCKET, 65, "SO_TIMESTAMPING_NEW"),
	OPTION(SOL_SOCKET, SO_PASSSEC), OPTION(SOL_SOCKET, SO_MARK),
	OPTION(SOL_SOCKET, SO_RXQ_OVFL), OPTION(SOL_SOCKET, SO_WIFI_STATUS),
	OPTION(SOL_SOCKET, SO_PEEK_OFF), OPTION(SOL_SOCKET, SO_NOFCS),
	OPTION(SOL_SOCKET, SO_SELECT_ERR_QUEUE), OPTION(SOL_SOCKET, SO_BUSY_POLL),
	OPTION(SOL_SOCKET, SO_MAX_PACING_RATE), OPTION(SOL_SOCKET, SO_INCOMING_CPU),
	OPTION(SOL_SOCKET, SO_ZEROCOPY), OPTION(SOL_SOCKET, SO_TXTIME),
	NUMBER(SOL_SOCKET, 69, "SO_PREFER_BUSY_POLL"),
	NUMBER(SOL_SOCKET, 70, "SO_BUSY_POLL_BUDGET"),
	NUMBER(SOL_SOCKET, 73, "SO_RESERVE_MEM"), NUMBER(SOL_SOCKET, 74, "SO_TXREHASH"),
	NUMBER(SOL_SOCKET, 75, "SO_RCVMARK"), NUMBER(SOL_SOCKET, 76, "SO_PASSPIDFD"),
	NUMBER(SOL_SOCKET, 82, "SO_RCVPRIORITY"), NUMBER(SOL_SOCKET, 83, "SO_PASSRIGHTS"),
	NUMBER(SOL_SOCKET, 84, "SO_INQ"),

	OPTION(IPPROTO_TCP, TCP_NODELAY), OPTION(IPPROTO_TCP, TCP_MAXSEG),
	OPTION(IPPROTO_TCP, TCP_CORK), OPTION(IPPROTO_TCP, TCP_KEEPIDLE),
	OPTION(IPPROTO_TCP, TCP_KEEPINTVL), OPTION(IPPROTO_TCP, TCP_KEEPCNT),
	OPTION(IPPROTO_TCP, TCP_SYNCNT), OPTION(IPPROTO_TCP, TCP_LINGER2),
	OPTION(IPPROTO_TCP, TCP_DEFER_ACCEPT), OPTION(IPPROTO_TCP, TCP_WINDOW_CLAMP),
	OPTION(IPPROTO_TCP, TCP_QUICKACK), OPTION(IPPROTO_TCP, TCP_CONGESTION),
	OPTION(IPPROTO_TCP, TCP_THIN_LINEAR_TIMEOUTS), OPTION(IPPROTO_TCP, TCP_THIN_DUPACK),
	OPTION(IPPROTO_TCP, TCP_USER_TIMEOUT), OPTION(IPPROTO_TCP, TCP_FASTOPEN),
	OPTION(IPPROTO_TCP, TCP_NOTSENT_LOWAT), OPTION(IPPROTO_TCP, TCP_SAVE_SYN),
	OPTION(IPPROTO_TCP, TCP_FASTOPEN_CONNECT), OPTION(IPPROTO_TCP, TCP_FASTOPEN_KEY),
	OPTION(IPPROTO_TCP, TCP_FASTOPEN_NO_COOKIE), OPTION(IPPROTO_TCP, TCP_INQ),
	OPTION(IPPROTO_TCP, TCP_TX_DELAY), NUMBER(IPPROTO_TCP, 44, "TCP_RTO_MAX_MS"),
	NUMBER(IPPROTO_TCP, 45, "TCP_RTO_MIN_US"), NUMBER(IPPROTO_TCP, 46, "TCP_DELACK_MAX_US"),

	OPTION(IPPROTO_UDP, UDP_CORK), OPTION(IPPROTO_UDP, UDP_ENCAP),
	OPTION(IPPROTO_UDP, UDP_NO_CHECK6_TX), OPTION(IPPROTO_UDP, UDP_NO_CHECK6_RX),
	OPTION(IPPROTO_UDP, UDP_SEGMENT), OPTION(IPPROTO_UDP, UDP_GRO),

	NUMBER(SOL_NETLINK, NETLINK_PKTINFO, "NETLINK_PKTINFO"),
	NUMBER(SOL_NETLINK, NETLINK_BROADCAST_ERROR, "NETLINK_BROADCAST_ERROR"),
	NUMBER(SOL_NETLINK, NETLINK_NO_ENOBUFS, "NETLINK_NO_ENOBUFS"),
	NUMBER(SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, "NETLINK_LISTEN_ALL_NSID"),
	NUMBER(SOL_NETLINK, NETLINK_CAP_ACK, "NETLINK_CAP_ACK"),
	NUMBER(SOL_NETLINK, NETLINK_EXT_ACK, "NETLINK_EXT_ACK"),
	NUMBER(SOL_NETLINK, 12, "NETLINK_GET_STRICT_CHK"),

	NUMBER(SOL_RAW, 1, "ICMP_FILTER"), NUMBER(IPPROTO_ICMPV6, 1, "ICMP6_FILTER"),
	OPTION(SOL_RAW, IPV6_CHECKSUM),

	OPTION(SOL_PACKET, PACKET_COPY_THRESH), OPTION(SOL_PACKET, PACKET_AUXDATA),
	OPTION(SOL_PACKET, PACKET_ORIGDEV),
	OPTION(SOL_PACKET, PACKET_VERSION), OPTION(SOL_PACKET, PACKET_RESERVE),
	OPTION(SOL_PACKET, PACKET_LOSS), OPTION(SOL_PACKET, PACKET_VNET_HDR),
	OPTION(SOL_PACKET, PACKET_TIMESTAMP), OPTION(SOL_PACKET, PACKET_TX_HAS_OFF),
	OPTION(SOL_PACKET, PACKET_QDISC_BYPASS),
	NUMBER(SOL_PACKET, 23, "PACKET_IGNORE_OUTGOING"),
	NUMBER(SOL_PACKET, 24, "PACKET_VNET_HDR_SZ"),

	BUFFER(SO_SNDBUF), BUFFER(SO_RCVBUF), NUMBER(SOL_SOCKET, BUF_LOCK, "SO_BUF_LOCK"),
};

struct value {
	bool readable;
	socklen_t length;
	union {
		int number;
		struct sock_filter filter[BPF_MAXINSNS];
	};
};

/* A filter's length is a number of instructions (net/core/filter.c, sk_get_filter). */
static void get(int fd, const struct option *option, struct value *value)
{
	value->length = option->how & PLAN_OPTION_FILTER ? BPF_MAXINSNS : sizeof(value->filter);
	value->readable = !getsockopt(fd, option->level, option->number, value->filter,
				      &value->length);
	if (option->how & PLAN_OPTION_FILTER)
		value->length *= sizeof(value->filter[0]);
}

/* As src/restarter/descriptors/sockets.c does. */
static int set(int fd, const struct option *option, const struct value *value)
{
	struct sock_fprog program = {
		.len = (unsigned short)(value->length / sizeof(value->filter[0])),
		.filter = (struct sock_filter *)value->filter,
	};
	int half = value->number / 2;

	if (option->how & PLAN_OPTION_FILTER)
		return setsockopt(fd, option->level, option->number, &program, sizeof(program));
	if (option->how & PLAN_OPTION_BUFFER)
		return setsockopt(fd, option->level, option->number, &half, sizeof(half));
	return setsockopt(fd, option->level, option->number, value->filter, value->length);
}

/* Some options of a connection, like the multicast TTL of a TCP connection, are the kernel's own:
 * no program can set them to what they are. */
static bool can_be_set(int fd, const struct option *option, const struct value *value)
{
	return !set(fd, option, value) || (errno != EINVAL && errno != ENOPROTOOPT)
	       || option->how & PLAN_OPTION_MUST;
}

static bool same(const struct value *a, const struct value *b)
{
	return a->length == b->length && !memcmp(a->filter, b->filter, a->length);
}

static uint32_t kind_of_entry(const struct option *option, const struct socket_kind *kind)
{
	if (kind->has_content && option->level == SOL_SOCKET
	    && (option->number == SO_ATTACH_FILTER || option->number == SO_LOCK_FILTER))
		return PLAN_FD_FILTER;
	return kind->is_accepted ? PLAN_FD_ACCEPTED_OPTION : PLAN_FD_OPTION;
}

static void add_option(struct descriptors *all, const struct descriptor *descriptor,
		       const struct option *option, const struct value *value, uint32_t kind)
{
	struct plan_file plan = descriptor_plan(descriptor, kind);

	plan.option.level = (uint64_t)option->level;
	plan.option.name = (uint64_t)option->number;
	plan.option.how = option->how;
	plan.length = value->length;
	image_add_file(all->process->capture.image, &plan, option->name, value->filter);
}

/* Does the kernel change the option of a connection by itself? It leaves a buffer's size alone
 * when a program has set it: SO_BUF_LOCK (5.13). */
static bool is_kernels(int fd, const struct option *option, const struct socket_kind *kind)
{
	int lock = option->number == SO_SNDBUF ? 1 : 2;

	if (option->how & PLAN_OPTION_BUFFER)
		return !(socket_option(fd, SOL_SOCKET, BUF_LOCK, 3) & lock);
	return (option->level == SOL_SOCKET && option->number == SO_INCOMING_CPU)
	       || (option->level == IPPROTO_TCP && option->number == TCP_WINDOW_CLAMP)
	       || (option->level == IPPROTO_IPV6 && option->number == IPV6_V6ONLY
		   && kind->is_accepted);
}

/* Compares with a new socket, and with the listening socket whose options it got, if any. */
static bool differs(const struct option *option, int fresh, const struct socket_kind *kind,
		    const struct value *value, struct value *other)
{
	get(fresh, option, other);
	if (!other->readable)
		return false;
	if (same(value, other) && kind->listener)
		get(kind->listener->fd, option, other);
	return other->readable && !same(value, other);
}

void socket_options_add(struct descriptors *all, const struct descriptor *descriptor,
			const struct socket_kind *kind)
{
	int fresh = socket(kind->domain, kind->type | SOCK_CLOEXEC, kind->protocol);
	struct value *values = xmalloc(2 * sizeof(*values));

	/* Each is set on the new socket, too: one that this changes differs, and is added. */
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
		if (kind->has_content && is_kernels(descriptor->fd, &options[i], kind))
			continue;
		get(descriptor->fd, &options[i], &values[0]);
		if (values[0].readable
		    && differs(&options[i], fresh, kind, &values[0], &values[1])
		    && can_be_set(fresh, &options[i], &values[0]))
			add_option(all, descriptor, &options[i], &values[0],
				   kind_of_entry(&options[i], kind));
	}
	free(values);
	if (fresh >= 0)
		close(fresh);
}

bool socket_options_has_program(int fd)
{
	socklen_t length = 0;

	/* sk_get_filter (net/core/filter.c): it is no program of the old kind. */
	return getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, NULL, &length) && errno == EACCES;
}

int socket_option(int fd, int level, int name, int otherwise)
{
	socklen_t length = sizeof(int);
	int value;

	return getsockopt(fd, level, name, &value, &length) ? otherwise : value;
}
