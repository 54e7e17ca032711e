/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Connections with both ends in the process and a listening socket in it, UNIX and TCP, are made
 * again through that socket: with names, content in both directions, half-closed ends, options,
 * and those that were not accepted yet. Two sockets may have one path.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../lib/close_from.h"
#include "../lib/roundtrip.h"

struct name {
	socklen_t length;
	struct sockaddr_storage address;
};

/* A listening socket and its connections. */
struct server {
	int domain, type, listening;
	struct name name;
	int full[2];    /* client, accepted: with content */
	int half[2];    /* the client sends no more */
	int half_2[2];  /* the server sends no more */
	int waiting[2]; /* clients, not accepted yet */
};

static struct server streams = { .domain = AF_UNIX, .type = SOCK_STREAM };
static struct server packets = { .domain = AF_UNIX, .type = SOCK_SEQPACKET };
static struct server abstract = { .domain = AF_UNIX, .type = SOCK_STREAM };
static struct server tcp = { .domain = AF_INET, .type = SOCK_STREAM };
static struct server tcp_6 = { .domain = AF_INET6, .type = SOCK_STREAM };
static int older, newer; /* both have the path of `twin` */
static int orphans[2];   /* TCP; the listening socket is closed */
static struct name twin, orphan, client_name, orphan_client;

static struct name name_of(int fd)
{
	struct name name = { .length = sizeof(name.address) };

	CHECK(!getsockname(fd, (struct sockaddr *)&name.address, &name.length));
	return name;
}

static struct name peer_of(int fd)
{
	struct name name = { .length = sizeof(name.address) };

	CHECK(!getpeername(fd, (struct sockaddr *)&name.address, &name.length));
	return name;
}

static bool same(const struct name *a, const struct name *b)
{
	return a->length == b->length && !memcmp(&a->address, &b->address, a->length);
}

static struct name path_name(const char *file)
{
	struct name name = { 0 };
	struct sockaddr_un *local = (struct sockaddr_un *)&name.address;

	local->sun_family = AF_UNIX;
	snprintf(local->sun_path, sizeof(local->sun_path), "%s", roundtrip_path(file));
	name.length = (socklen_t)(offsetof(struct sockaddr_un, sun_path)
				  + strlen(local->sun_path) + 1);
	return name;
}

static bool bind_to(int fd, const struct name *name)
{
	return !bind(fd, (const struct sockaddr *)&name->address, name->length);
}

static int connect_to(const struct server *server)
{
	int client = socket(server->domain, server->type, 0);

	CHECK(!connect(client, (const struct sockaddr *)&server->name.address,
		       server->name.length));
	return client;
}

static void put(int fd, const char *text)
{
	CHECK_EQUAL(send(fd, text, strlen(text), MSG_DONTWAIT), strlen(text));
}

static void expect(int fd, const char *text)
{
	char got[40] = "";

	CHECK_EQUAL(recv(fd, got, sizeof(got) - 1, 0), strlen(text));
	CHECK_STRING(got, text);
}

static void connect_pair(const struct server *server, int pair[2])
{
	pair[0] = connect_to(server);
	pair[1] = accept(server->listening, NULL, NULL);
	CHECK(pair[1] > 2);
}

static bool set_up(struct server *server, const struct name *name)
{
	int on = 1, off = 0;

	server->listening = socket(server->domain, server->type, 0);
	if (server->listening < 0 || !bind_to(server->listening, name))
		return false;
	CHECK(!listen(server->listening, 5));
	CHECK(!setsockopt(server->listening, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on)));
	server->name = name_of(server->listening);
	connect_pair(server, server->full);
	CHECK(!setsockopt(server->full[1], SOL_SOCKET, SO_KEEPALIVE, &off, sizeof(off)));
	put(server->full[0], "to the server");
	put(server->full[1], "to the client");
	CHECK(!fcntl(server->full[1], F_SETFL, O_NONBLOCK));
	CHECK(!fcntl(server->full[0], F_SETFL, O_NONBLOCK));
	CHECK(!fcntl(server->listening, F_SETFL, O_NONBLOCK));
	connect_pair(server, server->half);
	put(server->half[0], "the last");
	CHECK(!shutdown(server->half[0], SHUT_WR));
	connect_pair(server, server->half_2);
	CHECK(!shutdown(server->half_2[1], SHUT_WR));
	/* In the other order of their numbers. */
	server->waiting[1] = socket(server->domain, server->type, 0);
	server->waiting[0] = connect_to(server);
	CHECK(!connect(server->waiting[1], (struct sockaddr *)&server->name.address,
		       server->name.length));
	return true;
}

/* TCP does not show the order in which clients wait. */
static void check_accept(const struct server *server, int client, int other)
{
	int accepted = accept(server->listening, NULL, NULL);
	struct name own, peer;

	CHECK(accepted > 2);
	own = name_of(client);
	peer = peer_of(accepted);
	if (server->domain != AF_UNIX && !same(&own, &peer))
		client = other;
	put(client, "later");
	expect(accepted, "later");
	close(accepted);
}

static int keepalive(int fd)
{
	int value = -1;
	socklen_t length = sizeof(value);

	CHECK(!getsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &value, &length));
	return value;
}

