/* SPDX-License-Identifier: MIT
 *
 * Objects of shared memory (memfd) and deleted files, which are made, filled, mapped and sealed
 * along with memory.
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

/* Gives the object its number, if it has one, and its size. */
static void settle_object(struct fd_step *step, long descriptor)
{
	const struct plan_file *file = step->file;

	if (file->number) {
		fd_settle(step, descriptor);
		descriptor = file->number;
		fd_set_offset(step, file->number);
	}
	fd_must(step, "recreate", descriptor);
	fd_must(step, "set the length of", sys(__NR_ftruncate, descriptor, file->memory.size));
	step->object = descriptor;
}

void restore_memory(struct fd_step *step)
{
	const struct plan_file *file = step->file;
	const char *name = plan_string(step->plan, file->path);
	uint64_t flags = file->memory.flags | (file->flags & O_CLOEXEC ? MFD_CLOEXEC : 0);

	settle_object(step, create_memory(name, flags));
}

/* The mode lets the descriptor be opened again, whatever the umask is; restore_status() sets the
 * right one. */
void restore_unnamed(struct fd_step *step)
{
	const struct plan_file *file = step->file;
	uint32_t close_on_exec = file->flags & O_CLOEXEC;
	long descriptor = sys(__NR_openat, AT_FDCWD, fd_data(step),
			      O_TMPFILE | O_RDWR | close_on_exec, 0600);

	if (sys_failed(descriptor)) {
		descriptor = create_memory("deleted", close_on_exec ? MFD_CLOEXEC : 0);
		warn("a deleted file is in memory, since none can be made in its directory:",
		     plan_string(step->plan, file->path));
	}
	if (!sys_failed(descriptor))
		sys(__NR_fchmod, descriptor, 0600);
	settle_object(step, descriptor);
}

#define BLOCK 4096

/* The content lies on pages of its own. */
static bool is_zero(const char *block)
{
	const uint64_t *words = (const uint64_t *)block;

	for (size_t i = 0; i < BLOCK / sizeof(*words); i++)
		if (words[i])
			return false;
	return true;
}

static void write_object(struct fd_step *step, const char *bytes, uint64_t length, uint64_t to)
{
	for (uint64_t done = 0; done < length;)
		done += (uint64_t)fd_must(step, "fill",
					  sys(__NR_pwrite64, step->object, bytes + done,
					      length - done, to + done));
}

/* A file with many holes has zeros between its pieces, which become holes again. */
void restore_fill(struct fd_step *step)
{
	const struct plan_file *file = step->file;
	const char *bytes = (const char *)file->fill.source;
	uint64_t length = file->fill.length, start, end;

	for (start = 0; start < length; start = end) {
		for (end = start; end < length && !is_zero(bytes + end); end += BLOCK)
			;
		if (end > length)
			end = length;
		write_object(step, bytes + start, end - start, file->offset + start);
		for (; end < length && is_zero(bytes + end); end += BLOCK)
			;
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
