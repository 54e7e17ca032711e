/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Directories, common devices, O_PATH descriptors and files of the process in /proc are opened
 * again by name; a directory that is being read continues at its position.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

static int count_rest(DIR *list)
{
	int count = 0;

	while (readdir(list))
		count++;
	return count;
}

/* Reads the PID or TID from a file "stat" in a directory of /proc. */
static int own_number(int directory)
{
	int file = openat(directory, "stat", O_RDONLY), number;
	char text[20] = "";

	CHECK(read(file, text, sizeof(text) - 1) > 0);
	close(file);
	number = atoi(text);
	return number;
}

static void check_device(int fd, const char *name, int flags)
{
	struct stat here, there;

	CHECK(!fstat(fd, &here) && !stat(name, &there));
	CHECK_EQUAL(here.st_rdev, there.st_rdev);
	CHECK_EQUAL(fcntl(fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK), flags);
}

int main(void)
{
	char name[64], line[256], *path;
	int null, zero, random, place, directory, link;
	int self, thread, tasks;
	FILE *status;
	DIR *list;

	roundtrip_begin();
	path = roundtrip_path("directory");
	CHECK(!mkdir(path, 0700));
	for (int i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), "directory/%d", i);
		close(open(roundtrip_path(name), O_WRONLY | O_CREAT, 0600));
	}
	CHECK(!symlink("nowhere", roundtrip_path("link")));
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	zero = open("/dev/zero", O_RDONLY);
	random = open("/dev/urandom", O_RDONLY | O_NONBLOCK);
	place = open(path, O_PATH | O_DIRECTORY);
	link = open(roundtrip_path("link"), O_PATH | O_NOFOLLOW);
	directory = open(path, O_RDONLY | O_DIRECTORY);
	status = fopen("/proc/self/status", "r");
	self = open("/proc/self", O_RDONLY | O_DIRECTORY);
	thread = open("/proc/thread-self", O_PATH | O_DIRECTORY);
	tasks = open("/proc/self/task", O_RDONLY | O_DIRECTORY);
	CHECK(self > 2 && thread > 2 && tasks > 2);
	list = opendir(path);
	CHECK(list && status && null > 2 && zero > 2 && random > 2 && place > 2 && link > 2);
	setvbuf(status, NULL, _IONBF, 0);
	roundtrip_cut();
	check_device(null, "/dev/null", O_RDWR);
	check_device(zero, "/dev/zero", O_RDONLY);
	check_device(random, "/dev/urandom", O_RDONLY | O_NONBLOCK);
	CHECK_EQUAL(fcntl(null, F_GETFD), FD_CLOEXEC);
	CHECK(!faccessat(place, "77", R_OK, 0) && !faccessat(directory, "499", R_OK, 0));
	CHECK(fcntl(place, F_GETFL) & O_PATH);
	CHECK_EQUAL(readlinkat(link, "", line, sizeof(line)), 7);
	CHECK_EQUAL(count_rest(list), 502);
	while (fgets(line, sizeof(line), status) && strncmp(line, "Pid:", 4))
		;
	CHECK_EQUAL(atoi(line + 4), getpid());
	CHECK_EQUAL(own_number(self), getpid());
	CHECK_EQUAL(own_number(thread), getpid());
	snprintf(name, sizeof(name), "%d", getpid());
	CHECK(!faccessat(tasks, name, F_OK, 0));
	return 0;
}
