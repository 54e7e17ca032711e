/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Socket pairs that were shut down in one direction or both, by either end, are so in the dump
 * and in its dump. With datagrams, each end has its own state, even if the other is closed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

static const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET };
static const int hows[] = { SHUT_RD, SHUT_WR, SHUT_RDWR };
static int pairs[3][3][2], lone;

/* Can `from` send to `to`? Nothing stays in the queue. */
static bool passes(int from, int to)
{
	char byte;

	if (send(from, "x", 1, MSG_DONTWAIT) != 1) {
		CHECK_EQUAL(errno, EPIPE);
		return false;
	}
	CHECK_EQUAL(recv(to, &byte, 1, MSG_DONTWAIT), 1);
	return true;
}

static void check_pair(int pair[2], int how)
{
	CHECK_EQUAL(passes(pair[0], pair[1]), how == SHUT_RD);
	CHECK_EQUAL(passes(pair[1], pair[0]), how == SHUT_WR);
}

static void check_all(void)
{
	for (int type = 0; type < 3; type++)
		for (int how = 0; how < 3; how++)
			check_pair(pairs[type][how], hows[how]);
	CHECK_EQUAL(send(lone, "x", 1, MSG_DONTWAIT), -1);
	CHECK_EQUAL(errno, EPIPE);
}

int main(void)
{
	int closed[2];

	roundtrip_begin();
	signal(SIGPIPE, SIG_IGN);
	for (int type = 0; type < 3; type++)
		for (int how = 0; how < 3; how++) {
			CHECK(!socketpair(AF_UNIX, types[type], 0, pairs[type][how]));
			CHECK(!shutdown(pairs[type][how][0], hows[how]));
		}
	CHECK(!socketpair(AF_UNIX, SOCK_DGRAM, 0, closed));
	lone = closed[0];
	CHECK(!shutdown(lone, SHUT_WR));
	close(closed[1]);
	check_all();
	roundtrip_cut();
	check_all();
	roundtrip_cut();
	check_all();
	return 0;
}
