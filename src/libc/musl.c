/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * musl. Most of what a dump needs comes from what is common to all libcs: the TID word is found
 * by code (tid_code.c), environ by its symbol, and there is no area for restartable sequences.
 * Held mutexes are in lists. The questions without an answer, and where one would come from:
 *
 *   is_half_taken    a waiting thread reads its TID again (src/thread/pthread_mutex_trylock.c)
 *   thread_stack     ends at `stack` and has stack_size bytes (struct pthread, pthread_impl.h)
 *   trim_exit_list   blocks of 32 functions, not mangled (src/exit/atexit.c)
 */
#include "arch_tls.h"
#include "libc/libc.h"

/* Distance from _m_next, which is the list item, to _m_lock and _m_prev. */
#define LOCK_DISTANCE (-28)
#define PREVIOUS_DISTANCE (-8)
/* The list is among the first bytes of a control block (musl 1.2: at 136). */
#define BLOCK_LENGTH 512
/* A list that is longer is none. */
#define LIST_MAX (1 << 20)

static bool peek(struct capture *capture, uint64_t address, void *ret, size_t size)
{
	return !capture_peek(capture, address, ret, size);
}

/* Returns the next item if this one is a mutex of the thread that follows `previous`; else 0. */
static uint64_t next_mutex(struct capture *capture, uint64_t item, uint64_t previous, uint32_t tid)
{
	uint64_t back, next;
	uint32_t lock;

	if (item % sizeof(item) || !peek(capture, item + LOCK_DISTANCE, &lock, sizeof(lock))
	    || (lock & PLAN_TID_MASK) != tid
	    || !peek(capture, item + PREVIOUS_DISTANCE, &back, sizeof(back)) || back != previous
	    || !peek(capture, item, &next, sizeof(next)))
		return 0;
	return next;
}

/* Follows a list of held mutexes. Returns their number if it is one from end to end; else 0. */
static size_t follow_list(struct capture *capture, size_t thread, uint64_t head, uint64_t first,
			  bool fix)
{
	uint64_t previous = head, item = first;
	size_t count = 0;

	while (item != head && count < LIST_MAX) {
		uint64_t next = next_mutex(capture, item, previous,
					   capture->image->thread_tids[thread]);

		if (!next)
			return 0;
		if (fix)
			image_add_fixup(capture->image, &(struct plan_fixup){
				.address = item + LOCK_DISTANCE,
				.kind = PLAN_FIXUP_TID,
				.which = (uint32_t)thread,
			});
		previous = item;
		item = next;
		count++;
	}
	return item == head ? count : 0;
}

/* A thread's control block has the list of all mutexes that it holds and that record their owner,
 * also if it has no robust one and the kernel does not know the list (robust_list in struct
 * pthread: first item, distance or 0, item that is being added). The place of the list depends
 * on musl's version. It is recognised by its content: a ring of mutexes whose locks have the
 * thread's TID, and whose links lead back to the block. */
static void musl_fix_listed(struct capture *capture, size_t thread)
{
	uint64_t block = arch_control_block(capture->image->threads[thread].thread_pointer);
	uint64_t list[3];

	for (uint64_t head = block; head < block + BLOCK_LENGTH; head += sizeof(*list)) {
		if (!peek(capture, head, list, sizeof(list)))
			return;
		if (!list[0] || (list[1] && (int64_t)list[1] != LOCK_DISTANCE)
		    || !follow_list(capture, thread, head, list[0], false))
			continue;
		follow_list(capture, thread, head, list[0], true);
		return;
	}
}

const struct libc_backend libc_musl = {
	.name = "musl",
	.robust_distance = LOCK_DISTANCE,
	.canary_zero_byte = 1, /* src/env/__stack_chk_fail.c */
	.fix_listed = musl_fix_listed,
};
