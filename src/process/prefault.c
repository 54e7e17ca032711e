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

static int find_written(struct runs *runs, int pagemap, struct range range, uint64_t page)
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
				runs_add(runs, (struct range){ at, at + page }, page);
	}
	return 0;
}

int prefault_find(struct runs *ret, pid_t pid, const struct image *image,
		  struct report *report)
{
	char *path = xasprintf("/proc/%d/pagemap", (int)pid);
	int pagemap = open(path, O_RDONLY | O_CLOEXEC), failed = pagemap < 0;
	struct runs runs = { 0 };

	for (size_t i = 0; i < image->region_count && !failed; i++) {
		const struct region *region = &image->regions[i];

		if ((region->prot & PROT_WRITE)
		    && !(region->flags & (REGION_SHARED | REGION_NORESERVE)))
			failed = find_written(&runs, pagemap, region->range, image->page_size);
	}
	if (failed)
		report_errno(report, READ, "cannot read %s", path);
	if (pagemap >= 0)
		close(pagemap);
	free(path);
	*ret = runs;
	return failed ? -1 : 0;
}
