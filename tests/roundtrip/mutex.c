/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Mutexes of every kind and read-write locks that are held across the dump belong to the thread
 * that continues: it can release them, others cannot.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>

#include "../lib/roundtrip.h"

struct lock {
	pthread_mutex_t mutex;
	int type, robust, protocol, shared;
	int filler;
};

#define LOCKS 32
static struct lock in_data[LOCKS];
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_rwlock_t read_locked = PTHREAD_RWLOCK_INITIALIZER;
static pthread_spinlock_t spin;

static void set_kind(struct lock *lock, int index)
{
	static const int types[4] = { PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_RECURSIVE,
				      PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_ADAPTIVE_NP };

	lock->type = types[index & 3];
	lock->robust = index & 4 ? PTHREAD_MUTEX_ROBUST : PTHREAD_MUTEX_STALLED;
	lock->protocol = index & 8 ? PTHREAD_PRIO_INHERIT : PTHREAD_PRIO_NONE;
	lock->shared = index & 16 ? PTHREAD_PROCESS_SHARED : PTHREAD_PROCESS_PRIVATE;
}

static void set_up(struct lock *locks)
{
	for (int i = 0; i < LOCKS; i++) {
		pthread_mutexattr_t attributes;

		set_kind(&locks[i], i);
		pthread_mutexattr_init(&attributes);
		pthread_mutexattr_settype(&attributes, locks[i].type);
		pthread_mutexattr_setrobust(&attributes, locks[i].robust);
		pthread_mutexattr_setprotocol(&attributes, locks[i].protocol);
		pthread_mutexattr_setpshared(&attributes, locks[i].shared);
		CHECK_EQUAL(pthread_mutex_init(&locks[i].mutex, &attributes), 0);
		CHECK_EQUAL(pthread_mutex_lock(&locks[i].mutex), 0);
		if (locks[i].type == PTHREAD_MUTEX_RECURSIVE)
			CHECK_EQUAL(pthread_mutex_lock(&locks[i].mutex), 0);
	}
}

/* Another thread finds them held; an error-checking one refuses a release by it. */
static void *strange(void *argument)
{
	struct lock *locks = argument;

	for (int i = 0; i < LOCKS; i++) {
		CHECK_EQUAL(pthread_mutex_trylock(&locks[i].mutex), EBUSY);
		if (locks[i].type == PTHREAD_MUTEX_ERRORCHECK ||
		    locks[i].type == PTHREAD_MUTEX_RECURSIVE || locks[i].robust)
			CHECK_EQUAL(pthread_mutex_unlock(&locks[i].mutex), EPERM);
	}
	return NULL;
}

/* Now they are free: lock each, and die with the robust ones. */
static void *take(void *argument)
{
	struct lock *locks = argument;

	for (int i = 0; i < LOCKS; i++) {
		CHECK_EQUAL(pthread_mutex_lock(&locks[i].mutex), 0);
		if (!locks[i].robust)
			CHECK_EQUAL(pthread_mutex_unlock(&locks[i].mutex), 0);
	}
	return NULL;
}

static void run(void *(*function)(void *), void *argument)
{
	pthread_t thread;

	CHECK_EQUAL(pthread_create(&thread, NULL, function, argument), 0);
	CHECK_EQUAL(pthread_join(thread, NULL), 0);
}

static void release(struct lock *lock)
{
	pthread_mutex_t *mutex = &lock->mutex;

	fprintf(stderr, "type %d robust %d protocol %d shared %d: ", lock->type, lock->robust,
		lock->protocol, lock->shared);
	if (lock->type == PTHREAD_MUTEX_RECURSIVE) {
		CHECK_EQUAL(pthread_mutex_lock(mutex), 0);
		CHECK_EQUAL(pthread_mutex_trylock(mutex), 0);
		for (int i = 0; i < 3; i++)
			CHECK_EQUAL(pthread_mutex_unlock(mutex), 0);
	} else {
		/* For some kinds glibc returns more to the owner than POSIX requires. */
		bool tells = lock->type == PTHREAD_MUTEX_ERRORCHECK &&
			     (lock->robust || lock->protocol);

		CHECK_EQUAL(pthread_mutex_trylock(mutex), tells ? EDEADLK : EBUSY);
	}
	if (lock->type == PTHREAD_MUTEX_ERRORCHECK)
		CHECK_EQUAL(pthread_mutex_lock(mutex), EDEADLK);
	CHECK_EQUAL(pthread_mutex_unlock(mutex), 0);
	if (lock->type == PTHREAD_MUTEX_ERRORCHECK || lock->type == PTHREAD_MUTEX_RECURSIVE)
		CHECK_EQUAL(pthread_mutex_unlock(mutex), EPERM);
	fprintf(stderr, "good\n");
}

static void check(struct lock *locks)
{
	run(strange, locks);
	for (int i = 0; i < LOCKS; i++)
		release(&locks[i]);
	run(take, locks);
	for (int i = 0; i < LOCKS; i++) {
		int status = pthread_mutex_lock(&locks[i].mutex);

		CHECK_EQUAL(status, locks[i].robust ? EOWNERDEAD : 0);
		if (status == EOWNERDEAD)
			CHECK_EQUAL(pthread_mutex_consistent(&locks[i].mutex), 0);
		CHECK_EQUAL(pthread_mutex_unlock(&locks[i].mutex), 0);
	}
}

static void check_rwlocks(void)
{
	CHECK_EQUAL(pthread_rwlock_trywrlock(&rwlock), EBUSY);
	CHECK_EQUAL(pthread_rwlock_wrlock(&rwlock), EDEADLK);
	CHECK_EQUAL(pthread_rwlock_rdlock(&rwlock), EDEADLK);
	CHECK_EQUAL(pthread_rwlock_unlock(&rwlock), 0);
	CHECK_EQUAL(pthread_rwlock_rdlock(&rwlock), 0);
	CHECK_EQUAL(pthread_rwlock_unlock(&rwlock), 0);
	CHECK_EQUAL(pthread_rwlock_trywrlock(&read_locked), EBUSY);
	CHECK_EQUAL(pthread_rwlock_unlock(&read_locked), 0);
	CHECK_EQUAL(pthread_rwlock_trywrlock(&read_locked), 0);
	CHECK_EQUAL(pthread_spin_trylock(&spin), EBUSY);
	CHECK_EQUAL(pthread_spin_unlock(&spin), 0);
}

int main(void)
{
	struct lock *in_heap, on_stack[LOCKS];

	roundtrip_begin();
	in_heap = calloc(LOCKS, sizeof(*in_heap));
	set_up(in_data);
	set_up(in_heap);
	set_up(on_stack);
	CHECK_EQUAL(pthread_rwlock_wrlock(&rwlock), 0);
	CHECK_EQUAL(pthread_rwlock_rdlock(&read_locked), 0);
	pthread_spin_init(&spin, 0);
	pthread_spin_lock(&spin);
	roundtrip_cut();
	check(in_data);
	check(in_heap);
	check(on_stack);
	check_rwlocks();
	return 0;
}
