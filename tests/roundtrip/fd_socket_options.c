/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every option of a socket that this kernel lets us read and set is as it was in the dump, and
 * in its dump: the test tries all numbers, on each kind of socket, so it knows no list.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

enum { SETTABLE = 130, VALUE = 64, NAMES = 96 };

struct value {
	socklen_t length; /* 0: cannot be read */
	unsigned char bytes[VALUE];
};

/* An option, and a value that differs from that of a new socket. */
struct option {
	int level, name;
	struct value value;
};

/* Each option has a socket on which it is set. */
struct kind {
	const char *title;
	int domain, type, protocol;
	size_t count;
	struct option options[SETTABLE];
	int sockets[SETTABLE];
	struct value expected[SETTABLE][SETTABLE]; /* of each socket, each option */
};

static struct kind kinds[] = {
	{ .title = "UNIX stream", .domain = AF_UNIX, .type = SOCK_STREAM },
	{ .title = "UNIX datagram", .domain = AF_UNIX, .type = SOCK_DGRAM },
	{ .title = "UNIX packet", .domain = AF_UNIX, .type = SOCK_SEQPACKET },
	{ .title = "TCP", .domain = AF_INET, .type = SOCK_STREAM },
	{ .title = "UDP", .domain = AF_INET, .type = SOCK_DGRAM },
	{ .title = "TCP by IPv6", .domain = AF_INET6, .type = SOCK_STREAM },
	{ .title = "UDP by IPv6", .domain = AF_INET6, .type = SOCK_DGRAM },
	{ .title = "netlink", .domain = AF_NETLINK, .type = SOCK_RAW },
	{ .title = "packet", .domain = AF_PACKET, .type = SOCK_RAW },
	{ .title = "ICMP", .domain = AF_INET, .type = SOCK_RAW, .protocol = IPPROTO_ICMP },
	{ .title = "ICMP by IPv6", .domain = AF_INET6, .type = SOCK_RAW,
	  .protocol = IPPROTO_ICMPV6 },
};
enum { KINDS = sizeof(kinds) / sizeof(*kinds) };

static const int levels[] = { SOL_SOCKET, IPPROTO_IP, IPPROTO_IPV6, IPPROTO_TCP, IPPROTO_UDP,
			      IPPROTO_ICMPV6, 255 /* SOL_RAW */, SOL_PACKET,
			      270 /* SOL_NETLINK */ };
static const int candidates[] = { 1, 0, 2, 11, 100, 4096, 0x20000, -1 };

static struct value get(int fd, int level, int name)
{
	struct value value = { .length = VALUE };

	if (getsockopt(fd, level, name, value.bytes, &value.length))
		value.length = 0;
	return value;
}

static bool same(const struct value *a, const struct value *b)
{
	return a->length == b->length && !memcmp(a->bytes, b->bytes, a->length);
}

/* Finds a value that changes the option of a new socket. */
static bool try_candidate(const struct kind *kind, struct option *option, int candidate)
{
	int fd = socket(kind->domain, kind->type, kind->protocol);
	struct value usual = get(fd, option->level, option->name), now;

	option->value = usual;
	memcpy(option->value.bytes, &candidate, sizeof(candidate));
	if (usual.length < sizeof(int)
	    || setsockopt(fd, option->level, option->name, option->value.bytes, usual.length))
		usual.length = 0;
	now = get(fd, option->level, option->name);
	close(fd);
	return usual.length && !same(&usual, &now);
}

static void find_settable(struct kind *kind, int level, int name)
{
	struct option *option = &kind->options[kind->count];

	for (size_t i = 0; i < sizeof(candidates) / sizeof(*candidates); i++) {
		option->level = level;
		option->name = name;
		if (try_candidate(kind, option, candidates[i])) {
			CHECK(++kind->count < SETTABLE);
			return;
		}
	}
}

static void set_up(struct kind *kind)
{
	for (size_t i = 0; i < sizeof(levels) / sizeof(*levels); i++)
		for (int name = 0; name < NAMES; name++)
			find_settable(kind, levels[i], name);
	for (size_t i = 0; i < kind->count; i++) {
		const struct option *option = &kind->options[i];
		int fd = kind->sockets[i] = socket(kind->domain, kind->type, kind->protocol);

		CHECK(!setsockopt(fd, option->level, option->name, option->value.bytes,
				  option->value.length));
		for (size_t j = 0; j < kind->count; j++)
			kind->expected[i][j] = get(fd, kind->options[j].level,
						   kind->options[j].name);
	}
	printf("%s: %zu options\n", kind->title, kind->count);
}

static unsigned count_changed(const struct kind *kind)
{
	unsigned changed = 0;

	for (size_t i = 0; i < kind->count; i++)
		for (size_t j = 0; j < kind->count; j++) {
			struct value now = get(kind->sockets[i], kind->options[j].level,
					       kind->options[j].name);

			if (same(&now, &kind->expected[i][j]))
				continue;
			changed++;
			printf("%s: %d:%d has set %d:%d to %d, is %d\n", kind->title,
			       kind->options[i].level, kind->options[i].name,
			       kind->options[j].level, kind->options[j].name,
			       *(int *)kind->expected[i][j].bytes, *(int *)now.bytes);
		}
	return changed;
}

static void check_all(void)
{
	unsigned changed = 0;

	for (size_t i = 0; i < KINDS; i++)
		changed += count_changed(&kinds[i]);
	CHECK_EQUAL(changed, 0);
}

static void errors_to_file(void)
{
	int fd = open(roundtrip_path("errors"), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	dup2(fd, 2);
	close(fd);
}

static void cut(void)
{
	roundtrip_cut_with(&(struct roundtrip){ .prepare = errors_to_file });
	CHECK_STRING(roundtrip_read(roundtrip_path("errors")), "");
	check_all();
}

int main(void)
{
	size_t settable = 0;

	roundtrip_begin();
	for (size_t i = 0; i < KINDS; i++) {
		int probe = socket(kinds[i].domain, kinds[i].type,
				   kinds[i].protocol);

		if (probe >= 0) { /* a container may lack IPv6, a user the privilege */
			close(probe);
			set_up(&kinds[i]);
		}
		settable += kinds[i].count;
	}
	CHECK(settable > 100);
	check_all();
	cut();
	cut();
	return 0;
}
