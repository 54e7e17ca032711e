/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * /proc/PID/pagemap: which pages of private memory exist (kernel: admin-guide/mm/pagemap).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "capture/process.h"

#define PAGE_PRESENT (UINT64_C(1) << 63)
#define PAGE_SWAPPED (UINT64_C(1) << 62)
#define PAGE_OF_FILE (UINT64_C(1) << 61)

/* linux/fs.h, since 6.7; here because the headers that we build with may be older. */
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

/* Finds what exists without looking at what does not. */
static int scan(int pagemap, struct range range, struct region *region)
{
	struct scan_region found[256];
	struct scan_arguments arguments = {
		.size = sizeof(arguments),
		.end = range.end,
		.vec = (uintptr_t)found,
		.vec_len = sizeof(found) / sizeof(*found),
		.category_anyof_mask = SCAN_PRESENT | SCAN_SWAPPED,
		.return_mask = SCAN_PRESENT | SCAN_SWAPPED,
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

/* One word a page, whether it exists or not: of as many pages as there is room for. Returns of
 * how many; 0 or less: they cannot be read. */
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
	if (!scan(pagemap, range, region))
		return 0;
	if (errno != ENOTTY && errno != EINVAL)
		return -1;
	return add_by_words(pagemap, range, page_size, region);
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
