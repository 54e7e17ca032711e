/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Standard descriptors may be closed at the dump, at the start, or both; other files
 * keep their numbers.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

static void close_standard(void)
{
	close(0);
	close(1);
	close(2);
}

static void keep_standard(void)
{
}

/* Runs in the dump; the exit status reports failures if no output is open. */
static int resumed(int file, const char *argument)
{
	char text[5] = "";
	int open_expected = argument[0] == 'o';

	for (int fd = 0; fd < 3; fd++)
		if ((fcntl(fd, F_GETFD) >= 0) != open_expected)
			return 50 + fd;
	if (read(file, text, 4) != 4 || text[0] != 'r')
		return 60;
	if (fcntl(3, F_GETFD) >= 0 && file != 3)
		return 61;
	return 42;
}

static int start(const char *dump, void (*prepare)(void), const char *argument)
{
	const char *const arguments[] = { "dump", argument, NULL };

	return roundtrip_run(dump, &(struct roundtrip){ .prepare = prepare,
							.arguments = arguments });
}

static void check(bool closed)
{
	char *dump = roundtrip_path(closed ? "closed" : "open"), **argv;
	int file = open("/etc/passwd", O_RDONLY);

	CHECK(file > 2);
	if (closed)
		close_standard();
	if (roundtrip_dump(dump, NULL) == UNEXEC_RESUMED) {
		unexec_arguments(NULL, &argv, NULL);
		_exit(resumed(file, argv[1]));
	}
	if (closed) {
		CHECK(open("/dev/null", O_RDONLY) == 0);
		CHECK(open("/dev/null", O_WRONLY) == 1);
		CHECK(open("/dev/null", O_WRONLY) == 2);
	}
	CHECK_EQUAL(start(dump, close_standard, "closed"), 42);
	CHECK_EQUAL(start(dump, keep_standard, "open"), 42);
	close(file);
}

int main(void)
{
	roundtrip_begin();
	check(false);
	check(true);
	return 0;
}
