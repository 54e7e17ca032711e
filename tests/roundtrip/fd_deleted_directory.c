/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An open directory that has been deleted is a new deleted directory in each start; all of its
 * descriptors are of that one. If its parent is gone, too, it is made in another directory.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

static int make(const char *name, mode_t mode)
{
	char *path = roundtrip_path(name);
	int fd;

	CHECK(!mkdir(path, mode));
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(fd > 2);
	return fd;
}

static void check(int fd, const char *where)
{
	char name[4096] = "", link[40];
	struct stat status;

	CHECK(!fstat(fd, &status));
	CHECK(S_ISDIR(status.st_mode));
	CHECK_EQUAL(status.st_nlink, 0);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	CHECK(readlink(link, name, sizeof(name) - 1) > 0);
	CHECK(!strncmp(name, where, strlen(where)) && strstr(name, " (deleted)"));
	CHECK_EQUAL(openat(fd, "file", O_RDWR | O_CREAT, 0600), -1);
	CHECK_EQUAL(errno, ENOENT);
}

int main(void)
{
	int gone, again, lost, other;
	struct stat first, second;

	roundtrip_begin();
	gone = make("gone", 0711);
	again = open(roundtrip_path("gone"), O_PATH);
	CHECK(!flock(gone, LOCK_EX));
	CHECK(!rmdir(roundtrip_path("gone")));
	close(make("parent", 0700));
	lost = make("parent/lost", 0700);
	CHECK(!rmdir(roundtrip_path("parent/lost")) && !rmdir(roundtrip_path("parent")));
	roundtrip_cut();
	check(gone, roundtrip_path(""));
	check(lost, "/tmp/");
	CHECK(!fstat(gone, &first) && !fstat(again, &second));
	CHECK_EQUAL(first.st_ino, second.st_ino);
	CHECK_EQUAL(first.st_mode, S_IFDIR | 0711);
	CHECK_EQUAL(fcntl(gone, F_GETFD), FD_CLOEXEC);
	CHECK_EQUAL(fcntl(again, F_GETFL) & O_PATH, O_PATH);
	other = open("/proc/self/fd/3", O_RDONLY);
	CHECK(gone == 3 && flock(other, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK);
	return 0;
}
