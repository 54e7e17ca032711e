/* SPDX-License-Identifier: MIT
 *
 * Restores an io_uring. A new one counts from 0, and only requests move the kernel's own
 * positions. So the restarter submits as many empty requests as the old io_uring had. Then it
 * copies the old content into the memory that the kernel and the program share.
 */
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/io_uring.h>
#include <linux/mman.h>

#include "descriptors.h"

struct ring {
	const struct plan_file *file;
	struct plan_ring_layout layout;
	long descriptor;
	unsigned char *rings, *entries;
};

static uint32_t ring_load(const struct ring *ring, uint32_t offset)
{
	return __atomic_load_n((uint32_t *)(ring->rings + offset), __ATOMIC_ACQUIRE);
}

static void ring_store(const struct ring *ring, uint32_t offset, uint32_t value)
{
	__atomic_store_n((uint32_t *)(ring->rings + offset), value, __ATOMIC_RELEASE);
}

static long ring_map(const struct ring *ring, uint64_t size, uint64_t offset)
{
	return sys(__NR_mmap, 0, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
		   ring->descriptor, offset);
}

/* Makes the kernel process the entries up to the position `end`. All are zero, which is
 * IORING_OP_NOP. */
static long ring_submit(const struct ring *ring, const struct io_uring_params *params,
			uint32_t end)
{
	uint32_t flags = IORING_ENTER_GETEVENTS;

	if (params->flags & IORING_SETUP_SQPOLL)
		flags |= IORING_ENTER_SQ_WAKEUP;
	ring_store(ring, params->sq_off.tail, end);
	while (ring_load(ring, params->cq_off.tail) != end) {
		uint32_t left = end - ring_load(ring, params->sq_off.head);
		uint32_t open = end - ring_load(ring, params->cq_off.head);
		long result = sys(__NR_io_uring_enter, ring->descriptor, left, open, flags, 0, 0);

		if (sys_failed(result) && result != -EINTR && result != -EAGAIN)
			return result;
	}
	ring_store(ring, params->cq_off.head, end);
	return 0;
}

static long ring_count_up(const struct ring *ring, const struct io_uring_params *params)
{
	uint32_t count = (uint32_t)ring->file->ring.count;
	uint32_t step = params->sq_entries;
	long failed = 0;

	for (uint32_t at = 0; at != count && !failed;) {
		at = count - at < step ? count : at + step;
		failed = ring_submit(ring, params, at);
	}
	return failed;
}

static void ring_fill(const struct ring *ring, const char *at, const char *end)
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

static int ring_has_same_layout(const struct ring *ring, const struct io_uring_params *params)
{
	return !memcmp(&params->sq_off, ring->layout.submission, sizeof(params->sq_off))
	       && !memcmp(&params->cq_off, ring->layout.completion, sizeof(params->cq_off));
}

/* Restores positions and memory. */
static long ring_restore(struct ring *ring, const struct io_uring_params *params,
			 const char *data)
{
	long rings = ring_map(ring, ring->layout.size, IORING_OFF_SQ_RING);
	long entries = ring_map(ring, ring->layout.entries_size, IORING_OFF_SQES);
	long failed = sys_failed(rings) ? rings : sys_failed(entries) ? entries : 0;

	ring->rings = (unsigned char *)rings;
	ring->entries = (unsigned char *)entries;
	if (!failed)
		failed = ring_count_up(ring, params);
	if (!failed)
		ring_fill(ring, data + sizeof(ring->layout), data + ring->file->length);
	if (!sys_failed(rings))
		sys(__NR_munmap, rings, ring->layout.size);
	if (!sys_failed(entries))
		sys(__NR_munmap, entries, ring->layout.entries_size);
	return failed;
}

/* Returns its descriptor, which has O_CLOEXEC; or -errno, and in *ret_what the message for
 * it. */
static long ring_make(const struct plan_file *file, const char *data, const char **ret_what)
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
	if (!ring_has_same_layout(&ring, &params)) {
		*ret_what = "restore, with this kernel's layout, the io_uring of";
		return -EINVAL;
	}
	*ret_what = "restore the io_uring of";
	failed = ring_restore(&ring, &params, data);
	return failed ? failed : ring.descriptor;
}

void restore_ring(struct fd_step *step)
{
	const struct plan_file *file = step->file;
	const char *what;
	long descriptor = ring_make(file, fd_data(step), &what);

	fd_must(step, what, descriptor);
	fd_settle(step, descriptor);
	if (descriptor == file->number && !(file->flags & O_CLOEXEC))
		sys(__NR_fcntl, descriptor, F_SETFD, 0);
}

void restore_registered(struct fd_step *step)
{
	const struct plan_file *file = step->file;

	fd_must(step, "restore the registrations of",
		sys(__NR_io_uring_register, file->number, file->registered.opcode,
		    fd_data(step), file->registered.count));
}
