/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs of pages that a start prefaults, in the form of the plan.
 */
#ifndef IMAGE_RUNS_H
#define IMAGE_RUNS_H

#include "image/image.h"

/* Sorted by address, none longer than PLAN_PREFAULT_PAGES. */
struct runs {
	struct range *list;
	size_t count, room;
	uint64_t pages;
};

/* Adds whole pages, none of which lie below the end of the last run. */
void runs_add(struct runs *runs, struct range range, uint64_t page_size);
/* Adds the pages of other runs. */
void runs_unite(struct runs *runs, const struct runs *other, uint64_t page_size);
/* Joins the runs with the fewest pages between them until there are at most `limit`, or leaves out
 * the last ones. Does not join runs of two regions. */
void runs_limit(struct runs *runs, const struct image *image, size_t limit);
void runs_free(struct runs *runs);

#endif
