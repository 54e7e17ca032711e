/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finds the pages that a run of a dump has written to.
 */
#ifndef PROCESS_PREFAULT_H
#define PROCESS_PREFAULT_H

#include <sys/types.h>

#include "image/image.h"
#include "base/report.h"

/* Runs of pages, sorted by address, none longer than PLAN_PREFAULT_PAGES. */
struct prefault {
	struct range *list;
	size_t count, room;
	uint64_t pages;
};

/* Finds the pages of process `pid`, which runs a dump of that image and does not run now. Joins
 * the runs with the fewest pages between them until there are at most `limit`. 0, or -1 with an
 * error (READ) in the report. */
int prefault_find(struct prefault *prefault, pid_t pid, const struct image *image, size_t limit,
	     struct report *report);
void prefault_free(struct prefault *prefault);

#endif
