/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A file that appears whole or not at all.
 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include "image/report.h"

struct output {
	int fd;          /* where to write; O_RDWR, empty */
	char *path;      /* of what is replaced; symbolic links are followed */
	char *directory;
	char *temporary; /* its name until then; NULL while it has none */
};

/* Makes a file without a name in the directory of `path`, so that it vanishes with this
 * process; on file systems that cannot, a file beside it. Refuses what is there and is no
 * regular file. 0, or -1 with an error (TARGET) in the report. */
int output_open(struct output *output, const char *path, struct report *report);

/* Makes it executable, syncs it, and puts it in the place of what was there. 0, or -1 with
 * an error (WRITE, TARGET) in the report; what was there is then untouched. */
int output_commit(struct output *output, struct report *report);

/* Frees all of it; without a commit nothing is left behind. */
void output_close(struct output *output);

#endif
