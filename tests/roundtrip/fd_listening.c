/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Listening sockets are bound again and listen, at the same address and with their options;
 * unconnected sockets are preserved, too. If an address is in use, the message names it.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../lib/close_from.h"
#include "../lib/roundtrip.h"

static struct sockaddr_in tcp_address, udp_address;
static struct sockaddr_un unix_address;
static int tcp, udp, local, loose;

static int option(int fd, int level, int name)
{
	socklen_t length = sizeof(int);
	int value = -1;

	CHECK(!getsockopt(fd, level, name, &value, &length));
	return value;
}

static void bind_any(int fd, struct sockaddr_in *address)
{
	socklen_t length = sizeof(*address);

	*address = (struct sockaddr_in){ .sin_family = AF_INET,
					 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	CHECK(!bind(fd, (struct sockaddr *)address, length));
	CHECK(!getsockname(fd, (struct sockaddr *)address, &length));
}

static void set_up(void)
{
	int on = 1;

	tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	udp = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	local = socket(AF_UNIX, SOCK_STREAM, 0);
	loose = socket(AF_INET6, SOCK_STREAM, 0);
	CHECK(tcp > 2 && udp > 2 && local > 2 && loose > 2);
	CHECK(!setsockopt(tcp, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)));
	CHECK(!setsockopt(loose, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)));
	bind_any(tcp, &tcp_address);
	bind_any(udp, &udp_address);
	unix_address.sun_family = AF_UNIX;
	snprintf(unix_address.sun_path, sizeof(unix_address.sun_path), "%s",
		 roundtrip_path("socket"));
	CHECK(!bind(local, (struct sockaddr *)&unix_address, sizeof(unix_address)));
	CHECK(!listen(tcp, 7) && !listen(local, 3));
}

static void check_accepts(int listening, const void *address, socklen_t length)
{
	int domain = option(listening, SOL_SOCKET, SO_DOMAIN);
	int client = socket(domain, SOCK_STREAM, 0), server;
	char text[6] = "";

	CHECK(!connect(client, address, length));
	server = accept(listening, NULL, NULL);
	CHECK(server > 2);
	CHECK_EQUAL(write(client, "hello", 5), 5);
	CHECK_EQUAL(read(server, text, 5), 5);
	CHECK_STRING(text, "hello");
	close(client);
	close(server);
}

static void check_all(void)
{
	char text[6] = "";

	check_accepts(tcp, &tcp_address, sizeof(tcp_address));
	check_accepts(local, &unix_address, sizeof(unix_address));
	CHECK_EQUAL(sendto(udp, "hello", 5, 0, (struct sockaddr *)&udp_address,
			   sizeof(udp_address)), 5);
	CHECK_EQUAL(read(udp, text, 5), 5);
	CHECK_EQUAL(fcntl(tcp, F_GETFD), FD_CLOEXEC);
	CHECK_EQUAL(fcntl(udp, F_GETFL), O_RDWR | O_NONBLOCK);
	CHECK_EQUAL(option(tcp, SOL_SOCKET, SO_REUSEADDR), 1);
	CHECK_EQUAL(option(local, SOL_SOCKET, SO_REUSEADDR), 0);
	CHECK_EQUAL(option(loose, IPPROTO_TCP, TCP_NODELAY), 1);
	CHECK_EQUAL(option(loose, SOL_SOCKET, SO_DOMAIN), AF_INET6);
}

static void errors_to_file(void)
{
	int fd = open(roundtrip_path("errors"), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	dup2(fd, 2);
	close(fd);
}

int main(void)
{
	char *path, expected[60];

	roundtrip_begin();
	path = roundtrip_path("dump");
	set_up();
	if (roundtrip_dump(path, NULL) == UNEXEC_RESUMED) {
		check_all();
		return 0;
	}
	CHECK_EQUAL(roundtrip_run(path, &(struct roundtrip){ .prepare = errors_to_file }),
		    125);
	snprintf(expected, sizeof(expected), "127.0.0.1:%u: Address already in use",
		 ntohs(tcp_address.sin_port));
	CHECK(strstr(roundtrip_read(roundtrip_path("errors")), expected));
	/* At the first start, the original still has the UNIX-domain socket; at the second,
	 * only its name remains. */
	close(tcp);
	close(udp);
	CHECK_EQUAL(roundtrip_run(path, &(struct roundtrip){ .prepare = errors_to_file }), 125);
	CHECK(strstr(roundtrip_read(roundtrip_path("errors")), "Address already in use"));
	CHECK(!access(unix_address.sun_path, F_OK));
	close_from(3);
	return roundtrip_run(path, &(struct roundtrip){ 0 });
}
