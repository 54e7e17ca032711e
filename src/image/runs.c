/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs of pages that a start prefaults: adding and joining them.
 */
#include <stdlib.h>

#include "base/xalloc.h"
#include "image/runs.h"

void runs_add(struct runs *runs, struct range range, uint64_t page_size)
{
	const uint64_t longest = PLAN_PREFAULT_PAGES * page_size;

	runs->pages += range_length(range) / page_size;
	while (range.start < range.end) {
		struct range *last = runs->count ? &runs->list[runs->count - 1] : NULL;
		uint64_t room = longest, length = range_length(range);

		if (last && last->end == range.start)
			room = longest - range_length(*last);
		if (!last || last->end != range.start || !room) {
			xgrow(runs->list, runs->count, runs->room);
			last = &runs->list[runs->count++];
			*last = (struct range){ range.start, range.start };
			room = longest;
		}
		length = length < room ? length : room;
		last->end += length;
		range.start += length;
	}
}

static void add_rest(struct runs *runs, struct range range, uint64_t page_size)
{
	uint64_t end = runs->count ? runs->list[runs->count - 1].end : 0;

	if (range.start < end)
		range.start = end;
	if (range.start < range.end)
		runs_add(runs, range, page_size);
}

void runs_unite(struct runs *runs, const struct runs *other, uint64_t page_size)
{
	struct runs both = { 0 };
	size_t i = 0, j = 0;

	while (i < runs->count || j < other->count)
		if (j == other->count
		    || (i < runs->count && runs->list[i].start <= other->list[j].start))
			add_rest(&both, runs->list[i++], page_size);
		else
			add_rest(&both, other->list[j++], page_size);
	runs_free(runs);
	*runs = both;
}

/* Two runs become one if they lie in one mapping and their sum is within the limit. */
static bool can_join_runs(const struct image *image, struct range a, struct range b)
{
	const struct region *region = image_find(image, a.start);

	return region && b.start < region->range.end
	       && b.end - a.start <= PLAN_PREFAULT_PAGES * image->page_size;
}

/* Joins runs with at most so many pages between them. */
static void join_runs(struct runs *runs, const struct image *image, uint64_t pages)
{
	size_t kept = 0;

	for (size_t i = 1; i < runs->count; i++) {
		struct range *last = &runs->list[kept];

		if (runs->list[i].start - last->end <= pages * image->page_size
		    && can_join_runs(image, *last, runs->list[i]))
			last->end = runs->list[i].end;
		else
			runs->list[++kept] = runs->list[i];
	}
	runs->count = kept + 1;
}

void runs_limit(struct runs *runs, const struct image *image, size_t limit)
{
	for (uint64_t pages = 1; runs->count > limit && pages < PLAN_PREFAULT_PAGES; pages *= 2)
		join_runs(runs, image, pages);
	if (runs->count > limit) /* the rest is faulted in as before */
		runs->count = limit;
}

void runs_free(struct runs *runs)
{
	free(runs->list);
	*runs = (struct runs){ 0 };
}
