/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the objects in a process export.
 */
#include "elf/exported.h"

#include "shared/exports.h"

uint64_t elf_exported_by(struct capture *capture, const struct region *region,
			     const char *name)
{
	struct exports exports = { .read = capture_peek_at, .context = capture };

	if (!(region->prot & 1 /* read */) || region->flags & REGION_SHARED
	    || region_is_added(region)
	    || !exports_open(&exports, region->range.start, (uint16_t)capture->image->machine))
		return 0;
	return exports_find(&exports, name);
}
