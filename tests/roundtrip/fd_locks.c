/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Locks on files, by flock, by process and by open file description, are taken again; if
 * another process holds one, the dump prints a message and does not start.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/close_from.h"
#include "../lib/roundtrip.h"

static char *path, *file;
static int whole, posix, ofd;

static int lock_range(int fd, int command, short type, off_t start, off_t length)
{
	struct flock range = { .l_type = type, .l_start = start, .l_len = length };

	return fcntl(fd, command, &range);
}

/* Returns the type of lock that another process sees. */
static short type_at(off_t offset)
{
	struct flock range = { .l_type = F_WRLCK, .l_start = offset, .l_len = 1 };
	int fd = open(file, O_RDWR), status;
	pid_t pid = fork();

	if (pid == 0) {
		CHECK(!fcntl(fd, F_GETLK, &range));
		_exit(range.l_type);
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	/* close() in this process would end its locks; the descriptor stays. */
	return (short)WEXITSTATUS(status);
}

static void check_locks(void)
{
	int other = open(roundtrip_path("whole"), O_RDWR);

	CHECK_EQUAL(flock(other, LOCK_EX | LOCK_NB), -1);
	CHECK_EQUAL(errno, EWOULDBLOCK);
	CHECK_EQUAL(type_at(9), F_UNLCK);
	CHECK_EQUAL(type_at(10), F_WRLCK);
	CHECK_EQUAL(type_at(14), F_WRLCK);
	CHECK_EQUAL(type_at(15), F_UNLCK);
	CHECK_EQUAL(type_at(100), F_RDLCK);
	CHECK_EQUAL(type_at(1000000), F_RDLCK);
	/* The lock of the open file description stays when another descriptor is closed. */
	close(open(file, O_RDONLY));
	CHECK_EQUAL(type_at(10), F_UNLCK);
	CHECK_EQUAL(type_at(100), F_RDLCK);
}

static void errors_to_file(void)
{
	int fd = open(roundtrip_path("errors"), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	dup2(fd, 2);
	close(fd);
}

int main(void)
{
	roundtrip_begin();
	path = roundtrip_path("dump");
	file = roundtrip_path("file");
	whole = open(roundtrip_path("whole"), O_RDWR | O_CREAT, 0600);
	posix = open(file, O_RDWR | O_CREAT, 0600);
	ofd = open(file, O_RDWR);
	CHECK(!flock(whole, LOCK_EX));
	CHECK(!lock_range(posix, F_SETLK, F_WRLCK, 10, 5));
	CHECK(!lock_range(ofd, F_OFD_SETLK, F_RDLCK, 100, 0));
	if (roundtrip_dump(path, NULL) == UNEXEC_RESUMED) {
		check_locks();
		return 0;
	}
	CHECK_EQUAL(roundtrip_run(path, &(struct roundtrip){ .prepare = errors_to_file }),
		    125);
	CHECK(strstr(roundtrip_read(roundtrip_path("errors")), "cannot lock "));
	CHECK(strstr(roundtrip_read(roundtrip_path("errors")), "/whole: Resource temporarily"));
	close_from(3);
	return roundtrip_run(path, &(struct roundtrip){ 0 });
}
