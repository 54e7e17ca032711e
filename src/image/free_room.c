/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finds free addresses in the gaps between regions, which are sorted.
 */
#include "image/free_room.h"

struct search {
	const struct image *image;
	const struct room *room;
};

/* The start of region i. The old vDSO's data was just below its code, and the new vDSO may move its
 * data there, so that place belongs to the region of the code. */
static uint64_t region_start(const struct image *image, size_t i)
{
	const struct plan_vdso *vdso = &image->vdso;
	uint64_t start = image->regions[i].range.start;

	return vdso->address && start == vdso->address && vdso->start < start ? vdso->start : start;
}

/* Gap i lies before region i; the last one lies after all regions. */
static struct range gap_before(const struct image *image, size_t i)
{
	return (struct range){ i ? image->regions[i - 1].range.end : 0,
			       i < image->region_count ? region_start(image, i) : UINT64_MAX };
}

/* Returns the address in the gap, or 0 if the gap is too small. */
static uint64_t fit_in_gap(const struct search *search, struct range gap)
{
	const struct room *room = search->room;
	uint64_t page = search->image->page_size, distance = room->distance, start, end;

	start = gap.start ? gap.start + distance : 0;
	end = gap.end == UINT64_MAX ? gap.end : gap.end - (gap.end < distance ? gap.end : distance);
	start = align_up(start > room->within.start ? start : room->within.start, page);
	end = end < room->within.end ? end : room->within.end;
	if (start >= end || end - start < room->length)
		return 0;
	if (!room->highest)
		return start;
	end = align_down(end - room->length, page);
	return end >= start ? end : 0;
}

/* `avoid` may divide a gap into two. */
static uint64_t fit_around(const struct search *search, struct range gap)
{
	const struct range avoid = search->room->avoid;
	struct range below = gap, above = gap;
	uint64_t first, second;

	if (avoid.start >= avoid.end || !range_overlaps(gap, avoid))
		return fit_in_gap(search, gap);
	below.end = avoid.start > gap.start ? avoid.start : gap.start;
	above.start = avoid.end < gap.end ? avoid.end : gap.end;
	first = fit_in_gap(search, search->room->highest ? above : below);
	second = fit_in_gap(search, search->room->highest ? below : above);
	return first ? first : second;
}

uint64_t image_find_room(const struct image *image, const struct room *room)
{
	const struct search search = { image, room };
	uint64_t address = 0;

	for (size_t i = 0; i <= image->region_count && !address; i++)
		address = fit_around(&search, gap_before(image, room->highest
								? image->region_count - i
								: i));
	return address;
}
