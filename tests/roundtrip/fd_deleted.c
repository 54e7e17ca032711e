/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Open files that have been deleted: each start makes a file without a name in the directory where
 * it was, or else in memory, with content, holes, offset, flags, mode, times and locks. All
 * descriptors and mappings of one file are of one file again. The same holds for the dump of a
 * dump.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

#define SIZE (INT64_C(5) << 30)
#define FAR (SIZE - 5000)
#define PIECES 6000
#define STEP (INT64_C(256) << 10)

static char *directory;
static int file, twin, reader, appender, closed, path_only, unnamed, many, modeless, homeless,
	forbidden;
static char *mapped, *left, *private;

static int make(const char *name, int flags, mode_t mode, const char *text)
{
	char *path = roundtrip_path(name);
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | flags, 0600);

	CHECK(fd > 2 && !fchmod(fd, mode));
	CHECK_EQUAL(write(fd, text, strlen(text)), strlen(text));
	CHECK(!unlink(path));
	free(path);
	return fd;
}

static int open_again(int fd, int flags)
{
	char link[40];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	fd = open(link, flags);
	CHECK(fd > 2);
	return fd;
}

static char *map(int fd, int flags)
{
	char *memory = mmap(NULL, 8192, PROT_READ | PROT_WRITE, flags, fd, 0);

	CHECK(memory != MAP_FAILED);
	return memory;
}

static void expect(int fd, off_t offset, const char *text)
{
	char got[100] = "";

	CHECK_EQUAL(pread(fd, got, strlen(text), offset), strlen(text));
	CHECK_STRING(got, text);
}

static void make_many_pieces(void)
{
	many = make("many", 0, 0600, "");
	for (int64_t i = 0; i < PIECES; i++)
		CHECK_EQUAL(pwrite(many, "piece", 5, i * STEP), 5);
}

static void set_times(void)
{
	const struct timespec times[] = { { 1000000000, 5 }, { 1234567890, 123456789 } };

	CHECK(!futimens(file, times));
}

static void make_all(void)
{
	struct flock lock = { .l_type = F_WRLCK, .l_start = 7, .l_len = 10 };
	int short_lived;

	file = make("file", O_CLOEXEC, 0640, "the start");
	CHECK(!ftruncate(file, SIZE));
	CHECK_EQUAL(pwrite(file, "far away", 8, FAR), 8);
	CHECK_EQUAL(lseek(file, 77, SEEK_SET), 77);
	mapped = map(file, MAP_SHARED);
	twin = dup(file);
	reader = open_again(file, O_RDONLY | O_NONBLOCK);
	CHECK_EQUAL(lseek(reader, 4, SEEK_SET), 4);
	appender = make("appender", O_APPEND | O_NOFOLLOW, 0600, "append");
	path_only = open_again(appender, O_PATH);
	modeless = make("modeless", 0, 0400, "read only");
	closed = open_again(modeless, O_RDONLY);
	close(modeless);
	modeless = closed;
	forbidden = make("forbidden", 0, 0, "forbidden");
	unnamed = open(directory, O_TMPFILE | O_RDWR, 0600);
	if (unnamed < 0)
		roundtrip_skip("no O_TMPFILE");
	CHECK_EQUAL(write(unnamed, "unnamed", 7), 7);
	CHECK(!mkdir(roundtrip_path("home"), 0700));
	homeless = make("home/less", 0, 0640, "homeless");
	CHECK(!rmdir(roundtrip_path("home")));
	short_lived = make("left", 0, 0600, "");
	CHECK(!ftruncate(short_lived, 8192));
	left = map(short_lived, MAP_SHARED);
	private = map(file, MAP_PRIVATE);
	close(short_lived);
	strcpy(left, "left");
	strcpy(private + 4096, "private");
	make_many_pieces();
	CHECK(!flock(file, LOCK_EX) && !fcntl(appender, F_SETLK, &lock));
	set_times();
}

static void check_status(void)
{
	struct stat status;

	CHECK(!fstat(file, &status));
	CHECK_EQUAL(status.st_nlink, 0);
	CHECK_EQUAL(status.st_mode, S_IFREG | 0640);
	CHECK_EQUAL(status.st_size, SIZE);
	CHECK(status.st_blocks < 1000);
	CHECK_EQUAL(status.st_mtim.tv_sec, 1234567890);
	CHECK_EQUAL(status.st_mtim.tv_nsec, 123456789);
	CHECK_EQUAL(status.st_atim.tv_sec, 1000000000);
	CHECK(!fstat(homeless, &status));
	CHECK_EQUAL(status.st_mode, S_IFREG | 0640);
	CHECK(!fstat(modeless, &status));
	CHECK_EQUAL(status.st_mode, S_IFREG | 0400);
	CHECK(!fstat(forbidden, &status));
	CHECK_EQUAL(status.st_mode, S_IFREG);
	CHECK_EQUAL(lseek(forbidden, 0, SEEK_CUR), 9);
	CHECK(!fstat(many, &status));
	CHECK_EQUAL(status.st_size, (PIECES - 1) * STEP + 5);
	CHECK(status.st_blocks * 512 < PIECES * STEP / 4);
}

