/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An epoll set waits for the same files, with the same events and data. Nested sets,
 * duplicates, and a set that is standard input work too.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

static void watch(int set, int fd, unsigned events, uint64_t data)
{
	struct epoll_event event = { .events = events, .data.u64 = data };

	CHECK(!epoll_ctl(set, EPOLL_CTL_ADD, fd, &event));
}

static void expect(int set, unsigned events, uint64_t data)
{
	struct epoll_event event[4];

	CHECK_EQUAL(epoll_wait(set, event, 4, 2000), 1);
	CHECK_EQUAL(event[0].events, events);
	CHECK_EQUAL(event[0].data.u64, data);
}

static void expect_nothing(int set)
{
	struct epoll_event event;

	CHECK_EQUAL(epoll_wait(set, &event, 1, 20), 0);
}

static void drain(int fd)
{
	eventfd_t count;

	CHECK(!eventfd_read(fd, &count));
}

/* Makes standard input a pipe, which epoll accepts; the writing end stays open. */
static void pipe_to_standard_input(void)
{
	int ends[2];

	CHECK(!pipe(ends));
	dup2(ends[0], 0);
	dup2(ends[1], 900);
}

int main(void)
{
	int set, outer, event, high, standard[2], inner[2];

	roundtrip_begin();
	CHECK(!pipe(standard) && !pipe(inner));
	dup2(standard[0], 0);
	close(standard[0]);
	close(standard[1]);
	set = epoll_create1(EPOLL_CLOEXEC);
	outer = epoll_create1(0);
	event = eventfd(0, 0);
	high = fcntl(event, F_DUPFD, 200);
	watch(set, event, EPOLLIN | EPOLLET, UINT64_C(0x1234567890abcdef));
	watch(set, inner[0], EPOLLIN | EPOLLONESHOT, 2);
	watch(outer, set, EPOLLIN, 3);
	watch(outer, 0, EPOLLPRI, 4);
	roundtrip_cut_with(&(struct roundtrip){ .prepare = pipe_to_standard_input });
	CHECK_EQUAL(fcntl(set, F_GETFD), FD_CLOEXEC);
	CHECK_EQUAL(fcntl(outer, F_GETFD), 0);
	expect_nothing(set);
	CHECK(!eventfd_write(high, 1));
	expect(outer, EPOLLIN, 3);
	expect(set, EPOLLIN, UINT64_C(0x1234567890abcdef));
	expect_nothing(set); /* edge-triggered */
	drain(event);
	CHECK_EQUAL(write(inner[1], "ab", 2), 2);
	expect(set, EPOLLIN, 2);
	expect_nothing(set); /* once */
	CHECK(!epoll_ctl(outer, EPOLL_CTL_DEL, 0, NULL));
	return 0;
}
