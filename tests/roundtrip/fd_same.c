/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Two descriptors that shared one open file description share it again, others do not;
 * duplicates of standard descriptors are duplicates of the new ones.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

static char *path;

static void redirect(void)
{
	int fd = open(roundtrip_path("out"), O_WRONLY | O_CREAT, 0600);

	dup2(fd, 1);
	close(fd);
}

int main(void)
{
	int first, second, other, high, out;
	struct stat a, b;

	roundtrip_begin();
	path = roundtrip_path("file");
	first = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	CHECK_EQUAL(write(first, "0123456789", 10), 10);
	other = open(path, O_RDWR);
	high = fcntl(first, F_DUPFD, 500);
	second = dup(first);
	out = dup(1);
	CHECK_EQUAL(lseek(first, 4, SEEK_SET), 4);
	CHECK_EQUAL(lseek(other, 4, SEEK_SET), 4);
	roundtrip_cut_with(&(struct roundtrip){ .prepare = redirect });
	CHECK_EQUAL(lseek(high, 1, SEEK_CUR), 5);
	CHECK_EQUAL(lseek(first, 0, SEEK_CUR), 5);
	CHECK_EQUAL(lseek(second, 0, SEEK_CUR), 5);
	CHECK_EQUAL(lseek(other, 0, SEEK_CUR), 4);
	CHECK_EQUAL(fcntl(first, F_GETFD), FD_CLOEXEC);
	CHECK_EQUAL(fcntl(second, F_GETFD), 0);
	CHECK(!fcntl(second, F_SETFL, O_APPEND));
	CHECK_EQUAL(fcntl(first, F_GETFL) & O_APPEND, O_APPEND);
	CHECK_EQUAL(fcntl(other, F_GETFL) & O_APPEND, 0);
	CHECK(!fstat(1, &a) && !fstat(out, &b));
	CHECK_EQUAL(a.st_ino, b.st_ino);
	CHECK_EQUAL(write(out, "hello", 5), 5);
	CHECK_STRING(roundtrip_read(roundtrip_path("out")), "hello");
	return 0;
}
