/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Recognising locks: for real locks of every kind, locked by this thread, exactly the words are
 * found that hold its TID and that libc checks.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdbool.h>
#include <unistd.h>

#include "libc/locks.h"
#include "unit.h"

#define FOUND_MAX 64

struct found {
	size_t count;
	struct lock locks[FOUND_MAX];
};

static void note(void *arg, const struct lock *lock)
{
	struct found *found = arg;

	ck_assert_uint_lt(found->count, FOUND_MAX);
	found->locks[found->count++] = *lock;
}

static struct found scan(const void *memory, size_t length, uint32_t tid)
{
	const uint32_t tids[] = { UINT32_MAX, tid };
	const struct locks_context context = { tids, 2 };
	const struct locks_window window = {
		.words = memory,
		.count = length / sizeof(uint32_t),
		.last = length / sizeof(uint32_t),
		.address = (uintptr_t)memory,
	};
	struct found found = { 0 };

	locks_scan(&window, &context, note, &found);
	return found;
}

/* A mutex with plain memory around it. */
struct place {
	uint64_t before[8];
	pthread_mutex_t mutex;
	uint64_t after[8];
};

struct kind {
	int type, robust, protocol, shared;
};

static void init_mutex(pthread_mutex_t *mutex, const struct kind *kind)
{
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	ck_assert_int_eq(pthread_mutexattr_settype(&attr, kind->type), 0);
	ck_assert_int_eq(pthread_mutexattr_setrobust(&attr, kind->robust), 0);
	ck_assert_int_eq(pthread_mutexattr_setprotocol(&attr, kind->protocol), 0);
	ck_assert_int_eq(pthread_mutexattr_setpshared(&attr, kind->shared), 0);
	ck_assert_int_eq(pthread_mutex_init(mutex, &attr), 0);
	pthread_mutexattr_destroy(&attr);
}

/* The words that need a fixup: 0, 1 (owner) or 2 (lock, owner). */
static size_t expected_fixups(const struct kind *kind)
{
	if (kind->robust == PTHREAD_MUTEX_ROBUST || kind->protocol == PTHREAD_PRIO_INHERIT)
		return 2;
	return kind->type == PTHREAD_MUTEX_RECURSIVE || kind->type == PTHREAD_MUTEX_ERRORCHECK;
}

static void check_place(struct place *place, const struct kind *kind)
{
	uint64_t address = (uintptr_t)&place->mutex;
	size_t fixups = expected_fixups(kind);
	struct found found = scan(place, sizeof(*place), gettid());
	const struct lock *lock = &found.locks[0];

	ck_assert_msg(found.count == (fixups > 0), "type %d robust %d protocol %d: %zu locks",
		      kind->type, kind->robust, kind->protocol, found.count);
	if (fixups == 0)
		return;
	ck_assert_uint_eq(lock->start, address);
	ck_assert_uint_eq(lock->end, address + sizeof(place->mutex));
	ck_assert_uint_eq(lock->thread, 1);
	ck_assert_uint_eq(lock->fixup_count, fixups);
	ck_assert_uint_eq(lock->fixups[fixups - 1], address + 8);
	if (fixups == 2)
		ck_assert_uint_eq(lock->fixups[0], address);
}

/* Locks a mutex of the kind. False: this machine does not permit it. */
static bool check_kind(const struct kind *kind)
{
	struct place *place = calloc(1, sizeof(*place));
	bool locked;

	memset(place->before, 0xa5, sizeof(place->before));
	memset(place->after, 0x5a, sizeof(place->after));
	init_mutex(&place->mutex, kind);
	ck_assert_uint_eq(scan(place, sizeof(*place), gettid()).count, 0);
	locked = pthread_mutex_lock(&place->mutex) == 0;
	if (locked) {
		check_place(place, kind);
		if (kind->type == PTHREAD_MUTEX_RECURSIVE) {
			ck_assert_int_eq(pthread_mutex_lock(&place->mutex), 0);
			check_place(place, kind);
			ck_assert_int_eq(pthread_mutex_unlock(&place->mutex), 0);
		}
		ck_assert_int_eq(pthread_mutex_unlock(&place->mutex), 0);
		ck_assert_uint_eq(scan(place, sizeof(*place), gettid()).count, 0);
	}
	pthread_mutex_destroy(&place->mutex);
	free(place);
	return locked;
}

START_TEST(mutexes_of_every_kind)
{
	const int types[] = { PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_RECURSIVE,
			      PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_ADAPTIVE_NP };
	const int protocols[] = { PTHREAD_PRIO_NONE, PTHREAD_PRIO_INHERIT };
	const int shared[] = { PTHREAD_PROCESS_PRIVATE, PTHREAD_PROCESS_SHARED };
	struct kind kind = {
		.type = types[_i & 3],
		.robust = _i & 4 ? PTHREAD_MUTEX_ROBUST : PTHREAD_MUTEX_STALLED,
		.protocol = protocols[_i >> 3 & 1],
		.shared = shared[_i >> 4 & 1],
	};

	ck_assert(check_kind(&kind));
}
END_TEST

