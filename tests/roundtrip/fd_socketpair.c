/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Socket pairs keep their messages, with their lengths, in both directions; ends that were shut
 * down or closed stay so.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

static int stream[2], datagrams[2], packets[2], ended[2], half[2];
/* More than a new socket's buffer takes: the second of each pair has been sent that. */
static int big[2], big_ended[2];
static int big_amount;

static void put(int fd, const char *text)
{
	CHECK_EQUAL(send(fd, text, strlen(text), 0), strlen(text));
}

static void expect(int fd, const char *text)
{
	char got[300] = "";

	CHECK_EQUAL(recv(fd, got, sizeof(got) - 1, MSG_DONTWAIT), strlen(text));
	CHECK_STRING(got, text);
}

static void expect_nothing(int fd)
{
	char byte;

	CHECK_EQUAL(recv(fd, &byte, 1, MSG_DONTWAIT), -1);
	CHECK_EQUAL(errno, EAGAIN);
}

/* Fills the queue of the second with as much as the largest buffer takes. */
static int fill(int pair[2])
{
	char bytes[4096] = "";
	int size = 0x3fffffff, amount = 0;
	ssize_t sent;

	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	CHECK(!setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)));
	while ((sent = send(pair[0], bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
		amount += (int)sent;
	return amount;
}

static void expect_amount(int fd, int amount)
{
	char bytes[4096];
	ssize_t got;

	while ((got = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
		amount -= (int)got;
	CHECK_EQUAL(amount, 0);
}

static void set_up(void)
{
	int size = 50000;

	CHECK(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, stream));
	CHECK(!socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, datagrams));
	CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET, 0, packets));
	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, ended));
	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, half));
	put(stream[0], "for the second");
	put(stream[1], "for the ");
	put(stream[1], "first");
	put(datagrams[0], "one");
	put(datagrams[0], "three");
	put(datagrams[1], "back");
	put(packets[1], "a packet");
	put(packets[1], "another packet");
	put(ended[1], "the last");
	close(ended[1]);
	put(half[0], "no more");
	CHECK(!shutdown(half[0], SHUT_WR));
	big_amount = fill(big);
	CHECK_EQUAL(fill(big_ended), big_amount);
	close(big_ended[0]);
	CHECK(!setsockopt(packets[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)));
	CHECK(!fcntl(stream[1], F_SETFL, O_NONBLOCK));
}

static void check_options(void)
{
	int size = 0;
	socklen_t length = sizeof(size);

	CHECK(!getsockopt(packets[0], SOL_SOCKET, SO_SNDBUF, &size, &length));
	CHECK_EQUAL(size, 100000);
	CHECK_EQUAL(fcntl(stream[0], F_GETFD), FD_CLOEXEC);
	CHECK_EQUAL(fcntl(stream[0], F_GETFL), O_RDWR);
	CHECK_EQUAL(fcntl(stream[1], F_GETFL), O_RDWR | O_NONBLOCK);
	CHECK_EQUAL(fcntl(datagrams[0], F_GETFD), 0);
	CHECK_EQUAL(fcntl(datagrams[1], F_GETFL), O_RDWR | O_NONBLOCK);
}

static void check_content(void)
{
	expect(stream[0], "for the first");
	expect(stream[1], "for the second");
	expect(datagrams[1], "one");
	expect(datagrams[1], "three");
	expect_nothing(datagrams[1]);
	expect(datagrams[0], "back");
	expect(packets[0], "a packet");
	expect(packets[0], "another packet");
	expect_nothing(packets[0]);
	expect(ended[0], "the last");
	expect(ended[0], "");
	expect(half[1], "no more");
	expect(half[1], "");
	expect_amount(big[1], big_amount);
	expect_amount(big_ended[1], big_amount);
}

int main(void)
{
	roundtrip_begin();
	set_up();
	if (roundtrip_dump(roundtrip_path("not used"), NULL) == UNEXEC_DUMPED)
		roundtrip_cut();
	roundtrip_cut();
	CHECK_EQUAL(unexec_generation(), 2);
	check_options();
	check_content();
	put(half[1], "the other way");
	expect(half[0], "the other way");
	put(stream[0], "new");
	expect(stream[1], "new");
	close(packets[1]);
	expect(packets[0], "");
	return 0;
}
