/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An io_uring made with system calls alone. It keeps its own positions in each queue, as
 * liburing does for submissions, so it fails if the ring's positions change.
 */
#ifndef TESTS_RING_H
#define TESTS_RING_H

#include <errno.h>
#include <linux/io_uring.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "roundtrip.h"

#define RING_SQE128 (1U << 10)
#define RING_CQE32 (1U << 11)
#define RING_SINGLE_ISSUER (1U << 12)
#define RING_DEFER_TASKRUN (1U << 13)
#define RING_NO_SQARRAY (1U << 16)

struct ring {
	int fd;
	struct io_uring_params params;
	unsigned char *rings, *entries;
	size_t size, entries_size;
	uint32_t submitted, reaped; /* our own positions */
};

static inline uint32_t *ring_word(const struct ring *ring, uint32_t offset)
{
	return (uint32_t *)(void *)(ring->rings + offset);
}

static inline size_t ring_entry_size(const struct ring *ring)
{
	return ring->params.flags & RING_SQE128 ? 128 : 64;
}

/* False if this kernel has no such rings. */
static inline bool ring_open(struct ring *ring, uint32_t entries, uint32_t flags)
{
	size_t wide = flags & RING_CQE32 ? 32 : 16;

	memset(ring, 0, sizeof(*ring));
	ring->params.flags = flags;
	ring->fd = (int)syscall(SYS_io_uring_setup, entries, &ring->params);
	if (ring->fd < 0)
		return false;
	ring->size = ring->params.cq_off.cqes + ring->params.cq_entries * wide;
	if (!(flags & RING_NO_SQARRAY))
		ring->size = ring->params.sq_off.array + ring->params.sq_entries * 4;
	ring->entries_size = ring->params.sq_entries * ring_entry_size(ring);
	ring->rings = mmap(NULL, ring->size, PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd,
			   IORING_OFF_SQ_RING);
	ring->entries = mmap(NULL, ring->entries_size, PROT_READ | PROT_WRITE, MAP_SHARED,
			     ring->fd, IORING_OFF_SQES);
	CHECK(ring->rings != MAP_FAILED && ring->entries != MAP_FAILED);
	return true;
}

/* Fills in the next entry; ring_submit submits it. */
static inline struct io_uring_sqe *ring_next(struct ring *ring, unsigned char opcode,
					     uint64_t user_data)
{
	uint32_t index = ring->submitted++ & (ring->params.sq_entries - 1);
	struct io_uring_sqe *entry;

	entry = (void *)(ring->entries + index * ring_entry_size(ring));
	memset(entry, 0, ring_entry_size(ring));
	entry->opcode = opcode;
	entry->user_data = user_data;
	if (!(ring->params.flags & RING_NO_SQARRAY))
		ring_word(ring, ring->params.sq_off.array)[index] = index;
	return entry;
}

static inline void ring_publish(const struct ring *ring)
{
	__atomic_store_n(ring_word(ring, ring->params.sq_off.tail), ring->submitted,
			 __ATOMIC_RELEASE);
}

static inline void ring_submit(const struct ring *ring, unsigned wait)
{
	uint32_t *head = ring_word(ring, ring->params.sq_off.head);
	unsigned flags = IORING_ENTER_GETEVENTS;
	uint32_t left;

	if (ring->params.flags & IORING_SETUP_SQPOLL)
		flags |= IORING_ENTER_SQ_WAKEUP;
	ring_publish(ring);
	left = ring->submitted - __atomic_load_n(head, __ATOMIC_ACQUIRE);
	CHECK_EQUAL(syscall(SYS_io_uring_enter, ring->fd, left, wait, flags, NULL, 0), left);
}

/* Returns the result of the next completion, which must have that user data. */
static inline int ring_reap(struct ring *ring, uint64_t user_data)
{
	uint32_t tail = __atomic_load_n(ring_word(ring, ring->params.cq_off.tail),
					__ATOMIC_ACQUIRE);
	uint32_t index = ring->reaped & (ring->params.cq_entries - 1);
	unsigned wide = ring->params.flags & RING_CQE32 ? 1 : 0;
	const struct io_uring_cqe *entry;
	int result;

	CHECK(tail != ring->reaped);
	entry = (void *)(ring->rings + ring->params.cq_off.cqes
			 + (index * sizeof(struct io_uring_cqe) << wide));
	CHECK_EQUAL(entry->user_data, user_data);
	result = entry->res;
	__atomic_store_n(ring_word(ring, ring->params.cq_off.head), ++ring->reaped,
			 __ATOMIC_RELEASE);
	return result;
}

/* Submits `count` requests that do nothing, and waits for each. */
static inline void ring_use(struct ring *ring, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		ring_next(ring, IORING_OP_NOP, 1000 + i);
		ring_submit(ring, 1);
		CHECK_EQUAL(ring_reap(ring, 1000 + i), 0);
	}
}

static inline void ring_close(struct ring *ring)
{
	munmap(ring->rings, ring->size);
	munmap(ring->entries, ring->entries_size);
	close(ring->fd);
}

#endif
