/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Decides which memory of the dump is lazy, mapped from its file, and which is anonymous as
 * before; reports where lazy memory differs from the original's. See enum image_memory.
 */
#include <inttypes.h>

#include "analysis/analysis.h"
#include "analysis/redirect_sites.h"

/* Up to this total, memory with MAP_NORESERVE is copied, which costs a start less than opening a
 * file. */
#define COPY_NORESERVE (UINT64_C(128) << 10)

static bool is_lazy(const struct image *image, const struct region *region)
{
	const uint32_t never = REGION_ANONYMOUS | REGION_GROWSDOWN | REGION_WIPEONFORK;

	return image->memory != IMAGE_MEMORY_COPY && region_was_anonymous(region)
	       && !(region->flags & never);
}

/* Bytes of content in lazy regions with the flag. */
static uint64_t count_content(const struct image *image, uint32_t flag)
{
	uint64_t count = 0;

	for (size_t i = 0; i < image->region_count; i++) {
		const struct region *region = &image->regions[i];

		for (size_t j = 0; region->flags & flag && is_lazy(image, region)
				   && j < region->data_count; j++)
			count += range_length(region->data[j]);
	}
	return count;
}

/* The kernel's mappings of a program's segments count against the limit of memory, and that cannot
 * be changed later. */
static void settle_noreserve(struct image *image, struct report *report)
{
	uint64_t content = count_content(image, REGION_NORESERVE);

	if (content > COPY_NORESERVE) {
		report_note(report, MEMORY_KIND, "%" PRIu64 " KB of MAP_NORESERVE memory count "
			    "against the memory limit in the dump", content >> 10);
		return;
	}
	for (size_t i = 0; i < image->region_count; i++)
		if (image->regions[i].flags & REGION_NORESERVE && image->regions[i].data_count
		    && is_lazy(image, &image->regions[i]))
			image->regions[i].flags |= REGION_ANONYMOUS;
}

/* The kernel merges no pages of files. A process that has requested merging of all its memory
 * (PR_SET_MEMORY_MERGE) has no special wish for these regions. */
static void settle_mergeable(struct image *image, struct report *report)
{
	uint64_t content = count_content(image, REGION_MERGEABLE);

	if (!content || image->memory != IMAGE_MEMORY_AUTO || image->process.memory_merge)
		return;
	for (size_t i = 0; i < image->region_count; i++)
		if (image->regions[i].flags & REGION_MERGEABLE && is_lazy(image, &image->regions[i]))
			image->regions[i].flags |= REGION_ANONYMOUS;
	report_note(report, MEMORY_KIND, "%" PRIu64 " KB of mergeable memory "
		    "(MADV_MERGEABLE) are read when the dump starts", content >> 10);
}

static void say_huge_pages(const struct image *image, struct report *report)
{
	uint64_t content = count_content(image, REGION_HUGEPAGE);

	if (content)
		report_note(report, MEMORY_KIND, "%" PRIu64 " KB of memory for huge pages have "
			    "small pages in the dump; --memory=copy preserves huge pages",
			    content >> 10);
}

/* Calls that cannot be redirected may need anonymous memory, so all of it is copied. */
static void copy_for_lost_calls(struct image *image, const struct redirect_sites *sites,
				struct report *report)
{
	const struct arch_call_site *call = sites->lost;
	const struct region *region;

	if (!sites->lost_count || image->memory != IMAGE_MEMORY_AUTO)
		return;
	region = image_find(image, call->instruction);
	image->memory = IMAGE_MEMORY_COPY;
	report_add(report, UNEXEC_NOTE, UNEXEC_CODE_MEMORY_KIND, 0, call->instruction, call->end,
		   "memory is copied at each start (memory=copy): %zu system calls such as the one "
		   "at %#llx in %s may need anonymous memory and cannot be redirected",
		   sites->lost_count, (unsigned long long)call->instruction,
		   region->name[0] ? region->name : "generated code");
}

void analysis_choose_memory(struct capture *capture, enum image_memory asked,
			    const struct redirect_sites *sites, struct report *report)
{
	struct image *image = capture->image;

	if (asked != IMAGE_MEMORY_COPY)
		copy_for_lost_calls(image, sites, report);
	if (asked == IMAGE_MEMORY_LAZY && image->memory == IMAGE_MEMORY_COPY)
		report_warning(report, MEMORY_KIND, "memory is lazy as requested, although the "
			       "program depends on anonymous memory");
	if (asked != IMAGE_MEMORY_AUTO)
		image->memory = asked;
	settle_noreserve(image, report);
	settle_mergeable(image, report);
	say_huge_pages(image, report);
}
