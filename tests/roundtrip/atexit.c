/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Functions given to atexit and on_exit before the dump are called when the dump ends,
 * in the right order and once.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

static char *path;

static void note(const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);

	CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static void first(void)
{
	note("first ");
}

static void second(void)
{
	note("second ");
}

static void third(int status, void *argument)
{
	CHECK_EQUAL(status, 5);
	note(argument);
}

static void after(void)
{
	note("after ");
}

int main(void)
{
	static char word[] = "third ";
	char *dump;

	roundtrip_begin();
	path = roundtrip_path("log");
	dump = roundtrip_path("dump");
	atexit(first);
	atexit(second);
	on_exit(third, word);
	if (roundtrip_dump(dump, NULL) == UNEXEC_RESUMED) {
		atexit(after);
		return 5;
	}
	CHECK(access(path, F_OK) != 0);
	CHECK_EQUAL(roundtrip_run(dump, &(struct roundtrip){ 0 }), 5);
	CHECK_STRING(roundtrip_read(path), "after third second first ");
	_exit(0);
}
