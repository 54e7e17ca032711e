/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A descriptor of the terminal that was standard input becomes a duplicate of the new standard
 * input; if that is closed, so is the descriptor.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

static void from_file(void)
{
	int fd = open(roundtrip_path("input"), O_RDWR | O_CREAT, 0600);

	CHECK_EQUAL(write(fd, "some input", 10), 10);
	lseek(fd, 0, SEEK_SET);
	dup2(fd, 0);
	close(fd);
}

static void closed(void)
{
	close(0);
}

int main(void)
{
	int master, slave, terminal, duplicate;
	char *path, text[11] = "";
	pid_t pid;

	roundtrip_begin();
	CHECK(!openpty(&master, &slave, NULL, NULL, NULL));
	pid = fork();
	if (pid) /* the master is in another process */
		return roundtrip_wait(pid);
	close(master);
	dup2(slave, 0);
	terminal = open(ttyname(0), O_RDWR | O_NOCTTY);
	close(slave);
	duplicate = fcntl(0, F_DUPFD_CLOEXEC, 40);
	CHECK(terminal > 2 && duplicate == 40);
	path = roundtrip_path("dump");
	if (roundtrip_dump(path, NULL) == UNEXEC_DUMPED) {
		CHECK_EQUAL(roundtrip_run(path, &(struct roundtrip){ .prepare = from_file }),
			    0);
		CHECK_EQUAL(roundtrip_run(path, &(struct roundtrip){ .prepare = closed }), 3);
		return 0;
	}
	if (fcntl(0, F_GETFD) < 0) {
		CHECK(fcntl(terminal, F_GETFD) < 0 && fcntl(duplicate, F_GETFD) < 0);
		return 3;
	}
	CHECK_EQUAL(read(terminal, text, 5), 5);
	CHECK_EQUAL(read(duplicate, text + 5, 5), 5);
	CHECK_STRING(text, "some input");
	CHECK_EQUAL(fcntl(duplicate, F_GETFD), FD_CLOEXEC);
	CHECK_EQUAL(fcntl(terminal, F_GETFD), 0);
	return 0;
}
