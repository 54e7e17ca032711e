/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A thread that waited for a lock at the dump owns it, after it gets it, by its new TID. libc
 * reads the TID before it waits and keeps it (pthread_mutex_timedlock up to glibc 2.42,
 * pthread_mutex_lock in 2.43). A number in the program that equals the TID is not changed.
 */
#define _GNU_SOURCE
#include "mutexes.h"
#include "threads.h"

#define KINDS (INHERIT + 1)
enum { LOCK, TIMED, WAYS };

struct waiter {
	struct thread thread;
	pthread_mutex_t mutex;
	int way;
	bool minds_owner;
};

static struct waiter waiters[KINDS][WAYS];

static void *take(void *argument)
{
	struct waiter *waiter = argument;
	struct timespec then = clock_in(CLOCK_REALTIME, 1000);
	volatile pid_t before = gettid();
	register pid_t number = before; /* likely in a register that libc saves */

	if (waiter->way == TIMED)
		CHECK_EQUAL(pthread_mutex_timedlock(&waiter->mutex, &then), 0);
	else
		CHECK_EQUAL(pthread_mutex_lock(&waiter->mutex), 0);
	CHECK_EQUAL(number, before);
	CHECK_EQUAL(before, waiter->thread.tid);
	if (waiter->minds_owner)
		CHECK_EQUAL(waiter->mutex.__data.__owner, gettid());
	CHECK_EQUAL(pthread_mutex_unlock(&waiter->mutex), 0);
	return NULL;
}

static void start(struct waiter *waiter, int kind, int way)
{
	mutex_make(&waiter->mutex, kind);
	waiter->way = way;
	waiter->minds_owner = kind != NORMAL;
	CHECK_EQUAL(pthread_mutex_lock(&waiter->mutex), 0);
	thread_start_sleeper(&waiter->thread, take, waiter);
}

int main(void)
{
	roundtrip_begin();
	for (int kind = 0; kind < KINDS; kind++)
		for (int way = 0; way < WAYS; way++)
			start(&waiters[kind][way], kind, way);
	cut_with_threads();
	for (int kind = 0; kind < KINDS; kind++) {
		for (int way = 0; way < WAYS; way++) {
			CHECK_EQUAL(pthread_mutex_unlock(&waiters[kind][way].mutex), 0);
			thread_join(&waiters[kind][way].thread);
		}
	}
	return 0;
}
