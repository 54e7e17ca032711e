/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The holes of a large file that is mapped privately are not read and not in the dump; what the
 * program has written there is.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

#define GIGABYTE (1L << 30)
#define SIZE (64 * GIGABYTE)

static char *map(int fd, off_t offset)
{
	char *memory = mmap(NULL, SIZE - offset, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_NORESERVE, fd, offset);

	CHECK(memory != MAP_FAILED);
	return memory;
}

int main(void)
{
	char *path, *dump, *whole, *tail;
	struct stat status;
	int fd;

	roundtrip_begin();
	path = roundtrip_path("file");
	dump = roundtrip_path("dump");
	fd = open(path, O_RDWR | O_CREAT, 0600);
	CHECK(fd > 2);
	if (ftruncate(fd, SIZE))
		roundtrip_skip("no file of this size");
	CHECK_EQUAL(pwrite(fd, "start", 5, 100), 5);
	CHECK_EQUAL(pwrite(fd, "middle", 6, 40 * GIGABYTE - 3), 6);
	CHECK_EQUAL(pwrite(fd, "end", 3, SIZE - 3), 3);
	whole = map(fd, 0);
	tail = map(fd, 39 * GIGABYTE);
	close(fd);
	strcpy(whole + 20 * GIGABYTE + 4097, "in a hole");
	strcpy(tail + GIGABYTE, "written");
	CHECK_EQUAL(whole[50 * GIGABYTE], 0);
	if (roundtrip_dump(dump, NULL) != UNEXEC_RESUMED) {
		CHECK(!stat(dump, &status));
		CHECK(status.st_size < GIGABYTE);
		return roundtrip_run(dump, &(struct roundtrip){ 0 });
	}
	CHECK_STRING(whole + 100, "start");
	CHECK_STRING(whole + 40 * GIGABYTE - 3, "middle");
	CHECK(!memcmp(whole + SIZE - 3, "end", 3));
	CHECK_STRING(whole + 20 * GIGABYTE + 4097, "in a hole");
	CHECK_EQUAL(whole[50 * GIGABYTE], 0);
	CHECK_STRING(tail + GIGABYTE, "written");
	CHECK(!memcmp(tail + GIGABYTE - 3, "mid", 3));
	whole[30 * GIGABYTE] = 1;
	CHECK_EQUAL(tail[0], 0);
	return 0;
}
