/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A memfd keeps its name, content, mode and seals. If it is both mapped and open, both are one object
 * again, without data written after the dump.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

#define SIZE (64 << 20)
#define FAR (SIZE - 5000)

static int make(const char *name, unsigned flags, const char *text)
{
	int fd = memfd_create(name, flags);

	CHECK(fd > 2);
	CHECK_EQUAL(pwrite(fd, text, strlen(text), 0), strlen(text));
	return fd;
}

static char *map(int fd, int prot, off_t offset)
{
	char *memory = mmap(NULL, 8192, prot, MAP_SHARED, fd, offset);

	CHECK(memory != MAP_FAILED);
	return memory;
}

static void expect(int fd, off_t offset, const char *text)
{
	char got[100] = "";

	CHECK_EQUAL(pread(fd, got, strlen(text), offset), strlen(text));
	CHECK_STRING(got, text);
}

static void check_sparse(int fd)
{
	struct stat status;
	char name[100] = "", link[40];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	CHECK(readlink(link, name, sizeof(name) - 1) > 0);
	CHECK_STRING(name, "/memfd:a name (deleted)");
	CHECK(!fstat(fd, &status));
	CHECK_EQUAL(status.st_mode, S_IFREG | 0640);
	CHECK_EQUAL(status.st_size, SIZE);
	CHECK(status.st_blocks < 100);
	CHECK_EQUAL(lseek(fd, 0, SEEK_CUR), 77);
	CHECK_EQUAL(fcntl(fd, F_GET_SEALS), F_SEAL_SEAL);
	expect(fd, 0, "the start");
	expect(fd, FAR, "far away");
}

static void check_sealed(int fd)
{
	CHECK_EQUAL(fcntl(fd, F_GET_SEALS), F_SEAL_WRITE | F_SEAL_SHRINK);
	expect(fd, 0, "sealed");
	CHECK_EQUAL(pwrite(fd, "x", 1, 0), -1);
	CHECK_EQUAL(errno, EPERM);
}

int main(void)
{
	int sparse, sealed, future, mapped, reader, appender;
	char *one, *two, *readable, *last, *path;

	roundtrip_begin();
	path = roundtrip_path("dump");
	sparse = make("a name", MFD_CLOEXEC, "the start");
	CHECK(!ftruncate(sparse, SIZE) && !fchmod(sparse, 0640));
	CHECK_EQUAL(pwrite(sparse, "far away", 8, FAR), 8);
	CHECK_EQUAL(lseek(sparse, 77, SEEK_SET), 77);
	sealed = make("sealed", MFD_ALLOW_SEALING, "sealed");
	readable = map(sealed, PROT_READ, 0);
	munmap(readable, 8192);
	CHECK(!fcntl(sealed, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK));
	readable = mmap(NULL, 8192, PROT_READ, MAP_SHARED, sealed, 0);
	if (readable == MAP_FAILED) /* possible since 6.7 */
		readable = strdup("sealed");
	future = make("future", MFD_ALLOW_SEALING, "mapped for writing");
	last = map(future, PROT_READ | PROT_WRITE, 0);
	CHECK(!fcntl(future, F_ADD_SEALS, F_SEAL_FUTURE_WRITE));
	mapped = make("mapped", 0, "");
	CHECK(!ftruncate(mapped, 16384));
	one = map(mapped, PROT_READ | PROT_WRITE, 0);
	two = map(mapped, PROT_READ | PROT_WRITE, 4096);
	strcpy(one + 4096, "shared");
	reader = open("/proc/self/fd/6", O_RDONLY | O_CLOEXEC);
	appender = make("appender", 0, "append");
	CHECK(mapped == 6 && !fcntl(appender, F_SETFL, O_APPEND));
	if (roundtrip_dump(path, NULL) == UNEXEC_DUMPED) {
		strcpy(one + 4096, "later");
		exit(roundtrip_run(path, &(struct roundtrip){ 0 }));
	}
	CHECK_EQUAL(fcntl(sparse, F_GETFD), FD_CLOEXEC);
	check_sparse(sparse);
	check_sealed(sealed);
	CHECK_STRING(readable, "sealed");
	CHECK_EQUAL(fcntl(future, F_GET_SEALS), F_SEAL_FUTURE_WRITE);
	strcpy(last, "Mapped");
	expect(future, 0, "Mapped");
	CHECK_STRING(two, "shared");
	strcpy(two, "SHARED");
	CHECK_STRING(one + 4096, "SHARED");
	expect(reader, 4096, "SHARED");
	CHECK_EQUAL(fcntl(reader, F_GETFL) & O_ACCMODE, O_RDONLY);
	CHECK_EQUAL(write(appender, "ed", 2), 2);
	expect(appender, 0, "appended");
	return 0;
}