static void check_place(int fd, const char *where)
{
	char name[4096] = "", link[40];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	CHECK(readlink(link, name, sizeof(name) - 1) > 0);
	CHECK(!strncmp(name, where, strlen(where)));
	CHECK(strstr(name, " (deleted)"));
}

static void check_locks(void)
{
	struct flock lock = { .l_type = F_WRLCK };
	pid_t child = fork();
	int other;

	if (!child) {
		other = open_again(file, O_RDWR);
		CHECK(flock(other, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK);
		CHECK(!fcntl(appender, F_GETLK, &lock));
		CHECK_EQUAL(lock.l_type, F_WRLCK);
		CHECK_EQUAL(lock.l_start, 7);
		CHECK_EQUAL(lock.l_len, 10);
		_exit(0);
	}
	CHECK_EQUAL(roundtrip_wait(child), 0);
}

/* Is the memory mapped from a file in that directory? */
static void check_mapped(const char *memory)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[4200], start[32];
	bool found = false;

	snprintf(start, sizeof(start), "%lx-", (unsigned long)memory);
	while (fgets(line, sizeof(line), maps))
		found |= !strncmp(line, start, strlen(start)) && strstr(line, directory);
	fclose(maps);
	CHECK(found);
}

static void check_sharing(void)
{
	CHECK_EQUAL(lseek(file, 0, SEEK_CUR), 77);
	CHECK_EQUAL(lseek(twin, 78, SEEK_SET), 78);
	CHECK_EQUAL(lseek(file, 0, SEEK_CUR), 78);
	CHECK_EQUAL(lseek(twin, 77, SEEK_SET), 77);
	CHECK_EQUAL(lseek(reader, 0, SEEK_CUR), 4);
	strcpy(mapped + 200, "shared");
	expect(reader, 200, "shared");
	CHECK_EQUAL(pwrite(file, "SHARED", 6, 200), 6);
	CHECK_STRING(mapped + 200, "SHARED");
	strcpy(mapped + 200, "");
}

static void check(int generation)
{
	char appended[20] = "appendededed";
	struct statfs system;

	check_status();
	check_place(file, directory);
	check_place(unnamed, directory);
	check_place(homeless, "/memfd:");
	expect(reader, 0, "the start");
	expect(reader, FAR, "far away");
	expect(many, STEP * (PIECES / 2), "piece");
	expect(homeless, 0, "homeless");
	expect(unnamed, 0, "unnamed");
	expect(modeless, 0, "read only");
	expect(forbidden, 0, "forbidden");
	CHECK_STRING(left, "left");
	/* Without a descriptor, a file of a tmpfs becomes memory. */
	if (!statfs(directory, &system) && system.f_type != TMPFS_MAGIC)
		check_mapped(left);
	check_mapped(mapped);
	CHECK_STRING(private + 4096, "private");
	CHECK_EQUAL(fcntl(file, F_GETFD), FD_CLOEXEC);
	CHECK_EQUAL(fcntl(twin, F_GETFD), 0);
	CHECK_EQUAL(fcntl(reader, F_GETFL) & (O_ACCMODE | O_NONBLOCK), O_RDONLY | O_NONBLOCK);
	CHECK_EQUAL(fcntl(appender, F_GETFL) & (O_ACCMODE | O_APPEND), O_RDWR | O_APPEND);
	CHECK(fcntl(path_only, F_GETFL) & O_PATH);
	check_sharing();
	check_locks();
	appended[6 + 2 * generation] = 0;
	CHECK_EQUAL(write(appender, "ed", 2), 2);
	expect(open_again(path_only, O_RDONLY), 0, appended);
	set_times();
}

int main(void)
{
	char *again;

	roundtrip_begin();
	directory = roundtrip_path("");
	again = roundtrip_path("again");
	make_all();
	roundtrip_cut();
	check(1);
	if (roundtrip_dump(again, NULL) != UNEXEC_RESUMED) {
		/* Each start has a file of its own. */
		CHECK_EQUAL(pwrite(file, "THE START", 9, 0), 9);
		CHECK(!ftruncate(unnamed, 0));
		CHECK_EQUAL(roundtrip_run(again, &(struct roundtrip){ 0 }), 0);
		return roundtrip_run(again, &(struct roundtrip){ 0 });
	}
	check(2);
	return 0;
}
