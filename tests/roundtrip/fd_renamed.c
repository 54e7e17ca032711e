/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An open file whose name was deleted, but which has another name in the same directory, is opened
 * by that name: programs that may not replace a file write a temporary one, link it, and unlink the
 * temporary name.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

int main(void)
{
	char *first, *second, text[10] = "";
	struct stat here, there;
	int fd;

	roundtrip_begin();
	first = roundtrip_path("first");
	second = roundtrip_path("second");
	fd = open(first, O_RDWR | O_CREAT | O_EXCL, 0600);
	CHECK(fd > 2 && !link(first, second) && !unlink(first));
	CHECK_EQUAL(write(fd, "content", 7), 7);
	roundtrip_cut();
	CHECK(!fstat(fd, &here) && !stat(second, &there));
	CHECK_EQUAL(here.st_ino, there.st_ino);
	CHECK_EQUAL(here.st_nlink, 1);
	CHECK_EQUAL(lseek(fd, 0, SEEK_CUR), 7);
	CHECK_EQUAL(pread(fd, text, 7, 0), 7);
	CHECK_STRING(text, "content");
	CHECK(!unlink(second));
	return 0;
}
