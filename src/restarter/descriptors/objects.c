/* SPDX-License-Identifier: MIT
 *
 * Objects of shared memory (memfd), which are made, filled, mapped and sealed along with
 * memory.
 */
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/memfd.h>
#include <linux/mman.h>

#include "descriptors.h"

/* If vm.memfd_noexec is 2 (since 6.3), the kernel requires MFD_NOEXEC_SEAL. */
static long create_memory(const char *name, uint64_t flags)
{
	long descriptor = sys(__NR_memfd_create, name, flags);

	if (descriptor == -EACCES)
		descriptor = sys(__NR_memfd_create, name, flags | 8 /* MFD_NOEXEC_SEAL */);
	return descriptor;
}

void restore_memory(struct fd_step *step)
{
	const struct plan_file *file = step->file;
	const char *name = plan_string(step->plan, file->path);
	uint64_t flags = file->memory.flags | (file->flags & O_CLOEXEC ? MFD_CLOEXEC : 0);
	long descriptor = create_memory(name, flags);

	if (file->number) {
		fd_settle(step, descriptor);
		descriptor = file->number;
		fd_set_offset(step, file->number);
	}
	fd_must(step, "recreate", descriptor);
	fd_must(step, "set the length of", sys(__NR_ftruncate, descriptor, file->memory.size));
	step->object = descriptor;
}

void restore_fill(struct fd_step *step)
{
	const struct plan_file *file = step->file;

	for (uint64_t done = 0; done < file->fill.length;) {
		long wrote = sys(__NR_pwrite64, step->object, file->fill.source + done,
				 file->fill.length - done, file->offset + done);

		done += (uint64_t)fd_must(step, "fill", wrote);
	}
}

void restore_map(struct fd_step *step)
{
	const struct plan_file *file = step->file;

	fd_must(step, "map", sys(__NR_mmap, file->map.start, file->map.length, file->map.prot,
				 MAP_SHARED | MAP_FIXED | file->flags, step->object,
				 file->offset));
}

void restore_seal(struct fd_step *step)
{
	fd_must(step, "seal",
		sys(__NR_fcntl, step->object, F_ADD_SEALS, step->file->seal.seals));
}
