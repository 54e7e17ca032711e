/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A line on the terminal that shows the progress of long work:
 * "unexec: writing: 1.2 GB of 4.0 GB, 812 MB/s, 3 s left".
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct progress {
	bool wanted;
	const char *what;    /* the current work; NULL: none yet */
	double began;        /* the start of the first work, in seconds */
	double what_began;   /* the start of the current work */
	double drawn;        /* the last update */
	size_t width;        /* of the line on the terminal; 0: there is none */
};

/* Nothing is shown unless `wanted` is set and stderr is a terminal. */
void progress_begin(struct progress *progress, bool wanted);

/* Reports that `what` has processed `done` of `all` bytes. The line appears one second after the
 * first of these calls and is updated at most ten times a second. */
void progress_step(struct progress *progress, const char *what, uint64_t done, uint64_t all);

/* The same for work of unknown length. */
void progress_say(struct progress *progress, const char *what);

/* Erases the line before other output; the next step draws it again. */
void progress_hide(struct progress *progress);

/* "980 bytes", "1.4 MB", "27 GB". */
#define PROGRESS_SIZE_ROOM 24
const char *progress_size(uint64_t size, char text[PROGRESS_SIZE_ROOM]);

#endif
