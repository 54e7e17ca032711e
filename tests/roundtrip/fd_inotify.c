/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An inotify descriptor reports events of the files that it watched, with the same watch
 * numbers. Only privileged processes can find the files' names.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

static void expect(int fd, int watch, unsigned mask, const char *name)
{
	union {
		struct inotify_event event;
		char bytes[512];
	} got;

	CHECK(read(fd, &got, sizeof(got)) > 0);
	CHECK_EQUAL(got.event.wd, watch);
	CHECK_EQUAL(got.event.mask, mask);
	CHECK_STRING(got.event.len ? got.event.name : "", name);
}

/* True if this process can open files by their handles. This needs CAP_DAC_READ_SEARCH and
 * fails in a chroot that is not a mount point. */
static bool knows_names(const char *path)
{
	union {
		struct file_handle handle;
		char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} file = { .handle.handle_bytes = MAX_HANDLE_SZ };
	char link[64], name[4096] = "";
	int mount, fd;

	if (name_to_handle_at(AT_FDCWD, path, &file.handle, &mount, 0))
		return false;
	mount = open("/", O_RDONLY);
	fd = open_by_handle_at(mount, &file.handle, O_PATH);
	close(mount);
	if (fd < 0)
		return false;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if (readlink(link, name, sizeof(name) - 1) < 0)
		name[0] = 0;
	close(fd);
	return !strcmp(name, path);
}

int main(void)
{
	char *file, *other, *directory;
	int fd, first, second, third;

	roundtrip_begin();
	if (!knows_names("/tmp"))
		roundtrip_skip("this process cannot find names by handles");
	file = roundtrip_path("a file");
	directory = roundtrip_path("");
	other = roundtrip_path("other");
	close(open(file, O_WRONLY | O_CREAT, 0600));
	close(open(other, O_WRONLY | O_CREAT, 0600));
	fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	first = inotify_add_watch(fd, "/tmp", IN_CREATE);
	second = inotify_add_watch(fd, directory, IN_DELETE);
	third = inotify_add_watch(fd, file, IN_MODIFY);
	CHECK(fd > 2 && first > 0 && second > first && third > second);
	CHECK(!inotify_rm_watch(fd, first));
	CHECK_EQUAL(read(fd, (char[64]){ 0 }, 64), 16); /* IN_IGNORED */
	roundtrip_cut();
	CHECK_EQUAL(fcntl(fd, F_GETFD), FD_CLOEXEC);
	CHECK_EQUAL(truncate(file, 5), 0);
	expect(fd, third, IN_MODIFY, "");
	CHECK(!unlink(other));
	expect(fd, second, IN_DELETE, "other");
	CHECK(!inotify_rm_watch(fd, second));
	return 0;
}
