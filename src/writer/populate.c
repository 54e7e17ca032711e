/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Chooses the pages that a start prefaults if the dump is not tuned.
 *
 * A first write to a page costs a fault and a copy, prefaulting costs the copy. Starts of
 * interpreters write 7 to 16 % of the pages that the process had written; Python's own end
 * writes 90 %. The first write costs 1.3 times as much as prefaulting on some machines, 10 times as
 * much on others. So the restarter prefaults all pages only where it has measured that faults are
 * dear, and the process is neither so small that it does not matter nor so large that most pages
 * stay unused.
 */
#include <stdlib.h>
#include <sys/mman.h>

#include "base/xalloc.h"
#include "writer/populate.h"

#define REST_SMALLEST (UINT64_C(2) << 20)
#define REST_LARGEST (UINT64_C(32) << 20)
/* Starts write most of a small region of a program's or library's data. */
#define SMALL_DATA (UINT64_C(64) << 10)
#define SURE_LIMIT (PLAN_PREFAULT_ROOM / 2)

struct addresses {
	uint64_t *list;
	size_t count, room;
};

static void add_address(struct addresses *addresses, uint64_t address)
{
	xgrow(addresses->list, addresses->count, addresses->room);
	addresses->list[addresses->count++] = address;
}

/* Is it a private mapping of the dump's file that the program can write to? */
static bool is_copied_on_write(const struct image *image, const struct region *region)
{
	const uint32_t other = REGION_SHARED | REGION_REOPEN | REGION_OBJECT | REGION_NORESERVE;

	return region->prot & PROT_WRITE && !(region->flags & other)
	       && !image_is_anonymous(image, region);
}

static void add_small_data(struct addresses *addresses, const struct image *image,
			   const struct region *region)
{
	if (region->name[0] != '/' || region->data_count != 1
	    || range_length(region->data[0]) > SMALL_DATA)
		return;
	for (uint64_t at = region->data[0].start; at < region->data[0].end; at += image->page_size)
		add_address(addresses, at);
}

/* The words that the start itself writes, and libc's data of each thread. */
static void add_written_by_start(struct addresses *addresses, const struct image *image)
{
	add_address(addresses, image->boot);
	for (size_t i = 0; i < image->fixup_count; i++)
		add_address(addresses, image->fixups[i].address);
	for (size_t i = 0; i < image->slot_count; i++)
		add_address(addresses, image->slots[i].address);
	for (size_t i = 0; i < image->thread_count; i++) {
		add_address(addresses, image->threads[i].thread_pointer);
		add_address(addresses, image->threads[i].clear_child_tid);
		add_address(addresses, image->threads[i].rseq);
	}
}

static int compare_addresses(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void choose_sure(const struct image *image, struct runs *sure)
{
	struct addresses addresses = { 0 };
	uint64_t page, end = 0;

	for (size_t i = 0; i < image->region_count; i++)
		if (is_copied_on_write(image, &image->regions[i]))
			add_small_data(&addresses, image, &image->regions[i]);
	add_written_by_start(&addresses, image);
	qsort(addresses.list, addresses.count, sizeof(*addresses.list), compare_addresses);
	for (size_t i = 0; i < addresses.count; i++) {
		const struct region *region = image_find(image, addresses.list[i]);

		page = align_down(addresses.list[i], image->page_size);
		if (page < end || !region || !is_copied_on_write(image, region))
			continue;
		end = page + image->page_size;
		runs_add(sure, (struct range){ page, end }, image->page_size);
	}
	free(addresses.list);
	runs_limit(sure, image, SURE_LIMIT);
}

static void choose_all(const struct image *image, struct runs *all)
{
	for (size_t i = 0; i < image->region_count; i++) {
		const struct region *region = &image->regions[i];

		for (size_t j = 0; is_copied_on_write(image, region) && j < region->data_count; j++)
			runs_add(all, region->data[j], image->page_size);
	}
}

void populate_choose(const struct image *image, struct runs *sure, struct runs *rest)
{
	uint64_t size;

	*sure = *rest = (struct runs){ 0 };
	if (image->prefault == IMAGE_PREFAULT_ALL) {
		choose_all(image, sure);
		runs_limit(sure, image, PLAN_PREFAULT_ROOM);
	}
	if (image->prefault != IMAGE_PREFAULT_AUTO)
		return;
	choose_sure(image, sure);
	choose_all(image, rest);
	size = rest->pages * image->page_size;
	if (size < REST_SMALLEST || size > REST_LARGEST)
		runs_free(rest);
	runs_limit(rest, image, PLAN_PREFAULT_ROOM - sure->count);
}
