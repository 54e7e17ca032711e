/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A read-only shared mapping of a file that was opened for writing can be made writable again,
 * in the second generation too. If the file is only readable at the start, a message reports
 * it, and the dump starts.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

static char *path;

/* Permissions do not restrict root, so root becomes another user. */
static void make_read_only(void)
{
	CHECK(!chmod(path, 0400));
	if (!geteuid())
		CHECK(!setresgid(65534, 65534, 65534) && !chown(path, 65534, 65534)
		      && !setresuid(65534, 65534, 65534));
}

int main(void)
{
	char *memory, *directory;
	int fd;

	roundtrip_begin();
	directory = roundtrip_path("");
	CHECK(!chmod(directory, 0755));
	path = roundtrip_path("file");
	fd = open(path, O_RDWR | O_CREAT, 0600);
	CHECK(!ftruncate(fd, 4096));
	memory = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	CHECK(memory != MAP_FAILED);
	close(fd);
	roundtrip_cut();
	CHECK(!mprotect(memory, 4096, PROT_READ | PROT_WRITE));
	strcpy(memory, "first");
	CHECK(!mprotect(memory, 4096, PROT_READ));
	roundtrip_cut();
	CHECK(!mprotect(memory, 4096, PROT_READ | PROT_WRITE));
	strcpy(memory, "second");
	CHECK_STRING(roundtrip_read(path), "second");
	CHECK(!mprotect(memory, 4096, PROT_READ));
	roundtrip_cut_with(&(struct roundtrip){ .prepare = make_read_only });
	CHECK_STRING(memory, "second");
	CHECK_EQUAL(mprotect(memory, 4096, PROT_READ | PROT_WRITE), -1);
	CHECK_EQUAL(errno, EACCES);
	return 0;
}
