/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which pages of a dump a run of it has written to.
 */
#ifndef PROCESS_PREFAULT_H
#define PROCESS_PREFAULT_H

#include <sys/types.h>

#include "image/image.h"
#include "base/report.h"

/* Runs of pages, by address, none of them longer than PLAN_PREFAULT_PAGES. */
struct prefault {
	struct range *list;
	size_t count, room;
	uint64_t pages;
};

/* Of process `pid`, which runs a dump of that image and lies still. Runs with fewest pages
 * between them become one until there are no more than `limit`. 0, or -1 with an error (READ)
 * in the report. */
int prefault_find(struct prefault *prefault, pid_t pid, const struct image *image, size_t limit,
	     struct report *report);
void prefault_free(struct prefault *prefault);

#endif
