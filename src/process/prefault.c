/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finds the pages that a run of a dump has written to: pages of its writable private memory
 * that no longer are the file's, from /proc/PID/pagemap.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "process/pagemap.h"
#include "process/prefault.h"

static void add_written_page(struct prefault *prefault, uint64_t start, uint64_t page)
{
	struct range *last = prefault->count ? &prefault->list[prefault->count - 1] : NULL;

	prefault->pages++;
	if (last && last->end == start && range_length(*last) < PLAN_PREFAULT_PAGES * page) {
		last->end += page;
		return;
	}
	xgrow(prefault->list, prefault->count, prefault->room);
	prefault->list[prefault->count++] = (struct range){ start, start + page };
}

static int find_written(struct prefault *prefault, int pagemap, struct range range,
			uint64_t page)
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
			if ((words[i] & (PAGE_PRESENT | PAGE_SWAPPED))
			    && !(words[i] & PAGE_OF_FILE))
				add_written_page(prefault, at, page);
	}
	return 0;
}

/* Two runs become one if they lie in one mapping and their sum is within the limit. */
static bool can_join_runs(const struct image *image, struct range a, struct range b)
{
	const struct region *region = image_find(image, a.start);

	return region && b.start < region->range.end
	       && b.end - a.start <= PLAN_PREFAULT_PAGES * image->page_size;
}

/* Joins runs with at most so many pages between them. */
static void join_runs(struct prefault *prefault, const struct image *image, uint64_t pages)
{
	size_t kept = 0;

	for (size_t i = 1; i < prefault->count; i++) {
		struct range *last = &prefault->list[kept];

		if (prefault->list[i].start - last->end <= pages * image->page_size
		    && can_join_runs(image, *last, prefault->list[i]))
			last->end = prefault->list[i].end;
		else
			prefault->list[++kept] = prefault->list[i];
	}
	prefault->count = kept + 1;
}

int prefault_find(struct prefault *prefault, pid_t pid, const struct image *image, size_t limit,
	     struct report *report)
{
	char *path = xasprintf("/proc/%d/pagemap", (int)pid);
	int pagemap = open(path, O_RDONLY | O_CLOEXEC), failed = pagemap < 0;

	*prefault = (struct prefault){ 0 };
	for (size_t i = 0; i < image->region_count && !failed; i++) {
		const struct region *region = &image->regions[i];

		if ((region->prot & PROT_WRITE)
		    && !(region->flags & (REGION_SHARED | REGION_NORESERVE)))
			failed = find_written(prefault, pagemap, region->range,
					      image->page_size);
	}
	if (failed)
		report_errno(report, READ, "cannot read %s", path);
	for (uint64_t pages = 1; prefault->count > limit && pages < PLAN_PREFAULT_PAGES; pages *= 2)
		join_runs(prefault, image, pages);
	if (prefault->count > limit) /* the rest is faulted in as before */
		prefault->count = limit;
	if (pagemap >= 0)
		close(pagemap);
	free(path);
	return failed ? -1 : 0;
}

void prefault_free(struct prefault *prefault)
{
	free(prefault->list);
	*prefault = (struct prefault){ 0 };
}
