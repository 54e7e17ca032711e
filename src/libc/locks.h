/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Recognises locks in memory that name their owner by its TID. A resumed thread has a new TID.
 */
#ifndef LIBC_LOCKS_H
#define LIBC_LOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libc/libc.h"

/* The owners. A thread's index is that of its TID. */
struct locks_context {
	const uint32_t *tids;
	size_t count;
};

/* Memory to scan. Locks whose owner word is in [first, last) are found. Up to LOCKS_MARGIN words
 * on both sides are only read for their shape. */
struct locks_window {
	const uint32_t *words;
	size_t count;
	size_t first, last;
	uint64_t address; /* of words[0] */
};
#define LOCKS_MARGIN 16

/* A lock, and the addresses of its words that hold the TID. */
struct lock {
	uint64_t start, end;
	uint32_t thread;
	bool robust; /* a lock only if it is in its thread's list: locks_is_listed */
	uint32_t fixup_count;
	uint64_t fixups[2];
};

/* Calls found() for each lock that one of the threads holds and that depends on its owner's TID:
 * recursive, error-checking, robust and priority-inheriting mutexes, and rwlocks held for
 * writing. */
void locks_scan(const struct locks_window *window, const struct locks_context *context,
		void (*found)(void *arg, const struct lock *lock), void *arg);

/* Returns true if the lock is in its thread's list of robust mutexes. */
bool locks_is_listed(struct capture *capture, const struct lock *lock);

/* Words of a mutex and of a rwlock, in glibc and musl for 64-bit machines. */
#define LOCKS_MUTEX_WORDS 10
#define LOCKS_RWLOCK_WORDS 14

/* Looks at LOCKS_RWLOCK_WORDS words, at lock->start, for a lock that the thread of index
 * lock->thread has half taken. Adds fixups to the lock for those of its words that locks_scan
 * does not find in this state. */
enum lock_half_taken locks_half_taken(const uint32_t *words, const struct locks_context *context,
				      struct lock *lock);

/* The index of the thread with that TID, or context->count. */
static inline size_t locks_find_thread(const struct locks_context *context, uint32_t tid)
{
	size_t i = 0;

	while (i < context->count && context->tids[i] != tid)
		i++;
	return i;
}

#endif
