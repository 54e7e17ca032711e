/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Connected datagram sockets, UDP and UNIX, with the other end inside the process or outside,
 * are connected again, with their own addresses and what was in their queues; TCP sockets whose
 * connection has ended are at their end. A start names a peer that is gone, and a port of the
 * kernel's choice that is in use.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../lib/close_from.h"
#include "../lib/roundtrip.h"

/* Each client is connected to its server. */
struct link {
	int server, client;
	socklen_t server_length, client_length;
	struct sockaddr_storage server_name, client_name;
};

static struct link udp, udp_6, unnamed, named, outside, vanished;
static int both[2], autobound[2], deaf, ended[2];

static socklen_t name_of(int fd, struct sockaddr_storage *name)
{
	socklen_t length = sizeof(*name);

	memset(name, 0, sizeof(*name));
	CHECK(!getsockname(fd, (struct sockaddr *)name, &length));
	return length;
}

static void bind_path(int fd, const char *file)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };

	snprintf(name.sun_path, sizeof(name.sun_path), "%s", roundtrip_path(file));
	CHECK(!bind(fd, (struct sockaddr *)&name,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name.sun_path)
				+ 1)));
}

static void connect_to(int fd, int server)
{
	struct sockaddr_storage name;
	socklen_t length = name_of(server, &name);

	CHECK(!connect(fd, (struct sockaddr *)&name, length));
}

static void note_names(struct link *link)
{
	link->server_length = name_of(link->server, &link->server_name);
	link->client_length = name_of(link->client, &link->client_name);
}

static bool make_udp(struct link *link, const void *address, socklen_t length)
{
	int domain = ((const struct sockaddr *)address)->sa_family;

	link->server = socket(domain, SOCK_DGRAM, 0);
	link->client = socket(domain, SOCK_DGRAM, 0);
	if (link->server < 0 || bind(link->server, address, length))
		return false;
	connect_to(link->client, link->server);
	note_names(link);
	return true;
}

static void make_unix(struct link *link, const char *server, const char *client)
{
	link->server = socket(AF_UNIX, SOCK_DGRAM, 0);
	link->client = socket(AF_UNIX, SOCK_DGRAM, 0);
	bind_path(link->server, server);
	if (client)
		bind_path(link->client, client);
	connect_to(link->client, link->server);
	note_names(link);
}

/* Two named sockets that are connected to each other, with messages; and a pair one end of
 * which has got a name afterwards. */
static void make_mutual(void)
{
	struct sockaddr automatic = { .sa_family = AF_UNIX };

	both[0] = socket(AF_UNIX, SOCK_DGRAM, 0);
	both[1] = socket(AF_UNIX, SOCK_DGRAM, 0);
	bind_path(both[0], "both-0");
	bind_path(both[1], "both-1");
	connect_to(both[0], both[1]);
	connect_to(both[1], both[0]);
	CHECK_EQUAL(write(both[0], "one", 3), 3);
	CHECK_EQUAL(write(both[0], "", 0), 0);
	CHECK_EQUAL(write(both[0], "three", 5), 5);
	CHECK(!socketpair(AF_UNIX, SOCK_DGRAM, 0, autobound));
	CHECK(!bind(autobound[0], &automatic, sizeof(sa_family_t)));
	CHECK_EQUAL(write(autobound[1], "abc", 3), 3);
}

/* A TCP connection that has ended in both directions. */
static void make_ended(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct pollfd over = { .events = 0 };
	int listening = socket(AF_INET, SOCK_STREAM, 0);

	ended[0] = socket(AF_INET, SOCK_STREAM, 0);
	CHECK(!bind(listening, (struct sockaddr *)&any, sizeof(any)) && !listen(listening, 1));
	connect_to(ended[0], listening);
	ended[1] = accept(listening, NULL, NULL);
	close(listening);
	CHECK(!shutdown(ended[0], SHUT_WR) && !shutdown(ended[1], SHUT_WR));
	for (int i = 0; i < 2; i++) {
		over.fd = ended[i];
		CHECK_EQUAL(poll(&over, 1, -1), 1); /* POLLHUP */
	}
}

static void set_up(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in6 any_6 = { .sin6_family = AF_INET6,
				      .sin6_addr = IN6ADDR_LOOPBACK_INIT };

	CHECK(make_udp(&udp, &any, sizeof(any)));
	if (!make_udp(&udp_6, &any_6, sizeof(any_6)))
		udp_6.client = 0;
	make_unix(&unnamed, "server", NULL);
	make_unix(&named, "server-2", "client-2");
	make_unix(&outside, "outside", NULL);
	make_unix(&vanished, "vanished", NULL);
	CHECK_EQUAL(dup2(outside.server, 0), 0);
	CHECK_EQUAL(dup2(vanished.server, 1), 1);
	close(outside.server);
	close(vanished.server);
	make_mutual();
	deaf = socket(AF_INET, SOCK_DGRAM, 0);
	connect_to(deaf, udp.server);
	CHECK(!shutdown(deaf, SHUT_RD));
	make_ended();
}

