/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How the subjects of lose.sh are dumped: they dump themselves to a FILE, SUBJECT KIND FILE, or
 * wait at standard input to be dumped there. A dump of them, given "again" and a file, first
 * dumps itself to that.
 */
#ifndef TESTS_DUMPFILE_BE_DUMPED_H
#define TESTS_DUMPFILE_BE_DUMPED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <unexec.h>

/* $LOSE is a number of enum unexec_lose. */
static void dump_to(const char *path)
{
	struct unexec_options options = { .size = sizeof(options) };
	const char *lose = getenv("LOSE");
	int status;

	options.lose = lose ? (unsigned)atoi(lose) : 0;
	status = unexec_dump(path, &options, NULL);
	if (status != UNEXEC_RESUMED)
		_exit(-status);
}

/* Returns in a dump, or in the dump of a dump. */
static void be_dumped(int argc, char **argv)
{
	char byte;

	if (argc > 2) {
		dump_to(argv[2]);
	} else {
		puts("ready");
		fflush(stdout);
		if (read(0, &byte, 1) < 0)
			exit(1);
	}
	unexec_arguments(&argc, &argv, NULL);
	if (argc > 2 && !strcmp(argv[1], "again"))
		dump_to(argv[2]);
}

#endif
