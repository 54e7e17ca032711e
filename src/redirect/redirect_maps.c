/* SPDX-License-Identifier: MIT
 *
 * The mappings of the process, from /proc/self/maps.
 */
#include "redirect.h"

bool mappings_open(struct maps_reader *maps)
{
	maps_begin(maps, sys(__NR_openat, AT_FDCWD, "/proc/self/maps", O_RDONLY | O_CLOEXEC));
	return maps->descriptor >= 0;
}

bool mappings_next(struct maps_reader *maps, struct mapping *mapping)
{
	struct maps_entry entry;

	if (!maps_next(maps, &entry))
		return false;
	mapping->span = (struct span){ entry.start, entry.end };
	mapping->prot = entry.permissions[0] == 'r' ? PROT_READ : 0;
	mapping->prot |= entry.permissions[1] == 'w' ? PROT_WRITE : 0;
	mapping->prot |= entry.permissions[2] == 'x' ? PROT_EXEC : 0;
	mapping->shared = entry.permissions[3] != 'p';
	mapping->device = entry.device;
	mapping->inode = entry.inode;
	/* "[vdso]", "[vvar]"; but "[heap]" and "[stack]" are ordinary memory. */
	mapping->special = entry.name[0] == '[' && entry.name[1] == 'v';
	return true;
}

void mappings_close(const struct maps_reader *maps)
{
	sys(__NR_close, maps->descriptor);
}

bool mappings_find_own(struct mapping *own)
{
	uint64_t here = (uint64_t)&mappings_find_own;
	struct maps_reader maps;
	bool found = false;

	if (!mappings_open(&maps))
		return false;
	while (!found && mappings_next(&maps, own))
		found = here >= own->span.start && here < own->span.end;
	mappings_close(&maps);
	return found;
}
