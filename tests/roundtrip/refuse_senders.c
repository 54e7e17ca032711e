/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A socket with SO_PASSCRED whose queue has a message from another process is refused; one with
 * messages from the process itself alone is not.
 */
#define _GNU_SOURCE
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../lib/refuse.h"

static void send_from_child(int to)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(send(to, "other", 5, 0) != 5);
	CHECK(pid > 0);
	CHECK_EQUAL(roundtrip_wait(pid), 0);
}

static void check(int type, const char *path)
{
	struct unexec_report *report;
	char number[30], sender[30], bytes[10], *said;
	int pair[2], on = 1;

	CHECK(!socketpair(AF_UNIX, type, 0, pair));
	CHECK(!setsockopt(pair[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)));
	CHECK_EQUAL(send(pair[0], "own", 3, 0), 3);
	send_from_child(pair[0]);
	snprintf(number, sizeof(number), "descriptor %d ", pair[1]);
	snprintf(sender, sizeof(sender), "user %d, group %d;", (int)getuid(), (int)getgid());
	report = refuse_dump(path);
	refuse_expect(report, UNEXEC_CODE_DESCRIPTOR, number, "SO_PASSCRED", sender, NULL);
	unexec_report_free(report);
	said = refuse_outside(path);
	CHECK(strstr(said, number) && strstr(said, sender));
	free(said);
	CHECK_EQUAL(recv(pair[1], bytes, 3, 0), 3);
	CHECK_EQUAL(recv(pair[1], bytes, 5, 0), 5);
	close(pair[0]);
	close(pair[1]);
}

int main(void)
{
	int pair[2], on = 1;
	char *path;

	roundtrip_begin();
	path = roundtrip_path("dump");
	check(SOCK_STREAM, path);
	check(SOCK_DGRAM, path);
	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	CHECK(!setsockopt(pair[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)));
	CHECK_EQUAL(send(pair[0], "own", 3, 0), 3);
	refuse_now_works(path);
	return 0;
}
