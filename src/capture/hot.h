/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which pages of a dump a run of it has written to.
 */
#ifndef CAPTURE_HOT_H
#define CAPTURE_HOT_H

#include <sys/types.h>

#include "image/image.h"
#include "image/report.h"

/* Runs of pages, by address, none of them longer than PLAN_HOT_PAGES. */
struct hot {
	struct range *list;
	size_t count, room;
	uint64_t pages;
};

/* Of process `pid`, which runs a dump of that image and lies still. Runs with fewest pages
 * between them become one until there are no more than `limit`. 0, or -1 with an error (READ)
 * in the report. */
int hot_find(struct hot *hot, pid_t pid, const struct image *image, size_t limit,
	     struct report *report);
void hot_free(struct hot *hot);

#endif