static void check(const struct server *server)
{
	struct name name = name_of(server->listening);

	CHECK(same(&name, &server->name));
	name = name_of(server->full[1]);
	CHECK(same(&name, &server->name));
	name = peer_of(server->full[0]);
	CHECK(same(&name, &server->name));
	CHECK_EQUAL(keepalive(server->listening), 1);
	CHECK_EQUAL(keepalive(server->full[1]), 0);
	/* TCP inherits it from the listening socket. */
	CHECK_EQUAL(keepalive(server->half[1]), server->domain != AF_UNIX);
	CHECK_EQUAL(keepalive(server->half[0]), 0);
	CHECK_EQUAL(fcntl(server->full[1], F_GETFL), O_RDWR | O_NONBLOCK);
	CHECK_EQUAL(fcntl(server->full[0], F_GETFL), O_RDWR | O_NONBLOCK);
	CHECK_EQUAL(fcntl(server->listening, F_GETFL), O_RDWR | O_NONBLOCK);
	CHECK_EQUAL(fcntl(server->half[1], F_GETFL), O_RDWR);
	expect(server->full[1], "to the server");
	expect(server->full[0], "to the client");
	expect(server->half[1], "the last");
	expect(server->half[1], "");
	put(server->half[1], "answer");
	expect(server->half[0], "answer");
	expect(server->half_2[0], "");
	put(server->half_2[0], "answer");
	expect(server->half_2[1], "answer");
	check_accept(server, server->waiting[0], server->waiting[1]);
	check_accept(server, server->waiting[1], server->waiting[0]);
	CHECK_EQUAL(accept(server->listening, NULL, NULL), -1);
}

static void make_twins(void)
{
	twin = path_name("twin");
	older = socket(AF_UNIX, SOCK_STREAM, 0);
	/* The one with the higher number is older, and its file is gone. */
	newer = older;
	older = dup(newer);
	close(newer);
	CHECK(bind_to(older, &twin) && !unlink(roundtrip_path("twin")));
	newer = socket(AF_UNIX, SOCK_STREAM, 0);
	CHECK(newer < older);
	CHECK(bind_to(newer, &twin) && !listen(newer, 1) && !listen(older, 1));
}

static void check_twins(void)
{
	int client = socket(AF_UNIX, SOCK_STREAM, 0), accepted;
	struct name name = name_of(older);

	CHECK(same(&name, &twin));
	CHECK(!connect(client, (struct sockaddr *)&twin.address, twin.length));
	accepted = accept(newer, NULL, NULL);
	CHECK(accepted > 2);
}

static void make_orphans(const struct name *any)
{
	struct server server = { .domain = AF_INET, .type = SOCK_STREAM };

	server.listening = socket(AF_INET, SOCK_STREAM, 0);
	CHECK(bind_to(server.listening, any) && !listen(server.listening, 1));
	server.name = orphan = name_of(server.listening);
	connect_pair(&server, orphans);
	orphan_client = name_of(orphans[0]);
	put(orphans[1], "orphan");
	close(server.listening);
}

static void check_orphans(void)
{
	struct name name = peer_of(orphans[0]);

	CHECK(same(&name, &orphan));
	name = peer_of(orphans[1]);
	CHECK(same(&name, &orphan_client));
	expect(orphans[0], "orphan");
	put(orphans[0], "back");
	expect(orphans[1], "back");
}

static void set_up_all(void)
{
	struct name any = { sizeof(struct sockaddr_in), { .ss_family = AF_INET } };
	struct name any_6 = { sizeof(struct sockaddr_in6), { .ss_family = AF_INET6 } };
	struct name automatic = { sizeof(sa_family_t), { .ss_family = AF_UNIX } };
	struct name path = path_name("streams");

	((struct sockaddr_in *)&any.address)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	((struct sockaddr_in6 *)&any_6.address)->sin6_addr = in6addr_loopback;
	CHECK(set_up(&streams, &path));
	path = path_name("packets");
	CHECK(set_up(&packets, &path));
	CHECK(set_up(&abstract, &automatic));
	CHECK(set_up(&tcp, &any));
	client_name = name_of(tcp.full[0]);
	if (!set_up(&tcp_6, &any_6))
		tcp_6.listening = 0;
	make_twins();
	make_orphans(&any);
}

static void check_all(void)
{
	struct name name;

	check(&streams);
	check(&packets);
	check(&abstract);
	check(&tcp);
	name = peer_of(tcp.full[1]);
	CHECK(same(&name, &client_name));
	if (tcp_6.listening)
		check(&tcp_6);
	check_twins();
	check_orphans();
}

/* Ends all without leaving ports behind that cannot be bound for a time. */
static void close_all(void)
{
	struct linger hard = { 1, 0 };

	for (int fd = 3; fd < 200; fd++)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	close_from(3);
}

static void dump(const char *path)
{
	if (roundtrip_dump(path, NULL) == UNEXEC_RESUMED)
		return;
	close_all();
	_exit(roundtrip_run(path, &(struct roundtrip){ 0 }));
}

int main(void)
{
	roundtrip_begin();
	signal(SIGPIPE, SIG_IGN);
	set_up_all();
	dump(roundtrip_path("dump"));
	dump(roundtrip_path("second"));
	check_all();
	return 0;
}
