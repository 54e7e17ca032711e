/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The policy UNEXEC_FD_HANGUP: a connection is closed by its peer in the dump. Its number stays
 * taken, reads return 0, writes fail with EPIPE, epoll sets report it, and its flags are the old
 * ones; in a dump of the dump, too.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

enum { OWN = 20, DEFAULT, DUPLICATE, PIPE_READ, PIPE_WRITE, WATCHED };

/* The other end has a number that is to be closed in the dump: it is outside. */
static void close_in_dump(int fd)
{
	CHECK(!unexec_set_fd_policy(fd, UNEXEC_FD_CLOSE));
}

static void connect_tcp(int number, int flags)
{
	int listening = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);
	int served;

	CHECK(!bind(listening, (struct sockaddr *)&address, length) && !listen(listening, 1));
	CHECK(!getsockname(listening, (struct sockaddr *)&address, &length));
	CHECK(!connect(client, (struct sockaddr *)&address, length));
	served = accept4(listening, NULL, NULL, flags);
	CHECK_EQUAL(dup3(served, number, flags & SOCK_CLOEXEC ? O_CLOEXEC : 0), number);
	close(served);
	close(listening);
	close_in_dump(client);
}

static void make_pipes(void)
{
	int ends[2];

	CHECK(!pipe(ends));
	CHECK_EQUAL(dup2(ends[0], PIPE_READ), PIPE_READ);
	close(ends[0]);
	close_in_dump(ends[1]);
	CHECK(!pipe(ends));
	CHECK_EQUAL(dup2(ends[1], PIPE_WRITE), PIPE_WRITE);
	close(ends[1]);
	close_in_dump(ends[0]);
}

static void watch(int set, int fd, unsigned events)
{
	struct epoll_event event = { .events = events, .data.u64 = 1000 + (uint64_t)fd };

	CHECK(!epoll_ctl(set, EPOLL_CTL_ADD, fd, &event));
}

static void dump(const char *name)
{
	struct unexec_options options = { .size = sizeof(options),
					  .descriptors = UNEXEC_FD_HANGUP };
	struct unexec_report *report = unexec_report_new();
	char *path = roundtrip_path(name);
	int status = unexec_dump(path, &options, report);

	if (status == UNEXEC_RESUMED)
		return;
	CHECK_EQUAL(status, UNEXEC_DUMPED);
	if (unexec_generation() == 0) {
		struct unexec_diagnostic diagnostic;

		CHECK(!unexec_report_get(report, 0, &diagnostic));
		CHECK_EQUAL(diagnostic.severity, UNEXEC_WARNING);
		CHECK(strstr(diagnostic.text, "descriptor 21, ")
		      && strstr(diagnostic.text, "is hung up in the dump"));
	}
	_exit(roundtrip_run(path, &(struct roundtrip){ 0 }));
}

static void check_hung_up(int fd)
{
	char byte;

	CHECK_EQUAL(read(fd, &byte, 1), 0);
	errno = 0;
	CHECK_EQUAL(write(fd, "x", 1), -1);
	CHECK_EQUAL(errno, EPIPE);
}

/* Level-triggered: all are reported again and again, until they are removed or closed. */
static void check_watches(int set)
{
	struct epoll_event events[8];
	unsigned seen = 0;

	CHECK_EQUAL(epoll_wait(set, events, 8, 2000), 4);
	for (int i = 0; i < 4; i++) {
		CHECK(events[i].events & EPOLLHUP);
		seen |= 1u << (events[i].data.u64 - 1000 - OWN);
	}
	CHECK_EQUAL(seen, 1u << (OWN - OWN) | 1u << (DEFAULT - OWN) | 1u << (PIPE_READ - OWN)
			  | 1u << (WATCHED - OWN));
}

static void check_loop_cleans_up(int set)
{
	struct epoll_event event;

	for (int fd = OWN; fd <= WATCHED; fd++)
		if (fd == OWN || fd == DEFAULT || fd == PIPE_READ || fd == WATCHED)
			CHECK(!epoll_ctl(set, EPOLL_CTL_DEL, fd, NULL));
	CHECK_EQUAL(epoll_wait(set, &event, 1, 20), 0);
	close(OWN);
	connect_tcp(OWN, 0);
	watch(set, OWN, EPOLLOUT);
	CHECK_EQUAL(epoll_wait(set, &event, 1, 2000), 1);
	CHECK_EQUAL(event.events, EPOLLOUT);
}

int main(void)
{
	int set;

	roundtrip_begin();
	signal(SIGPIPE, SIG_IGN);
	set = epoll_create1(EPOLL_CLOEXEC);
	connect_tcp(OWN, SOCK_NONBLOCK | SOCK_CLOEXEC);
	connect_tcp(DEFAULT, 0);
	connect_tcp(WATCHED, SOCK_NONBLOCK);
	CHECK_EQUAL(dup2(DEFAULT, DUPLICATE), DUPLICATE);
	make_pipes();
	CHECK(!unexec_set_fd_policy(OWN, UNEXEC_FD_HANGUP));
	watch(set, OWN, EPOLLIN);
	watch(set, DEFAULT, EPOLLIN | EPOLLRDHUP);
	watch(set, PIPE_READ, EPOLLIN);
	watch(set, WATCHED, 0);
	dump("dump");
	check_watches(set);
	if (unexec_generation() == 1)
		dump("second");
	CHECK_EQUAL(unexec_generation(), 2);
	check_watches(set);
	for (int fd = OWN; fd <= WATCHED; fd++)
		check_hung_up(fd);
	CHECK_EQUAL(fcntl(OWN, F_GETFD), FD_CLOEXEC);
	CHECK_EQUAL(fcntl(OWN, F_GETFL), O_RDWR | O_NONBLOCK);
	CHECK_EQUAL(fcntl(DEFAULT, F_GETFD), 0);
	CHECK_EQUAL(fcntl(DEFAULT, F_GETFL), O_RDWR);
	CHECK_EQUAL(fcntl(PIPE_READ, F_GETFD), 0);
	check_loop_cleans_up(set);
	return 0;
}
