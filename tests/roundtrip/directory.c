/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * By default a dump has the working directory of its starter, and on request its own. The umask that
 * the program has set is preserved.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

static char *own, *other;

static void go_there(void)
{
	CHECK(!chdir(other));
	umask(022);
}

/* Returns only in the original. */
static char *dump(const char *name, enum unexec_directory directory)
{
	const struct unexec_options options = { .size = sizeof(options), .directory = directory };
	char *path = roundtrip_path(name), here[PATH_MAX];

	if (roundtrip_dump(path, &options) == UNEXEC_DUMPED)
		return path;
	CHECK_STRING(getcwd(here, sizeof(here)), directory == UNEXEC_DIRECTORY_KEEP ? own : other);
	CHECK_EQUAL(umask(0), 0123);
	_exit(3);
}

static char *make(const char *name)
{
	char *path = roundtrip_path(name);

	CHECK(!mkdir(path, 0700));
	return realpath(path, NULL);
}

int main(void)
{
	const struct roundtrip there = { .prepare = go_there };
	char *inherits, *keeps;

	roundtrip_begin();
	own = make("own");
	other = make("other");
	CHECK(!chdir(own));
	umask(0123);
	inherits = dump("inherits", UNEXEC_DIRECTORY_INHERIT);
	keeps = dump("keeps", UNEXEC_DIRECTORY_KEEP);
	CHECK_EQUAL(roundtrip_run(inherits, &there), 3);
	CHECK_EQUAL(roundtrip_run(keeps, &there), 3);
	CHECK(!rmdir(own));
	CHECK_EQUAL(roundtrip_run(inherits, &there), 3);
	CHECK_EQUAL(roundtrip_run(keeps, &there), 125);
	return 0;
}
