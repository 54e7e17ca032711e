/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Recognises locks in memory: a lock names its owner by a TID, and each libc knows the shape of
 * the words around it. Pure, except locks_is_listed: words in, locks out.
 */
#include "libc/locks.h"

/* The kernel looks at no more (ROBUST_LIST_LIMIT). */
#define ROBUST_MAX 2048

static bool is_lock(const struct locks_window *window, size_t index, size_t threads,
		    struct lock *lock)
{
	for (size_t i = 0; libc_backends[i]; i++)
		if (libc_backends[i]->is_lock
		    && libc_backends[i]->is_lock(window, index, threads, lock))
			return true;
	return false;
}

void locks_scan(const struct locks_window *window, const struct locks_context *context,
		void (*found)(void *arg, const struct lock *lock), void *arg)
{
	for (size_t i = window->first; i < window->last; i++) {
		struct lock lock = { 0 };
		size_t thread;

		if (window->words[i] == 0)
			continue;
		thread = locks_find_thread(context, window->words[i]);
		if (thread == context->count)
			continue;
		lock.thread = thread;
		if (is_lock(window, i, context->count, &lock))
			found(arg, &lock);
	}
}

enum lock_half_taken locks_half_taken(const uint32_t *words, const struct locks_context *context,
				      struct lock *lock)
{
	enum lock_half_taken kind = LOCK_NONE;

	for (size_t i = 0; libc_backends[i] && kind == LOCK_NONE; i++)
		if (libc_backends[i]->is_half_taken)
			kind = libc_backends[i]->is_half_taken(words, context, lock);
	return kind;
}

/* struct robust_list_head (linux/futex.h): the first entry, the distance from an entry to its
 * lock, one that is being added or removed. The lowest bit of an entry is a flag. */
bool locks_is_listed(struct capture *capture, const struct lock *lock)
{
	uint64_t head = capture->image->threads[lock->thread].robust_list, words[3];
	uint64_t entry;

	if (!head || capture_peek(capture, head, words, sizeof(words)))
		return false;
	entry = words[0];
	for (size_t i = 0; i < ROBUST_MAX && (entry & ~UINT64_C(1)) != head; i++) {
		if ((entry & ~UINT64_C(1)) + words[1] == lock->start)
			return true;
		if (capture_peek(capture, entry & ~UINT64_C(1), &entry, sizeof(entry)))
			return false;
	}
	return words[2] && (words[2] & ~UINT64_C(1)) + words[1] == lock->start;
}
