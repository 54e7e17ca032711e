/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * 10,000 open files, half of them duplicates. A start with a lower limit names the first
 * descriptor above it, and a missing directory is named, too.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

#define COUNT 10000

static int numbers[COUNT];

static void set_up(const char *name)
{
	struct rlimit limit;

	CHECK(!getrlimit(RLIMIT_NOFILE, &limit));
	limit.rlim_cur = COUNT + 100;
	if (limit.rlim_max < limit.rlim_cur)
		roundtrip_skip("the hard limit of open files is too low");
	CHECK(!setrlimit(RLIMIT_NOFILE, &limit));
	close(open(name, O_WRONLY | O_CREAT, 0600));
	CHECK(!truncate(name, COUNT));
	for (int i = 0; i < COUNT; i++) {
		numbers[i] = i % 2 ? dup(numbers[i - 1]) : open(name, O_RDONLY);
		CHECK(numbers[i] > 2);
		CHECK_EQUAL(lseek(numbers[i], i, SEEK_SET), i);
	}
}

static void check_all(void)
{
	for (int i = 0; i < COUNT; i += 2) {
		CHECK_EQUAL(lseek(numbers[i], 0, SEEK_CUR), i + 1);
		CHECK_EQUAL(lseek(numbers[i + 1], 1, SEEK_CUR), i + 2);
		CHECK_EQUAL(lseek(numbers[i], 0, SEEK_CUR), i + 2);
	}
}

static void errors_to_file(void)
{
	int fd = open(roundtrip_path("errors"), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	dup2(fd, 2);
	close(fd);
}

static void lower_limit(void)
{
	struct rlimit limit = { 1000, 1000 };

	errors_to_file();
	setrlimit(RLIMIT_NOFILE, &limit);
}

static void check_fails(const char *path, void (*prepare)(void), const char *first,
			const char *second)
{
	char *errors;

	CHECK_EQUAL(roundtrip_run(path, &(struct roundtrip){ .prepare = prepare }), 125);
	errors = roundtrip_read(roundtrip_path("errors"));
	if (!strstr(errors, first) || !strstr(errors, second))
		fprintf(stderr, "stderr: %s", errors);
	CHECK(strstr(errors, first) && strstr(errors, second));
}

int main(void)
{
	char *path, *directory;

	roundtrip_begin();
	path = roundtrip_path("dump");
	directory = roundtrip_path("the directory");
	set_up(roundtrip_path("file"));
	CHECK(!mkdir(directory, 0700));
	CHECK(open(directory, O_RDONLY | O_DIRECTORY) > 2);
	if (roundtrip_dump(path, NULL) == UNEXEC_RESUMED) {
		check_all();
		return 0;
	}
	CHECK_EQUAL(roundtrip_run(path, &(struct roundtrip){ 0 }), 0);
	check_fails(path, lower_limit, "/file: ", "(ulimit -n)");
	CHECK(!rmdir(directory));
	check_fails(path, errors_to_file, "the directory: ", "No such file or directory");
	return 0;
}
