/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A line on the terminal that says how long work is going on:
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
	const char *what;    /* what goes on; NULL: nothing yet */
	double began;        /* the first thing, in seconds */
	double what_began;   /* this one */
	double drawn;
	size_t width;        /* of what is on the terminal */
};

/* Nothing is ever shown unless `wanted` and stderr is a terminal. */
void progress_begin(struct progress *progress, bool wanted);

/* `what` has done so many bytes of `all`. From one second after the first of these calls the
 * line is shown, and drawn again at most ten times a second. */
void progress_step(struct progress *progress, const char *what, uint64_t done, uint64_t all);

/* The same for what cannot say how far it is. */
void progress_say(struct progress *progress, const char *what);

/* Removes the line, so that something else can be written; the next step draws it again. */
void progress_hide(struct progress *progress);

/* "980 bytes", "1.4 MB", "27 GB". */
#define PROGRESS_SIZE_ROOM 24
const char *progress_size(uint64_t size, char text[PROGRESS_SIZE_ROOM]);

#endif
