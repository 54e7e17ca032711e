/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Policies of descriptors: a descriptor is closed, opened on /dev/null, inherited from the
 * starter, or supplied by a function.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

static int asked, resumed;

static int supply(void *arg, int fd)
{
	CHECK_EQUAL(unexec_generation(), 1);
	CHECK_EQUAL(resumed, 0);
	CHECK_EQUAL(fcntl(fd, F_GETFD), -1);
	asked++;
	return open(arg, O_RDONLY | O_CLOEXEC);
}

static int supply_nothing(void *arg, int fd)
{
	(void)arg;
	(void)fd;
	asked++;
	return -1;
}

static void note(void *arg)
{
	CHECK_EQUAL(asked, 2);
	resumed = 1;
	(void)arg;
}

static void leave_open(void)
{
	int fd = open("/dev/zero", O_RDONLY);

	dup2(fd, 20);
	dup2(fd, 24);
	close(fd);
}

/* Leaves no descriptor for the other end, as if it were in another process. */
static int outside(int number)
{
	int ends[2], passed;
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr head;
	} control = { .head = { CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS } };
	static int carrier[2] = { -1, -1 };
	char byte = 0;
	struct iovec data = { &byte, 1 };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control,
				  .msg_controllen = sizeof(control) };

	if (carrier[0] < 0)
		CHECK(!socketpair(AF_UNIX, SOCK_DGRAM, 0, carrier));
	CHECK(!pipe(ends));
	memcpy(CMSG_DATA(&control.head), &ends[1], sizeof(int));
	CHECK_EQUAL(sendmsg(carrier[0], &message, 0), 1);
	close(ends[1]);
	passed = dup2(ends[0], number);
	close(ends[0]);
	CHECK(!unexec_set_fd_policy(carrier[0], UNEXEC_FD_CLOSE));
	CHECK(!unexec_set_fd_policy(carrier[1], UNEXEC_FD_CLOSE));
	return passed;
}

static void check_arguments(void)
{
	CHECK_EQUAL(unexec_set_fd_policy(2, UNEXEC_FD_CLOSE), UNEXEC_INVALID);
	CHECK_EQUAL(unexec_set_fd_policy(-1, UNEXEC_FD_CLOSE), UNEXEC_INVALID);
	CHECK_EQUAL(unexec_set_fd_policy(5, (enum unexec_fd_policy)5), UNEXEC_INVALID);
	CHECK_EQUAL(unexec_set_fd_hook(5, NULL, NULL), UNEXEC_INVALID);
	CHECK_EQUAL(unexec_set_fd_hook(1, supply, NULL), UNEXEC_INVALID);
	CHECK_EQUAL(UNEXEC_FD_REFUSE, UNEXEC_FD_RECREATE);
}

static void dump(char *path)
{
	struct unexec_options options = { .size = sizeof(options),
					  .descriptors = UNEXEC_FD_KEEP };
	struct unexec_report *report = unexec_report_new();
	struct unexec_diagnostic diagnostic;
	int status = unexec_dump(path, NULL, report);

	CHECK_EQUAL(status, UNEXEC_UNSUPPORTED);
	CHECK_EQUAL(unexec_report_count(report), 1);
	CHECK(!unexec_report_get(report, 0, &diagnostic));
	CHECK(strstr(diagnostic.text, "descriptor 24 is a pipe"));
	CHECK(strstr(diagnostic.text, "; unexec_set_fd_policy with UNEXEC_FD_HANGUP or "
				      "UNEXEC_FD_CLOSE dumps without it"));
	status = unexec_dump(path, &options, report);
	if (status == UNEXEC_RESUMED)
		return;
	CHECK_EQUAL(status, UNEXEC_DUMPED);
	CHECK_EQUAL(unexec_report_count(report), 1);
	CHECK(!unexec_report_get(report, 0, &diagnostic));
	CHECK_EQUAL(diagnostic.severity, UNEXEC_WARNING);
	CHECK(strstr(diagnostic.text, "descriptor 24"));
	_exit(roundtrip_run(path, &(struct roundtrip){ .prepare = leave_open }));
}

int main(void)
{
	char text[10] = "", *path;

	roundtrip_begin();
	check_arguments();
	path = roundtrip_path("supplied");
	fclose(fopen(path, "w"));
	CHECK(!truncate(path, 3));
	CHECK(!unexec_set_fd_policy(outside(20), UNEXEC_FD_KEEP));
	CHECK(!unexec_set_fd_policy(outside(21), UNEXEC_FD_NULL));
	CHECK(!unexec_set_fd_policy(outside(22), UNEXEC_FD_CLOSE));
	CHECK(!unexec_set_fd_hook(outside(23), supply, path));
	outside(24);
	CHECK(!unexec_set_fd_hook(outside(25), supply_nothing, NULL));
	CHECK_EQUAL(dup2(open("/dev/null", O_RDONLY), 26), 26);
	CHECK(!unexec_set_fd_policy(26, UNEXEC_FD_CLOSE));
	CHECK(!unexec_on_resume(note, NULL));
	dump(roundtrip_path("dump"));
	CHECK_EQUAL(resumed, 1);
	CHECK_EQUAL(read(20, text, 5), 5);
	CHECK_EQUAL(read(21, text, 5), 0);
	CHECK_EQUAL(write(21, text, 5), 5);
	CHECK_EQUAL(fcntl(22, F_GETFD), -1);
	CHECK_EQUAL(read(23, text, 10), 3);
	CHECK_EQUAL(fcntl(23, F_GETFD), FD_CLOEXEC);
	CHECK_EQUAL(read(24, text, 5), 5);
	CHECK_EQUAL(fcntl(25, F_GETFD), -1);
	CHECK_EQUAL(fcntl(26, F_GETFD), -1);
	return 0;
}