/* A ceiling of 1 needs the right to a real-time priority. Without it, the mutex is made by
 * hand. */
START_TEST(mutex_with_priority_ceiling)
{
	const struct kind kind = {
		.type = PTHREAD_MUTEX_ERRORCHECK,
		.robust = PTHREAD_MUTEX_STALLED,
		.protocol = PTHREAD_PRIO_PROTECT,
	};
	struct place place = { 0 };
	uint32_t *words = (uint32_t *)&place.mutex;

	check_kind(&kind);
	words[0] = UINT32_C(7) << 19 | 1;
	words[2] = gettid();
	words[3] = 1;
	words[4] = 64 | PTHREAD_MUTEX_ERRORCHECK;
	check_place(&place, &kind);
	words[0] = UINT32_C(7) << 19 | 3;
	ck_assert_uint_eq(scan(&place, sizeof(place), gettid()).count, 0);
}
END_TEST

START_TEST(rwlock_held_for_writing)
{
	struct {
		uint64_t before[4];
		pthread_rwlock_t lock;
		uint64_t after[4];
	} place;
	uint64_t address = (uintptr_t)&place.lock;
	struct found found;

	memset(&place, 0x5a, sizeof(place));
	pthread_rwlock_init(&place.lock, NULL);
	pthread_rwlock_rdlock(&place.lock);
	ck_assert_uint_eq(scan(&place, sizeof(place), gettid()).count, 0);
	pthread_rwlock_unlock(&place.lock);
	pthread_rwlock_wrlock(&place.lock);
	found = scan(&place, sizeof(place), gettid());
	ck_assert_uint_eq(found.count, 1);
	ck_assert_uint_eq(found.locks[0].start, address);
	ck_assert_uint_eq(found.locks[0].fixup_count, 1);
	ck_assert_uint_eq(found.locks[0].fixups[0], address + 24);
	pthread_rwlock_unlock(&place.lock);
	ck_assert_uint_eq(scan(&place, sizeof(place), gettid()).count, 0);
}
END_TEST

/* A value that no libc writes, in any word of a locked mutex, makes it no lock. */
START_TEST(numbers_are_no_locks)
{
	const struct { size_t word; uint32_t value; } spoil[] = {
		{ 0, 3 }, { 1, 2 }, { 2, 1 }, { 3, 0 }, { 3, UINT32_MAX }, { 4, 0 },
		{ 4, 0x1002 }, { 5, 1 }, { 6, 1 }, { 9, 1 },
	};
	const struct kind kind = { .type = PTHREAD_MUTEX_ERRORCHECK };
	struct place place = { 0 };
	uint32_t *words = (uint32_t *)&place.mutex;

	for (size_t i = 0; i < sizeof(spoil) / sizeof(spoil[0]); i++) {
		init_mutex(&place.mutex, &kind);
		pthread_mutex_lock(&place.mutex);
		words[spoil[i].word] = spoil[i].value;
		ck_assert_msg(scan(&place, sizeof(place), gettid()).count == 0, "spoil %zu",
			      i);
	}
}
END_TEST

/* The same for a read-write lock: a program's own numbers among zeros are not a lock. */
START_TEST(numbers_are_no_rwlocks)
{
	const struct { size_t word; uint32_t value; } spoil[] = {
		{ 0, 1 }, { 0, UINT32_MAX }, { 1, INT32_MAX }, { 2, 0 }, { 2, 2 }, { 3, 0 },
		{ 4, 1 }, { 7, 2 }, { 8, 1 }, { 12, 3 }, { 13, 1 },
	};
	struct {
		uint64_t before[8];
		pthread_rwlock_t lock;
		uint64_t after[8];
	} place = { 0 };
	uint32_t *words = (uint32_t *)&place.lock;

	for (size_t i = 0; i < sizeof(spoil) / sizeof(spoil[0]); i++) {
		pthread_rwlock_init(&place.lock, NULL);
		pthread_rwlock_wrlock(&place.lock);
		ck_assert_uint_eq(scan(&place, sizeof(place), gettid()).count, 1);
		words[spoil[i].word] = spoil[i].value;
		ck_assert_msg(scan(&place, sizeof(place), gettid()).count == 0, "spoil %zu", i);
	}
}
END_TEST

/* A robust mutex is in its owner's list; one that inherits priority is in no list. */
START_TEST(only_robust_ones_are_listed)
{
	struct place place = { 0 };
	uint32_t *words = (uint32_t *)&place.mutex;

	words[0] = words[2] = gettid();
	words[3] = 1;
	words[4] = 16;
	ck_assert_uint_eq(scan(&place, sizeof(place), gettid()).count, 0);
	words[6] = 1;
	ck_assert_uint_eq(scan(&place, sizeof(place), gettid()).count, 1);
	words[4] = 32;
	ck_assert_uint_eq(scan(&place, sizeof(place), gettid()).count, 0);
	words[6] = 0;
	ck_assert_uint_eq(scan(&place, sizeof(place), gettid()).count, 1);
}
END_TEST

