/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A file that appears whole or not at all.
 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include "base/report.h"

struct output {
	int fd;          /* where to write; O_RDWR, empty */
	char *path;      /* as it was given */
	int directory;   /* what is replaced lies here, after all symbolic links */
	char *name;      /* and has this name */
	char *temporary; /* its name until then, there too; NULL while it has none */
};

/* Makes a file without a name in the directory of `path`, so that it vanishes with this
 * process; on file systems that cannot, a file beside it. Symbolic links are followed, also one
 * that leads to nothing yet. Refuses what is there and is no regular file, and links of /proc
 * that lead to an open file: /proc/self/exe, /dev/stdout. The directory is found now: whoever
 * moves it later moves the dump. 0, or -1 with an error (TARGET) in the report. */
int output_open(struct output *output, const char *path, struct report *report);

/* Makes it executable, syncs it, and puts it in the place of what was there. 0, or -1 with
 * an error (WRITE, TARGET) in the report; what was there is then untouched. */
int output_commit(struct output *output, struct report *report);

/* Removes what has a name; async-signal-safe. */
void output_unlink(const struct output *output);

/* Frees all of it; without a commit nothing is left behind. */
void output_close(struct output *output);

#endif
