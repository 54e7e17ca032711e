/* SPDX-License-Identifier: MIT
 *
 * An io_uring as it was. A new one counts from 0. The kernel's own positions can only be moved by
 * requests, so as many are made that do nothing as the old one has had; its memory, which kernel
 * and program share, is then filled with what it held.
 */
#include <linux/errno.h>
#include <linux/io_uring.h>
#include <linux/mman.h>

#include "restarter.h"

struct ring {
	const struct plan_file *file;
	struct plan_ring_layout layout;
	long descriptor;
	unsigned char *rings, *entries;
};

static uint32_t load(const struct ring *ring, uint32_t offset)
{
	return __atomic_load_n((uint32_t *)(ring->rings + offset), __ATOMIC_ACQUIRE);
}

static void store(const struct ring *ring, uint32_t offset, uint32_t value)
{
	__atomic_store_n((uint32_t *)(ring->rings + offset), value, __ATOMIC_RELEASE);
}

static long map(const struct ring *ring, uint64_t size, uint64_t offset)
{
	return sys(__NR_mmap, 0, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
		   ring->descriptor, offset);
}

/* Has the kernel do what is in the entries, which are zeros (IORING_OP_NOP is 0), up to the
 * position `end`. */
static long submit(const struct ring *ring, const struct io_uring_params *params, uint32_t end)
{
	uint32_t flags = IORING_ENTER_GETEVENTS;

	if (params->flags & IORING_SETUP_SQPOLL)
		flags |= IORING_ENTER_SQ_WAKEUP;
	store(ring, params->sq_off.tail, end);
	while (load(ring, params->cq_off.tail) != end) {
		uint32_t left = end - load(ring, params->sq_off.head);
		uint32_t open = end - load(ring, params->cq_off.head);
		long result = sys(__NR_io_uring_enter, ring->descriptor, left, open, flags, 0, 0);

		if (sys_failed(result) && result != -EINTR && result != -EAGAIN)
			return result;
	}
	store(ring, params->cq_off.head, end);
	return 0;
}

static long count_up(const struct ring *ring, const struct io_uring_params *params)
{
	uint32_t count = (uint32_t)ring->file->ring.count;
	uint32_t step = params->sq_entries;
	long failed = 0;

	for (uint32_t at = 0; at != count && !failed;) {
		at = count - at < step ? count : at + step;
		failed = submit(ring, params, at);
	}
	return failed;
}

static void fill(const struct ring *ring, const char *at, const char *end)
{
	while (at < end) {
		struct plan_ring_piece piece;
		unsigned char *to;

		memcpy(&piece, at, sizeof(piece));
		at += sizeof(piece);
		to = piece.offset >= IORING_OFF_SQES
		     ? ring->entries + (piece.offset - IORING_OFF_SQES)
		     : ring->rings + piece.offset;
		memcpy(to, at, piece.length);
		at += piece.length;
	}
}

static int is_laid_out_alike(const struct ring *ring, const struct io_uring_params *params)
{
	return !memcmp(&params->sq_off, ring->layout.submission, sizeof(params->sq_off))
	       && !memcmp(&params->cq_off, ring->layout.completion, sizeof(params->cq_off));
}

/* Its positions and its memory. */
static long restore(struct ring *ring, const struct io_uring_params *params, const char *data)
{
	long rings = map(ring, ring->layout.size, IORING_OFF_SQ_RING);
	long entries = map(ring, ring->layout.entries_size, IORING_OFF_SQES);
	long failed = sys_failed(rings) ? rings : sys_failed(entries) ? entries : 0;

	ring->rings = (unsigned char *)rings;
	ring->entries = (unsigned char *)entries;
	if (!failed)
		failed = count_up(ring, params);
	if (!failed)
		fill(ring, data + sizeof(ring->layout), data + ring->file->length);
	if (!sys_failed(rings))
		sys(__NR_munmap, rings, ring->layout.size);
	if (!sys_failed(entries))
		sys(__NR_munmap, entries, ring->layout.entries_size);
	return failed;
}

long rings_make(const struct plan_file *file, const char *data, const char **ret_what)
{
	struct io_uring_params params;
	struct ring ring = { .file = file };
	long failed;

	memcpy(&ring.layout, data, sizeof(ring.layout));
	memset(&params, 0, sizeof(params));
	params.flags = (uint32_t)file->ring.flags;
	params.cq_entries = (uint32_t)file->ring.completions;
	params.sq_thread_idle = (uint32_t)file->ring.idle;
	*ret_what = "set up an io_uring for";
	ring.descriptor = sys(__NR_io_uring_setup, file->ring.entries, &params);
	if (sys_failed(ring.descriptor))
		return ring.descriptor;
	if (!is_laid_out_alike(&ring, &params)) {
		*ret_what = "use an io_uring, which this kernel lays out otherwise, for";
		return -EINVAL;
	}
	*ret_what = "restore the io_uring of";
	failed = restore(&ring, &params, data);
	return failed ? failed : ring.descriptor;
}

/* ---- Where it was mapped ---------------------------------------------------------------- */

/* The kernel refuses every address that it is asked for (io_uring_get_unmapped_area, since 6.4;
 * mremap asks it, too). So all free addresses but those are taken for a moment. */

#define TAKEN_ROOM 65536
#define LARGEST (UINT64_C(1) << 46)

struct taken {
	uint64_t start, length;
};

struct takings {
	struct taken *list; /* NULL: not needed yet */
	size_t count;
};

static long map_anywhere(uint64_t length, uint64_t prot)
{
	return sys(__NR_mmap, 0, length, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
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

static long map_again(const struct plan *plan, const struct plan_file *file,
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

const struct plan_file *rings_map(const struct plan *plan, const struct plan_file *first,
				  long *ret_error)
{
	const struct plan_file *all = plan_at(plan, plan->files), *end = all + plan->files.count;
	struct takings taken = { 0 };
	const struct plan_file *failed = NULL;

	for (const struct plan_file *file = first;
	     !failed && file < end && file->kind == first->kind; file++) {
		*ret_error = map_again(plan, file, &taken);
		if (*ret_error == (long)file->map.start)
			continue;
		failed = file;
		if (!sys_failed(*ret_error))
			*ret_error = -EEXIST;
	}
	give_back(&taken);
	return failed;
}