static void check_link(const struct link *link, bool own_port)
{
	struct sockaddr_storage name;
	socklen_t length = sizeof(name);
	char text[10] = "";

	memset(&name, 0, sizeof(name));
	CHECK(!getpeername(link->client, (struct sockaddr *)&name, &length));
	CHECK_EQUAL(length, link->server_length);
	CHECK(!memcmp(&name, &link->server_name, length));
	length = name_of(link->client, &name);
	CHECK_EQUAL(length, link->client_length);
	CHECK(!own_port || !memcmp(&name, &link->client_name, length));
	CHECK_EQUAL(write(link->client, "hello", 5), 5);
	CHECK_EQUAL(recv(link->server, text, sizeof(text), MSG_DONTWAIT), 5);
	CHECK_STRING(text, "hello");
}

static void check_answer(const struct link *link)
{
	char text[10] = "";

	CHECK_EQUAL(sendto(link->server, "answer", 6, 0,
			   (const struct sockaddr *)&link->client_name, link->client_length), 6);
	CHECK_EQUAL(recv(link->client, text, sizeof(text), MSG_DONTWAIT), 6);
	CHECK_STRING(text, "answer");
}

static void expect(int fd, const char *text)
{
	char got[10] = "";

	CHECK_EQUAL(recv(fd, got, sizeof(got) - 1, MSG_DONTWAIT), strlen(text));
	CHECK_STRING(got, text);
}

static void check_mutual(void)
{
	struct sockaddr_storage name;

	expect(both[1], "one");
	expect(both[1], "");
	expect(both[1], "three");
	CHECK_EQUAL(recv(both[1], (char[1]){ 0 }, 1, MSG_DONTWAIT), -1);
	CHECK_EQUAL(write(both[1], "back", 4), 4);
	expect(both[0], "back");
	name_of(both[1], &name);
	CHECK_STRING(((struct sockaddr_un *)&name)->sun_path, roundtrip_path("both-1"));
	expect(autobound[0], "abc");
	CHECK_EQUAL(name_of(autobound[0], &name), sizeof(sa_family_t) + 6);
	CHECK_EQUAL(name_of(autobound[1], &name), sizeof(sa_family_t));
}

static void check_ended(void)
{
	struct pollfd poll_deaf = { .fd = deaf, .events = POLLRDHUP };
	char byte;

	for (int i = 0; i < 2; i++) {
		CHECK_EQUAL(read(ended[i], &byte, 1), 0);
		CHECK_EQUAL(write(ended[i], "x", 1), -1);
		CHECK_EQUAL(errno, EPIPE);
	}
	CHECK_EQUAL(poll(&poll_deaf, 1, 0), 1);
	CHECK_EQUAL(poll_deaf.revents, POLLRDHUP);
}

static void check_all(bool own_port)
{
	check_link(&udp, own_port);
	if (own_port)
		check_answer(&udp);
	if (udp_6.client)
		check_link(&udp_6, own_port);
	check_link(&unnamed, true);
	check_link(&named, true);
	check_answer(&named);
	outside.server = 0;
	check_link(&outside, true);
	CHECK_EQUAL(write(vanished.client, "x", 1), -1);
	check_mutual();
	check_ended();
}

static void errors_to_file(void)
{
	int fd = open(roundtrip_path("errors"), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	dup2(fd, 2);
	close(fd);
}

static void check_messages(bool own_port)
{
	char *errors = roundtrip_read(roundtrip_path("errors")), words[200];

	snprintf(words, sizeof(words), "warning: cannot connect descriptor %d to %s: "
		 "No such file or directory\n", vanished.client, roundtrip_path("vanished"));
	CHECK(strstr(errors, words));
	snprintf(words, sizeof(words), "warning: 127.0.0.1:%u is not available: descriptor %d has "
		 "another port\n", ntohs(((struct sockaddr_in *)&udp.client_name)->sin_port),
		 udp.client);
	CHECK_EQUAL(strstr(errors, words) != NULL, !own_port);
}

static void run(const char *path)
{
	int status = roundtrip_run(path, &(struct roundtrip){ .prepare = errors_to_file });

	if (status)
		fputs(roundtrip_read(roundtrip_path("errors")), stderr);
	CHECK_EQUAL(status, 0);
}

/* The original has the ports of its clients at the first start, and no more at the second. */
int main(void)
{
	char *path;

	roundtrip_begin();
	signal(SIGPIPE, SIG_IGN);
	path = roundtrip_path("dump");
	set_up();
	if (roundtrip_dump(path, NULL) == UNEXEC_RESUMED) {
		bool own_port = access(roundtrip_path("first"), F_OK);

		check_messages(own_port);
		check_all(own_port);
		return 0;
	}
	unlink(roundtrip_path("vanished"));
	close(udp.server);
	close(udp_6.server);
	for (int fd = 3; fd < 100; fd++)
		if (fd != udp.client && fd != udp_6.client)
			close(fd);
	close(open(roundtrip_path("first"), O_CREAT | O_WRONLY, 0600));
	run(path);
	close_from(3);
	unlink(roundtrip_path("first"));
	run(path);
	return 0;
}
