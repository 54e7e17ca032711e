/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Makes the starts of a dump prefault the pages that runs of it write.
 */
#ifndef CLI_TUNE_DUMP_H
#define CLI_TUNE_DUMP_H

#include <stddef.h>

#include "base/report.h"

/* Runs the dump once with each of the commands, which have a name and arguments, and stores the
 * pages that any of these runs has written. Adds a note with their number to the report. 0, or -1
 * with an error (FORMAT, READ, TARGET, WRITE) in the report and the file unchanged. */
enum tune_flags {
	TUNE_APART = 1, /* standard input and output of the runs are /dev/null */
	TUNE_ADD = 2    /* pages of earlier runs stay */
};
int tune_dump(const char *path, char **const *commands, size_t count, unsigned flags,
	      struct report *report);

#endif
