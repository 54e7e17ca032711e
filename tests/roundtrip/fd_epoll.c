/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An epoll set waits for the same files, with the same events and data. Nested sets,
 * duplicates, and a set that is standard input work too, and files whose number has been closed,
 * or belongs to another file. A watch that has reported once is still disarmed.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/kcmp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../lib/refuse.h"

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

/* struct epoll_params of Linux 6.9 */
struct parameters {
	uint32_t busy_poll_usecs;
	uint16_t busy_poll_budget;
	uint8_t prefer_busy_poll, pad;
};
#define SET_PARAMETERS _IOW(0x8A, 0x01, struct parameters)
#define GET_PARAMETERS _IOR(0x8A, 0x02, struct parameters)

static struct parameters parameters = { .busy_poll_usecs = 50, .busy_poll_budget = 16,
					.prefer_busy_poll = 1 };
static bool has_parameters;

static void check_parameters(int set)
{
	struct parameters got;

	if (!has_parameters)
		return;
	CHECK(!ioctl(set, GET_PARAMETERS, &got));
	CHECK_EQUAL(got.busy_poll_usecs, 50);
	CHECK_EQUAL(got.busy_poll_budget, 16);
	CHECK_EQUAL(got.prefer_busy_poll, 1);
}

/* The set knows files by numbers that they no longer have. */
static int renumbered, closed[2], replaced, moved, fired[2];

static void set_up_renumbered(void)
{
	int number = 70, twice;

	renumbered = epoll_create1(0);
	CHECK(!pipe(closed) && !pipe(fired));
	moved = eventfd(0, 0);
	CHECK_EQUAL(dup2(closed[0], 60), 60);
	watch(renumbered, 60, EPOLLIN, 60);
	close(60);
	replaced = number;
	CHECK_EQUAL(dup2(moved, number), number);
	watch(renumbered, number, EPOLLIN, 70);
	CHECK_EQUAL(dup3(eventfd(0, 0), number, O_CLOEXEC), number);
	/* The same number twice. */
	watch(renumbered, number, EPOLLIN, 71);
	twice = fcntl(number, F_DUPFD, 80);
	CHECK_EQUAL(twice, 80);
	watch(renumbered, fired[0], EPOLLIN | EPOLLONESHOT, 90);
	CHECK_EQUAL(write(fired[1], "x", 1), 1);
	expect(renumbered, EPOLLIN, 90);
}

static void check_renumbered(void)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLONESHOT, .data.u64 = 91 };
	char byte;

	close(fired[1]); /* a hang-up is no news either */
	expect_nothing(renumbered);
	CHECK_EQUAL(write(closed[1], "x", 1), 1);
	expect(renumbered, EPOLLIN, 60);
	CHECK_EQUAL(read(closed[0], &byte, 1), 1);
	CHECK(!eventfd_write(moved, 1));
	expect(renumbered, EPOLLIN, 70);
	drain(moved);
	CHECK(!eventfd_write(replaced, 1));
	expect(renumbered, EPOLLIN, 71);
	drain(80);
	CHECK_EQUAL(fcntl(replaced, F_GETFD), FD_CLOEXEC);
	CHECK_EQUAL(fcntl(60, F_GETFD), -1);
	CHECK(!epoll_ctl(renumbered, EPOLL_CTL_DEL, replaced, NULL));
	CHECK(epoll_ctl(renumbered, EPOLL_CTL_DEL, moved, NULL));
	CHECK(!epoll_ctl(renumbered, EPOLL_CTL_MOD, fired[0], &event));
	expect(renumbered, EPOLLIN | EPOLLHUP, 91);
}

/* A container may forbid kcmp(), which alone shows what such a set waits for. */
static bool is_renumbered_refused(void)
{
	struct unexec_report *report;

	if (!syscall(SYS_kcmp, getpid(), getpid(), KCMP_FILE, 0, 0))
		return false;
	report = refuse_dump(roundtrip_path("refused"));
	refuse_expect(report, UNEXEC_CODE_DESCRIPTOR, "epoll", "under the number 70", "kcmp", NULL);
	unexec_report_free(report);
	close(renumbered);
	return true;
}

int main(void)
{
	bool refused;
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
	set_up_renumbered();
	refused = is_renumbered_refused();
	has_parameters = !ioctl(set, SET_PARAMETERS, &parameters);
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
	check_parameters(set);
	if (!refused)
		check_renumbered();
	return 0;
}
