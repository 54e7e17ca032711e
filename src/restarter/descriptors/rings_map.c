/* SPDX-License-Identifier: MIT
 *
 * Maps io_urings at their old addresses. The kernel rejects every address hint for such a
 * mapping (io_uring_get_unmapped_area, since 6.4; mremap asks it, too). So all other free
 * addresses are reserved while it is mapped.
 */
#include <linux/errno.h>
#include <linux/mman.h>

#include "descriptors.h"


#define TAKEN_ROOM 65536
#define LARGEST (UINT64_C(1) << 62) /* no machine has more for a program */

struct taken {
	uint64_t start, length;
};

struct takings {
	struct taken *list; /* NULL: not needed yet */
	size_t count;
};

static long map_anywhere(uint64_t length, uint64_t prot)
{
	return sys(__NR_mmap, 0, length, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		   -1, 0);
}

static long take_all(struct takings *taken, uint64_t page)
{
	long list = map_anywhere(TAKEN_ROOM * sizeof(struct taken), PROT_READ | PROT_WRITE);

	if (sys_failed(list))
		return list;
	taken->list = (struct taken *)list;
	for (uint64_t length = LARGEST; length >= page;) {
		long start = map_anywhere(length, PROT_NONE);

		if (sys_failed(start))
			length /= 2;
		else if (taken->count < TAKEN_ROOM)
			taken->list[taken->count++] = (struct taken){ (uint64_t)start, length };
		else
			return -ENOMEM;
	}
	return 0;
}

static void give_back(const struct takings *taken)
{
	for (size_t i = 0; i < taken->count; i++)
		sys(__NR_munmap, taken->list[i].start, taken->list[i].length);
	if (taken->list)
		sys(__NR_munmap, taken->list, TAKEN_ROOM * sizeof(struct taken));
}

static long map_ring(const struct plan *plan, const struct plan_file *file,
		      struct takings *taken)
{
	uint64_t start = file->map.start, length = file->map.length;
	long result = sys(__NR_mmap, start, length, file->map.prot, MAP_SHARED | MAP_FIXED,
			  file->number, file->offset);

	if (result != -EINVAL)
		return result;
	result = taken->list ? 0 : take_all(taken, plan->page_size);
	if (sys_failed(result))
		return result;
	sys(__NR_munmap, start, length);
	return sys(__NR_mmap, 0, length, file->map.prot, MAP_SHARED, file->number, file->offset);
}

/* The first step maps all of them. */
void restore_ring_mappings(struct fd_step *step)
{
	const struct plan *plan = step->plan;
	const struct plan_file *all = plan_at(plan, plan->files), *end = all + plan->files.count;
	const struct plan_file *file = step->file;
	struct takings taken = { 0 };

	if (file != all && file[-1].kind == file->kind)
		return;
	for (; file < end && file->kind == step->file->kind; file++) {
		const struct fd_step this = { .plan = plan, .file = file };
		long result = map_ring(plan, file, &taken);

		if (result != (long)file->map.start)
			fd_give_up(&this, "restore the mapping of the io_uring of",
				   sys_failed(result) ? result : -EEXIST);
	}
	give_back(&taken);
}
