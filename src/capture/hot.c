/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which pages of a dump a run of it has written to: those of its writable private memory that
 * are no longer the file's, by /proc/PID/pagemap.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "capture/hot.h"

#include "image/xalloc.h"

/* Documentation/admin-guide/mm/pagemap.rst */
#define PRESENT (UINT64_C(1) << 63)
#define SWAPPED (UINT64_C(1) << 62)
#define OF_FILE (UINT64_C(1) << 61)

static void add(struct hot *hot, uint64_t start, uint64_t page)
{
	struct range *last = hot->count ? &hot->list[hot->count - 1] : NULL;

	hot->pages++;
	if (last && last->end == start && range_length(*last) < PLAN_HOT_PAGES * page) {
		last->end += page;
		return;
	}
	xgrow(hot->list, hot->count, hot->room);
	hot->list[hot->count++] = (struct range){ start, start + page };
}

static int look(struct hot *hot, int pagemap, struct range range, uint64_t page)
{
	uint64_t words[512];

	for (uint64_t at = range.start; at < range.end;) {
		uint64_t count = (range.end - at) / page;
		ssize_t got;

		count = count < 512 ? count : 512;
		got = pread(pagemap, words, count * sizeof(*words),
			    (off_t)(at / page * sizeof(*words)));
		if (got <= 0)
			return -1;
		count = (uint64_t)got / sizeof(*words);
		for (uint64_t i = 0; i < count; i++, at += page)
			if ((words[i] & (PRESENT | SWAPPED)) && !(words[i] & OF_FILE))
				add(hot, at, page);
	}
	return 0;
}

/* Whether they lie in one mapping and are not too long together. */
static bool can_join(const struct image *image, struct range a, struct range b)
{
	const struct region *region = image_find(image, a.start);

	return region && b.start < region->range.end
	       && b.end - a.start <= PLAN_HOT_PAGES * image->page_size;
}

/* Joins what has at most so many pages between. */
static void join(struct hot *hot, const struct image *image, uint64_t pages)
{
	size_t kept = 0;

	for (size_t i = 1; i < hot->count; i++) {
		struct range *last = &hot->list[kept];

		if (hot->list[i].start - last->end <= pages * image->page_size
		    && can_join(image, *last, hot->list[i]))
			last->end = hot->list[i].end;
		else
			hot->list[++kept] = hot->list[i];
	}
	hot->count = kept + 1;
}

int hot_find(struct hot *hot, pid_t pid, const struct image *image, size_t limit,
	     struct report *report)
{
	char *path = xasprintf("/proc/%d/pagemap", (int)pid);
	int pagemap = open(path, O_RDONLY | O_CLOEXEC), failed = pagemap < 0;

	*hot = (struct hot){ 0 };
	for (size_t i = 0; i < image->region_count && !failed; i++) {
		const struct region *region = &image->regions[i];

		if ((region->prot & PROT_WRITE)
		    && !(region->flags & (REGION_SHARED | REGION_NORESERVE)))
			failed = look(hot, pagemap, region->range, image->page_size);
	}
	if (failed)
		report_errno(report, READ, "cannot read %s", path);
	for (uint64_t pages = 1; hot->count > limit && pages < PLAN_HOT_PAGES; pages *= 2)
		join(hot, image, pages);
	if (hot->count > limit) /* the rest is written to as before */
		hot->count = limit;
	if (pagemap >= 0)
		close(pagemap);
	free(path);
	return failed ? -1 : 0;
}

void hot_free(struct hot *hot)
{
	free(hot->list);
	*hot = (struct hot){ 0 };
}
