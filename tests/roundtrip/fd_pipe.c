/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pipes with both ends in the process keep their content, flags and capacity; a pipe whose
 * other end is closed stays so.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

static int plain[2], large[2], packets[2], ended[2], broken[2], empty[2], again;

static void set_up(void)
{
	char block[5000];

	memset(block, 'b', sizeof(block));
	CHECK(!pipe2(plain, O_CLOEXEC) && !pipe2(packets, O_DIRECT | O_NONBLOCK));
	CHECK(!pipe(large));
	CHECK(!pipe(ended) && !pipe(broken) && !pipe(empty));
	CHECK_EQUAL(write(plain[1], "first", 5), 5);
	CHECK_EQUAL(write(plain[1], "second", 6), 6);
	CHECK_EQUAL(fcntl(plain[1], F_SETFD, 0), 0);
	CHECK_EQUAL(fcntl(plain[1], F_SETFL, O_NONBLOCK), 0);
	CHECK_EQUAL(fcntl(large[1], F_SETPIPE_SZ, 1 << 18), 1 << 18);
	for (int i = 0; i < 30; i++)
		CHECK_EQUAL(write(large[1], block, sizeof(block)), 5000);
	CHECK_EQUAL(write(packets[1], "one", 3), 3);
	CHECK_EQUAL(write(packets[1], "three", 5), 5);
	CHECK_EQUAL(write(ended[1], "the last", 8), 8);
	close(ended[1]);
	close(broken[0]);
	again = open("/proc/self/fd/3", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	CHECK(again > 2 && plain[0] == 3);
}

static void check_flags(void)
{
	CHECK_EQUAL(fcntl(plain[0], F_GETFD), FD_CLOEXEC);
	CHECK_EQUAL(fcntl(plain[1], F_GETFD), 0);
	CHECK_EQUAL(fcntl(plain[0], F_GETFL), O_RDONLY);
	CHECK_EQUAL(fcntl(plain[1], F_GETFL), O_WRONLY | O_NONBLOCK);
	CHECK_EQUAL(fcntl(packets[0], F_GETFL), O_RDONLY | O_NONBLOCK);
	CHECK_EQUAL(fcntl(packets[1], F_GETFL), O_WRONLY | O_DIRECT | O_NONBLOCK);
	CHECK_EQUAL(fcntl(large[0], F_GETPIPE_SZ), 1 << 18);
	CHECK_EQUAL(fcntl(plain[0], F_GETPIPE_SZ), 65536);
}

static void check_content(void)
{
	char text[5001];
	int waiting;

	CHECK_EQUAL(read(plain[0], text, 7), 7);
	CHECK(!memcmp(text, "firstse", 7));
	CHECK_EQUAL(read(again, text, 100), 4);
	CHECK(!memcmp(text, "cond", 4));
	CHECK(!ioctl(large[0], FIONREAD, &waiting));
	CHECK_EQUAL(waiting, 150000);
	CHECK_EQUAL(read(packets[0], text, 100), 3);
	CHECK_EQUAL(read(packets[0], text, 100), 5);
	CHECK_EQUAL(read(packets[0], text, 100), -1);
	CHECK_EQUAL(read(ended[0], text, 100), 8);
	CHECK_EQUAL(read(ended[0], text, 100), 0);
}

static void check_use(void)
{
	char byte = 0;

	CHECK_EQUAL(write(empty[1], "x", 1), 1);
	CHECK_EQUAL(read(empty[0], &byte, 1), 1);
	CHECK_EQUAL(byte, 'x');
	close(empty[1]);
	CHECK_EQUAL(read(empty[0], &byte, 1), 0);
	signal(SIGPIPE, SIG_IGN);
	CHECK_EQUAL(write(broken[1], "x", 1), -1);
	CHECK_EQUAL(errno, EPIPE);
}

int main(void)
{
	roundtrip_begin();
	set_up();
	/* Reading a pipe for a dump must not consume data: the second dump has all of it. */
	roundtrip_dump(roundtrip_path("not used"), NULL);
	if (unexec_generation() == 0)
		roundtrip_cut();
	roundtrip_cut();
	CHECK_EQUAL(unexec_generation(), 2);
	check_flags();
	check_content();
	check_use();
	return 0;
}
