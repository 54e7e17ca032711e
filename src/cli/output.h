/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A file that is replaced atomically: it appears complete or not at all.
 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdbool.h>

#include "base/report.h"

struct output {
	int fd;          /* the new file; O_RDWR, empty */
	char *path;      /* the target, as it was passed */
	int directory;   /* of the target, after all symbolic links */
	char *name;      /* of the target in it */
	bool plain;      /* set by the caller: the file does not become executable */
	char *temporary; /* the name of the new file in it until the commit, or NULL */
};

/* Creates a nameless file in the directory of `path`, which vanishes with this process; if the
 * file system has no such files, a temporary one. Follows symbolic links, even if they lead to
 * nothing yet. Refuses to replace anything but a regular file, and refuses links in /proc to open
 * files, such as /proc/self/exe and /dev/stdout. The directory is opened now: if it is moved
 * later, the dump moves with it. 0, or -1 with an error (TARGET) in the report. */
int output_open(struct output *output, const char *path, struct report *report);

/* Makes the file executable unless it is plain, syncs it, and moves it to the target's name. 0, or -1 with an error
 * (WRITE, TARGET) in the report; an existing target is then unchanged. */
int output_commit(struct output *output, struct report *report);

/* Removes the temporary name; async-signal-safe. */
void output_unlink(const struct output *output);

/* Frees everything. Without a commit, the file is removed. */
void output_close(struct output *output);

#endif