START_TEST(window_is_respected)
{
	const uint32_t tid = gettid();
	const struct locks_context context = { &tid, 1 };
	const struct kind kind = { .type = PTHREAD_MUTEX_ERRORCHECK };
	struct place place = { 0 };
	struct locks_window window = {
		.words = (const uint32_t *)&place,
		.count = sizeof(place) / sizeof(uint32_t),
		.address = 0x10000,
	};
	size_t owner = 16 + 2;
	struct found found = { 0 };

	init_mutex(&place.mutex, &kind);
	pthread_mutex_lock(&place.mutex);
	window.last = owner;
	locks_scan(&window, &context, note, &found);
	window.first = owner + 1;
	window.last = window.count;
	locks_scan(&window, &context, note, &found);
	ck_assert_uint_eq(found.count, 0);
	window.first = owner;
	window.last = owner + 1;
	locks_scan(&window, &context, note, &found);
	ck_assert_uint_eq(found.count, 1);
	ck_assert_uint_eq(found.locks[0].start, 0x10000 + 16 * 4);
	window.count = 16 + 9; /* one word short */
	locks_scan(&window, &context, note, &found);
	ck_assert_uint_eq(found.count, 1);
}
END_TEST

/* The first words of a mutex at each step of taking it and giving it back. */
START_TEST(halfway_taken)
{
	enum { SELF = 4711, OTHER = 4712, NOBODY = 4713, RECURSIVE = 1, ROBUST = 16 };
	static const uint32_t tids[] = { OTHER, SELF };
	const struct locks_context context = { tids, 2 };
	static const struct {
		uint32_t words[5];
		enum lock_half_taken kind;
		uint32_t fixups; /* a bit a word */
	} steps[] = {
		{ { 0, 0, 0, 0, RECURSIVE }, LOCK_NONE, 0 },
		{ { 1, 1, 0, 0, RECURSIVE }, LOCK_PLAIN, 0 },
		{ { 2, 1, 0, 1, RECURSIVE }, LOCK_PLAIN, 0 },
		{ { 1, 1, SELF, 0, RECURSIVE }, LOCK_PLAIN, 1 << 2 },
		{ { 1, 1, SELF, 1, RECURSIVE }, LOCK_PLAIN, 0 }, /* locks_scan finds it */
		{ { 1, 1, OTHER, 1, RECURSIVE }, LOCK_NONE, 0 },
		{ { 3, 1, 0, 0, RECURSIVE }, LOCK_NONE, 0 },
		{ { 1, 0, 0, 0, 0 }, LOCK_NONE, 0 },
		{ { 1, 0, 0, 0, RECURSIVE | 0x1000 }, LOCK_NONE, 0 },
		{ { 0, 0, 0, 0, ROBUST }, LOCK_PROTOCOL, 0 },
		{ { OTHER | 1U << 31, 1, OTHER, 1, ROBUST }, LOCK_PROTOCOL, 0 },
		{ { SELF, 0, 0, 0, ROBUST }, LOCK_PROTOCOL, 1 << 0 },
		{ { SELF, 1, SELF, 0, ROBUST }, LOCK_PROTOCOL, 1 << 0 | 1 << 2 },
		{ { NOBODY, 1, 0, 1, ROBUST }, LOCK_NONE, 0 },
		{ { 0, 1, NOBODY, 1, ROBUST }, LOCK_NONE, 0 },
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		uint32_t words[LOCKS_RWLOCK_WORDS] = { 0 }, fixups = 0;
		struct lock lock = { .start = 0x10000, .thread = 1 };

		memcpy(words, steps[i].words, sizeof(steps[i].words));
		ck_assert_msg(locks_half_taken(words, &context, &lock) == steps[i].kind,
			      "step %zu", i);
		for (uint32_t j = 0; j < lock.fixup_count; j++)
			fixups |= 1U << (lock.fixups[j] - lock.start) / sizeof(uint32_t);
		ck_assert_msg(fixups == steps[i].fixups, "step %zu: fixups %#x", i, fixups);
	}
}
END_TEST

static void add_tests(TCase *tests)
{
	tcase_add_loop_test(tests, mutexes_of_every_kind, 0, 32);
	tcase_add_test(tests, mutex_with_priority_ceiling);
	tcase_add_test(tests, rwlock_held_for_writing);
	tcase_add_test(tests, numbers_are_no_locks);
	tcase_add_test(tests, numbers_are_no_rwlocks);
	tcase_add_test(tests, only_robust_ones_are_listed);
	tcase_add_test(tests, halfway_taken);
	tcase_add_test(tests, window_is_respected);
}

int main(void)
{
	return unit_run("locks", add_tests);
}
