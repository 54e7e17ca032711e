/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * /proc/PID/pagemap: the pages of private memory that exist (kernel: admin-guide/mm/pagemap).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "process/pagemap.h"

/* From linux/fs.h, since 6.7; older headers lack it. */
struct scan_region {
	uint64_t start, end, categories;
};
struct scan_arguments {
	uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
	uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};
#define PAGEMAP_SCAN_CALL _IOWR('f', 16, struct scan_arguments)
#define SCAN_PRESENT (UINT64_C(1) << 3)
#define SCAN_SWAPPED (UINT64_C(1) << 4)
#define SCAN_ZEROS (UINT64_C(1) << 5) /* PFNZERO: only read, never written */
#define SCAN_GUARD (UINT64_C(1) << 8) /* since 6.16 */

/* Adds pages of the wanted categories that have none of the unwanted ones as data. Skips ranges
 * without pages quickly. */
static int scan(int pagemap, struct range range, uint64_t wanted, uint64_t unwanted,
		struct region *region)
{
	struct scan_region found[256];
	struct scan_arguments arguments = {
		.size = sizeof(arguments),
		.end = range.end,
		.vec = (uintptr_t)found,
		.vec_len = sizeof(found) / sizeof(*found),
		.category_anyof_mask = wanted,
		.category_mask = unwanted,
		.category_inverted = unwanted,
		.return_mask = wanted,
	};

	for (uint64_t at = range.start; at < range.end; at = arguments.walk_end) {
		int count;

		arguments.start = at;
		count = ioctl(pagemap, PAGEMAP_SCAN_CALL, &arguments);
		if (count < 0)
			return -1;
		for (int i = 0; i < count; i++)
			region_add_data(region, (struct range){ found[i].start, found[i].end });
	}
	return 0;
}

/* Reads one word for each page, whether it exists or not, up to the size of the buffer. Returns
 * the number of words; 0 or less on error. */
static ssize_t read_words(int pagemap, struct range range, uint32_t page_size, uint64_t *words,
			  size_t room)
{
	size_t want = range_length(range) / page_size;
	ssize_t got = pread(pagemap, words, (want < room ? want : room) * sizeof(*words),
			    (off_t)(range.start / page_size * sizeof(*words)));

	return got < 0 ? got : got / (ssize_t)sizeof(*words);
}

static int add_by_words(int pagemap, struct range range, uint32_t page_size,
			struct region *region)
{
	uint64_t words[8192], at = range.start;

	while (at < range.end) {
		ssize_t got = read_words(pagemap, (struct range){ at, range.end }, page_size,
					 words, sizeof(words) / sizeof(*words));

		if (got <= 0)
			return -1;
		for (ssize_t i = 0; i < got; i++, at += page_size)
			if (words[i] & (PAGE_PRESENT | PAGE_SWAPPED))
				region_add_data(region, (struct range){ at, at + page_size });
	}
	return 0;
}

int pagemap_add_data(int pagemap, struct range range, uint32_t page_size,
		     struct region *region)
{
	if (!scan(pagemap, range, SCAN_PRESENT | SCAN_SWAPPED, SCAN_ZEROS, region))
		return 0;
	if (errno != ENOTTY && errno != EINVAL)
		return -1;
	return add_by_words(pagemap, range, page_size, region);
}

/* Linux 6.15 reports guards only in these words. With 6.13 and 6.14 they look like swapped
 * pages, and cannot be read. */
static int add_guards_by_words(int pagemap, struct range swapped, uint32_t page_size,
			       struct region *region)
{
	uint64_t words[512], at = swapped.start;

	while (at < swapped.end) {
		ssize_t got = read_words(pagemap, (struct range){ at, swapped.end }, page_size,
					 words, sizeof(words) / sizeof(*words));

		if (got <= 0)
			return -1;
		for (ssize_t i = 0; i < got; i++, at += page_size)
			if (words[i] & PAGE_GUARD)
				region_add_data(region, (struct range){ at, at + page_size });
	}
	return 0;
}

int pagemap_find_guards(int pagemap, struct range range, uint32_t page_size,
			struct region *region)
{
	struct region swapped = { 0 };
	int failed = 0;

	if (!scan(pagemap, range, SCAN_GUARD, 0, region))
		return 0;
	if (errno != EINVAL || scan(pagemap, range, SCAN_SWAPPED, 0, &swapped))
		return errno == ENOTTY || errno == EINVAL ? 0 : -1;
	for (size_t i = 0; i < swapped.data_count && !failed; i++)
		failed = add_guards_by_words(pagemap, swapped.data[i], page_size, region);
	free(swapped.data);
	return failed;
}

uint64_t pagemap_next_own(int pagemap, struct range range, uint32_t page_size)
{
	uint64_t words[512], at = range.start;

	while (at < range.end) {
		ssize_t got = read_words(pagemap, (struct range){ at, range.end }, page_size,
					 words, sizeof(words) / sizeof(*words));

		if (got <= 0)
			return at;
		for (ssize_t i = 0; i < got; i++, at += page_size)
			if ((words[i] & (PAGE_PRESENT | PAGE_SWAPPED))
			    && !(words[i] & PAGE_OF_FILE))
				return at;
	}
	return range.end;
}
