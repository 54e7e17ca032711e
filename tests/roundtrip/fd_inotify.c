/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An inotify descriptor reports what happens to the files that it watched, under the same
 * numbers. Their names are known to privileged processes alone.
 */
#define _GNU_SOURCE
#include <fcntl.h>
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

int main(void)
{
	char *file, *other, *directory;
	int fd, first, second, third;

	roundtrip_begin();
	if (geteuid())
		roundtrip_skip("needs CAP_DAC_READ_SEARCH");
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
