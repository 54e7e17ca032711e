/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `unexec diff`: the memory of two dumps. Regions are paired by place, or else by name: without a
 * common address, two dumps are of processes that the kernel has laid out differently.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/report.h"
#include "base/xalloc.h"
#include "cli/diff.h"

#define DIFF_BLOCK (UINT64_C(1) << 20)

/* ---- Pairs -------------------------------------------------------------------------------- */

static bool same_kind(const struct region *a, const struct region *b)
{
	return a->origin == b->origin && !strcmp(a->name, b->name);
}

static bool same_place(const struct region *a, const struct region *b)
{
	return range_overlaps(a->range, b->range) && same_kind(a, b);
}

static bool same_part(const struct region *a, const struct region *b)
{
	return same_kind(a, b) && a->offset == b->offset && a->prot == b->prot
	       && (a->name[0] == '/' || range_length(a->range) == range_length(b->range));
}

/* Pairs regions of both dumps that are not paired yet. `pairs` has, for each region of the first
 * dump, the index of its partner, or -1; `taken` has the regions of the second. */
static void pair_regions(const struct image *a, const struct image *b, long *pairs, bool *taken,
			 bool (*match)(const struct region *, const struct region *))
{
	for (size_t i = 0; i < a->region_count; i++)
		for (size_t j = 0; pairs[i] < 0 && j < b->region_count; j++)
			if (!taken[j] && match(&a->regions[i], &b->regions[j])) {
				pairs[i] = (long)j;
				taken[j] = true;
			}
}

/* ---- Bytes -------------------------------------------------------------------------------- */

static void compare_page(struct diff_region *region, struct diff_symbols *symbols,
			 uint64_t address, const unsigned char *a, const unsigned char *b,
			 size_t length)
{
	if (!memcmp(a, b, length))
		return;
	region->pages++;
	for (size_t i = 0, end; i < length; i = end) {
		for (end = i; end < length && a[end] != b[end]; end++)
			;
		region->bytes += end - i;
		if (end > i)
			diff_symbols_count(symbols, address + i, end - i);
		else
			end++;
	}
}

/* Reads at `address`, zeros outside the region. */
static int read_diff_block(const struct diff_side *side, const struct region *region,
			   uint64_t address, unsigned char *buffer, size_t length)
{
	uint64_t start = address > region->range.start ? address : region->range.start;
	uint64_t end = address + length < region->range.end ? address + length : region->range.end;

	memset(buffer, 0, length);
	if (start >= end
	    || !dump_memory_read(side->memory, start, buffer + (start - address), end - start))
		return 0;
	report_line(side->info.path, UNEXEC_ERROR, "%s", errno ? strerror(errno) : "truncated");
	return -1;
}

/* Content of a region that the other dump lacks. */
static int compare_one(struct diff_region *region, int side, uint64_t page)
{
	region->bytes = info_data_size(region->regions[side]);
	region->pages = region->bytes / page;
	return 0;
}

/* Both regions may have grown since the other dump. Those that overlap are compared by their
 * addresses, others from their starts. */
static int compare_both(const struct diff *diff, struct diff_region *region,
			struct diff_symbols *symbols)
{
	const struct range a = region->regions[0]->range, b = region->regions[1]->range;
	const bool moved = !range_overlaps(a, b);
	const uint64_t apart = moved ? b.start - a.start : 0;
	const uint64_t start = moved || a.start < b.start ? a.start : b.start;
	const uint64_t end = a.end > b.end - apart ? a.end : b.end - apart;
	size_t page = diff->sides[0].info.image->page_size;
	unsigned char *blocks = xcalloc(2, DIFF_BLOCK);
	int r = 0;

	for (uint64_t at = start, length; at < end && !r; at += length) {
		length = end - at < DIFF_BLOCK ? end - at : DIFF_BLOCK;
		r = read_diff_block(&diff->sides[0], region->regions[0], at, blocks, length)
		    || read_diff_block(&diff->sides[1], region->regions[1], at + apart,
				       blocks + DIFF_BLOCK, length);
		for (size_t i = 0; i < length && !r; i += page)
			compare_page(region, symbols, at + i, blocks + i, blocks + DIFF_BLOCK + i,
				     page);
	}
	free(blocks);
	diff_symbols_take(symbols, region);
	return r ? -1 : 0;
}

/* ---- All regions -------------------------------------------------------------------------- */

static bool is_unchanged(const struct diff_region *region)
{
	const struct region *a = region->regions[0], *b = region->regions[1];

	return a && b && !region->pages && a->range.start == b->range.start
	       && a->range.end == b->range.end && a->prot == b->prot && a->flags == b->flags;
}

static int add_diff_pair(struct diff *diff, const struct region *a, const struct region *b,
		    struct diff_symbols *symbols)
{
	struct diff_region region = { .regions = { a, b } };
	uint64_t page = diff->sides[0].info.image->page_size;

	if (a && b ? compare_both(diff, &region, symbols) : compare_one(&region, !a, page))
		return -1;
	diff->pages += region.pages;
	if (a && b)
		diff->same_pages += info_data_size(a) / page > region.pages
					    ? info_data_size(a) / page - region.pages : 0;
	if (is_unchanged(&region))
		return 0;
	xgrow(diff->regions, diff->region_count, diff->region_room);
	diff->regions[diff->region_count++] = region;
	return 0;
}

static uint64_t place(const struct diff_region *region)
{
	return region->regions[!region->regions[0]]->range.start;
}

static int by_place(const void *a, const void *b)
{
	return place(a) < place(b) ? -1 : place(a) > place(b);
}

int diff_memory(struct diff *diff)
{
	const struct image *a = diff->sides[0].info.image, *b = diff->sides[1].info.image;
	struct diff_symbols *symbols = diff_symbols_read(diff->sides[0].fd);
	long *pairs = xcalloc(a->region_count + 1, sizeof(*pairs));
	bool *taken = xcalloc(b->region_count + 1, sizeof(*taken));
	int r = 0;

	for (size_t i = 0; i < a->region_count; i++)
		pairs[i] = -1;
	pair_regions(a, b, pairs, taken, same_place);
	pair_regions(a, b, pairs, taken, same_part);
	for (size_t i = 0; i < a->region_count && !r; i++)
		r = add_diff_pair(diff, &a->regions[i], pairs[i] < 0 ? NULL : &b->regions[pairs[i]],
			     symbols);
	for (size_t i = 0; i < b->region_count && !r; i++)
		if (!taken[i])
			r = add_diff_pair(diff, NULL, &b->regions[i], symbols);
	if (diff->region_count)
		qsort(diff->regions, diff->region_count, sizeof(*diff->regions), by_place);
	diff_symbols_free(symbols);
	free(pairs);
	free(taken);
	return r;
}

void diff_free_memory(struct diff *diff)
{
	for (size_t i = 0; i < diff->region_count; i++) {
		for (size_t j = 0; j < diff->regions[i].symbol_count; j++)
			free(diff->regions[i].symbols[j].name);
		free(diff->regions[i].symbols);
	}
	free(diff->regions);
}
