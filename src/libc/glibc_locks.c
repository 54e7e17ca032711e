/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * glibc's locks, by their shape. Pure: words in, locks out.
 *
 * The shapes are those of glibc for 64-bit machines, the same from 2.30 to 2.41, where
 * words are 32 bits wide (nptl's sysdeps struct_mutex.h and struct_rwlock.h):
 *
 *   mutex   0 lock  1 count  2 owner  3 nusers  4 kind  5 spins, elision  6-9 list
 *   rwlock  0 readers  1 writers  2 wrphase_futex  3 writers_futex  4-5 padding
 *           6 cur_writer  7 shared  8-11 elision, padding  12 flags  13 padding
 */
#include <stdbool.h>

#include "libc/glibc.h"

#include "shared/plan.h"

/* Bits of a mutex's kind: nptl/pthreadP.h. */
enum mutex_kind {
	KIND_TYPE = 3,
	KIND_RECURSIVE = 1,
	KIND_ERRORCHECK = 2,
	KIND_ADAPTIVE = 3,
	KIND_ROBUST = 16,
	KIND_INHERIT = 32,
	KIND_PROTECT = 64,
	KIND_SHARED = 128,
	KIND_ALL = 0x3ff /* with pshared and the two of elision */
};

/* A priority-protected mutex has the ceiling in the lock word above this. */
#define PROTECT_LOCK_MASK ((UINT32_C(1) << 19) - 1)

#define MUTEX_OWNER 2
#define RWLOCK_OWNER 6

/* No more threads wait at one lock. */
#define USERS_MAX (UINT32_C(1) << 22)
#define USERS_OF_PARENT 64

/* A recursive mutex is not locked more often: each time takes a frame of the stack. */
#define COUNT_MAX 65536

/* Bits of a rwlock's `readers` that are both set while a writer has it:
 * PTHREAD_RWLOCK_WRPHASE and PTHREAD_RWLOCK_WRLOCKED. */
#define RWLOCK_WRITTEN UINT32_C(3)

static bool all_zero(const uint32_t *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (words[i])
			return false;
	return true;
}

/* The holder, and threads that wait at condition variables with it. A child of fork() still
 * counts its parent's. */
static uint32_t max_users(uint32_t kind, size_t threads)
{
	return kind & KIND_SHARED ? USERS_MAX : (uint32_t)threads + USERS_OF_PARENT;
}

/* Returns true if the words look like a mutex that `tid` holds and that depends on the TID.
 * *ret_lock_word: the lock word holds the TID, too. */
static bool is_mutex(const uint32_t *mutex, uint32_t tid, size_t threads, bool *ret_lock_word)
{
	uint32_t lock = mutex[0], count = mutex[1], users = mutex[3], kind = mutex[4];
	uint32_t type = kind & KIND_TYPE;

	/* Only adaptive ones count spins. */
	if (kind & ~KIND_ALL || users < 1 || users > max_users(kind, threads)
	    || (mutex[5] && type != KIND_ADAPTIVE))
		return false;
	/* Plain mutexes leave the count alone; all other protocols set it to 1 whatever the type
	 * (nptl/pthread_mutex_lock.c). */
	if (type == KIND_RECURSIVE ? count == 0 || count > COUNT_MAX : count > 1)
		return false;
	if (kind & (KIND_ROBUST | KIND_INHERIT)) {
		/* Only a robust mutex is in a list. */
		if (all_zero(mutex + 6, 4) == !!(kind & KIND_ROBUST))
			return false;
		*ret_lock_word = true;
		return (lock & PLAN_TID_MASK) == tid;
	}
	if (type != KIND_RECURSIVE && type != KIND_ERRORCHECK)
		return false;
	if (kind & KIND_PROTECT)
		lock &= PROTECT_LOCK_MASK;
	*ret_lock_word = false;
	return (lock == 1 || lock == 2) && all_zero(mutex + 6, 4);
}

/* Both futexes are 1 while a writer has the lock, and 3 if a thread has waited for them.
 * `readers` has three flags below a count, `writers` has one above a count of those that wait
 * (nptl/pthread_rwlock_common.c). */
static bool is_rwlock(const uint32_t *rwlock)
{
	return (rwlock[0] & RWLOCK_WRITTEN) == RWLOCK_WRITTEN && rwlock[0] >> 3 <= USERS_MAX
	       && (rwlock[1] & INT32_MAX) <= USERS_MAX && (rwlock[2] | 2) == 3
	       && (rwlock[3] | 2) == 3 && all_zero(rwlock + 4, 2) && rwlock[7] <= 1
	       && all_zero(rwlock + 8, 4) && rwlock[12] <= 2 && rwlock[13] == 0;
}

/* The `length` words of a lock whose word `owner` is at `index`. NULL: they are not all in the
 * window, or not aligned like a lock. */
static const uint32_t *lock_at(const struct locks_window *window, size_t index, size_t owner,
			       size_t length)
{
	size_t start = index - owner;

	if (index < owner || start + length > window->count
	    || (window->address + start * sizeof(uint32_t)) % sizeof(uint64_t) != 0)
		return NULL;
	return window->words + start;
}

static bool find_mutex(const struct locks_window *window, size_t index, size_t threads,
		       struct lock *lock)
{
	const uint32_t *mutex = lock_at(window, index, MUTEX_OWNER, LOCKS_MUTEX_WORDS);
	bool lock_word;

	if (!mutex || !is_mutex(mutex, window->words[index], threads, &lock_word))
		return false;
	lock->start = window->address + (index - MUTEX_OWNER) * sizeof(uint32_t);
	lock->end = lock->start + LOCKS_MUTEX_WORDS * sizeof(uint32_t);
	lock->robust = mutex[4] & KIND_ROBUST;
	if (lock_word)
		lock->fixups[lock->fixup_count++] = lock->start;
	lock->fixups[lock->fixup_count++] = lock->start + MUTEX_OWNER * sizeof(uint32_t);
	return true;
}

static bool find_rwlock(const struct locks_window *window, size_t index, struct lock *lock)
{
	const uint32_t *rwlock = lock_at(window, index, RWLOCK_OWNER, LOCKS_RWLOCK_WORDS);

	if (!rwlock || !is_rwlock(rwlock))
		return false;
	lock->start = window->address + (index - RWLOCK_OWNER) * sizeof(uint32_t);
	lock->end = lock->start + LOCKS_RWLOCK_WORDS * sizeof(uint32_t);
	lock->fixups[lock->fixup_count++] = lock->start + RWLOCK_OWNER * sizeof(uint32_t);
	return true;
}

bool glibc_is_lock(const struct locks_window *window, size_t index, size_t thread_count,
		   struct lock *ret_lock)
{
	return find_mutex(window, index, thread_count, ret_lock)
	       || find_rwlock(window, index, ret_lock);
}

/* ---- Half-taken locks -------------------------------------------------------------------- */

/* Owners that are no TID: none, PTHREAD_MUTEX_INCONSISTENT, PTHREAD_MUTEX_NOTRECOVERABLE. */
static bool is_no_owner(uint32_t owner)
{
	return owner == 0 || owner == INT32_MAX || owner == INT32_MAX - 1;
}

static bool is_plain_half_taken(const uint32_t *mutex, uint32_t tid)
{
	uint32_t type = mutex[4] & KIND_TYPE, owner = mutex[MUTEX_OWNER];

	return (type == KIND_RECURSIVE || type == KIND_ERRORCHECK)
	       && (mutex[0] == 1 || mutex[0] == 2) && (owner == 0 || owner == tid)
	       && all_zero(mutex + 6, 4);
}

/* Another thread may hold it. */
static bool is_protocol_half_taken(const uint32_t *mutex, const struct locks_context *context)
{
	uint32_t holder = mutex[0] & PLAN_TID_MASK, owner = mutex[MUTEX_OWNER];

	if (mutex[4] & KIND_PROTECT)
		holder = (mutex[0] & PROTECT_LOCK_MASK) <= 2 ? 0 : UINT32_MAX;
	return (holder == 0 || locks_find_thread(context, holder) < context->count)
	       && (is_no_owner(owner) || locks_find_thread(context, owner) < context->count);
}

static void add_fixup(struct lock *lock, size_t word)
{
	lock->fixups[lock->fixup_count++] = lock->start + word * sizeof(uint32_t);
}

enum lock_half_taken glibc_is_half_taken(const uint32_t *words,
					 const struct locks_context *context,
					 struct lock *lock)
{
	uint32_t tid = context->tids[lock->thread], kind = words[4];
	bool protocol = kind & (KIND_ROBUST | KIND_INHERIT | KIND_PROTECT), ignored;

	if (is_rwlock(words) && (words[RWLOCK_OWNER] == 0 || words[RWLOCK_OWNER] == tid))
		return LOCK_PLAIN;
	if (kind & ~KIND_ALL || words[3] > USERS_MAX
	    || !(protocol ? is_protocol_half_taken(words, context)
			  : is_plain_half_taken(words, tid)))
		return LOCK_NONE;
	if (words[MUTEX_OWNER] != tid || !is_mutex(words, tid, context->count, &ignored)) {
		if (words[MUTEX_OWNER] == tid)
			add_fixup(lock, MUTEX_OWNER);
		if (kind & (KIND_ROBUST | KIND_INHERIT) && (words[0] & PLAN_TID_MASK) == tid)
			add_fixup(lock, 0);
	}
	return protocol ? LOCK_PROTOCOL : LOCK_PLAIN;
}
