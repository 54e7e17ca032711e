/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keeps the shadow memory of sanitizers. AddressSanitizer and its kin mark it MADV_DONTDUMP,
 * since it is of no use to readers of a core. But a dumped program continues, and could not
 * detect anything without it. Other memory with MADV_DONTDUMP is zero in the dump, as the
 * program requested.
 */
#include <errno.h>

#include "elf/lookup.h"
#include "process/pagemap.h"
#include "process/regions.h"
#include "process/shadows.h"
#include "base/xalloc.h"

void process_warn_zeroed(struct process *process, struct range range, const char *name)
{
	report_add(process->report, UNEXEC_WARNING, UNEXEC_CODE_NOT_CARRIED, 0, range.start,
		   range.end, "zero in the dump, as requested by madvise: %s at %#lx-%#lx", name,
		   (unsigned long)range.start, (unsigned long)range.end);
}

void process_note_not_dumped(struct process *process, struct range range)
{
	xgrow(process->not_dumped, process->not_dumped_count, process->not_dumped_room);
	process->not_dumped[process->not_dumped_count++] = range;
}

/* Is one of the symbols exported that the runtimes define, also when linked statically? */
static bool has_sanitizer(struct capture *capture)
{
	static const char *const runtimes[] = { "__asan_init", "__msan_init", "__tsan_init" };
	const struct image *image = capture->image;

	for (size_t i = 0; i < image->region_count; i++) {
		const struct region *region = &image->regions[i];

		for (size_t j = 0; j < sizeof(runtimes) / sizeof(*runtimes)
				   && region->name[0] == '/' && !region->offset; j++)
			if (elf_find_exported(capture, region, runtimes[j]))
				return true;
	}
	return false;
}

/* Shadow memory is sparse and huge, therefore mapped with MAP_NORESERVE. */
static bool is_shadow(const struct region *region)
{
	return region->flags & REGION_NORESERVE && region_was_anonymous(region);
}

void process_keep_shadows(struct process *process)
{
	struct image *image = process->capture.image;
	bool sanitizer = process->not_dumped_count && has_sanitizer(&process->capture);
	bool kept = false;

	for (size_t i = 0; i < process->not_dumped_count; i++) {
		struct range range = process->not_dumped[i];
		struct region *region = (struct region *)image_find(image, range.start);

		if (!sanitizer || !region || !is_shadow(region)) {
			process_warn_zeroed(process, range,
						region && *region->name ? region->name : "memory");
			continue;
		}
		kept = true;
		region->flags |= REGION_ANONYMOUS;
		if (pagemap_add_data(process->handoff.fds.pagemap, region->range,
				     image->page_size, region))
			report_errno(process->report, READ, "cannot read pagemap in /proc");
	}
	/* The runtime frees and moves memory by its own system calls. */
	if (kept)
		capture_need_anonymous(&process->capture, process->report,
				       "it is under a sanitizer");
}
