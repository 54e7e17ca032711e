/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Descriptors that are no regular files are refused, each by its number and kind, all
 * in one report; the standard ones may be anything.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "../lib/refuse.h"

static void expect(const struct unexec_report *report, int fd, const char *kind)
{
	char number[30];

	CHECK(fd > 2);
	snprintf(number, sizeof(number), "descriptor %d", fd);
	refuse_expect(report, UNEXEC_CODE_DESCRIPTOR, number, kind, NULL);
}

int main(void)
{
	int pipes[2], sockets[2], epoll, event, timer, signals, watch, memory, directory, zero;
	struct unexec_report *report;
	sigset_t mask;
	char *path;

	roundtrip_begin();
	path = roundtrip_path("dump");
	sigemptyset(&mask);
	CHECK(!pipe(pipes));
	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, sockets));
	epoll = epoll_create1(0);
	event = eventfd(0, EFD_CLOEXEC);
	timer = timerfd_create(CLOCK_MONOTONIC, 0);
	signals = signalfd(-1, &mask, 0);
	watch = inotify_init();
	memory = memfd_create("my-memory", 0);
	directory = open("/tmp", O_RDONLY | O_DIRECTORY);
	zero = open("/dev/zero", O_RDONLY);
	report = refuse_dump(path);
	expect(report, pipes[0], "pipe");
	expect(report, pipes[1], "pipe");
	expect(report, sockets[0], "socket");
	expect(report, sockets[1], "socket");
	expect(report, epoll, "epoll|eventpoll");
	expect(report, event, "eventfd");
	expect(report, timer, "timerfd");
	expect(report, signals, "signalfd");
	expect(report, watch, "inotify");
	expect(report, memory, "my-memory");
	expect(report, directory, "/tmp");
	expect(report, zero, "/dev/zero");
	CHECK_EQUAL(refuse_errors(report), 12);
	unexec_report_free(report);
	dup2(pipes[0], 0);
	dup2(sockets[0], 1);
	closefrom(3);
	refuse_now_works(path);
	return 0;
}
