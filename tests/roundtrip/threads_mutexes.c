/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Mutexes of each type and protocol that any thread holds across the dump belong to the same
 * thread afterwards, even with other threads waiting; robust mutexes report an owner that has
 * ended.
 */
#define _GNU_SOURCE
#include <errno.h>

#include "mutexes.h"
#include "threads.h"

#define OWNERS 3 /* main and two threads */

static pthread_mutex_t mutex[OWNERS][MUTEX_KINDS], orphan[OWNERS];
static pthread_barrier_t ready, tried;
static volatile int waiting_done;
static struct thread threads[OWNERS], waiters[MUTEX_KINDS];

static void take(int owner)
{
	for (int kind = 0; kind < MUTEX_KINDS; kind++)
		CHECK_EQUAL(pthread_mutex_lock(&mutex[owner][kind]), 0);
	CHECK_EQUAL(pthread_mutex_lock(&mutex[owner][RECURSIVE]), 0);
	CHECK_EQUAL(pthread_mutex_lock(&orphan[owner]), 0);
}

/* Tries another thread's mutexes. */
static void try(int other)
{
	for (int kind = 0; kind < MUTEX_KINDS; kind++)
		CHECK_EQUAL(pthread_mutex_trylock(&mutex[other][kind]), EBUSY);
	CHECK_EQUAL(pthread_mutex_unlock(&mutex[other][RECURSIVE]), EPERM);
	CHECK_EQUAL(pthread_mutex_unlock(&mutex[other][ERRORCHECK]), EPERM);
	CHECK_EQUAL(pthread_mutex_unlock(&mutex[other][ROBUST]), EPERM);
	CHECK_EQUAL(pthread_mutex_unlock(&mutex[other][INHERIT]), EPERM);
	CHECK_EQUAL(pthread_mutex_trylock(&orphan[other]), EBUSY);
}

static void give_back(int owner)
{
	CHECK_EQUAL(pthread_mutex_lock(&mutex[owner][ERRORCHECK]), EDEADLK);
	CHECK_EQUAL(pthread_mutex_trylock(&mutex[owner][RECURSIVE]), 0);
	CHECK_EQUAL(pthread_mutex_unlock(&mutex[owner][RECURSIVE]), 0);
	CHECK_EQUAL(pthread_mutex_unlock(&mutex[owner][RECURSIVE]), 0);
	for (int kind = 0; kind < MUTEX_KINDS; kind++)
		CHECK_EQUAL(pthread_mutex_unlock(&mutex[owner][kind]), 0);
	CHECK_EQUAL(pthread_mutex_unlock(&mutex[owner][ERRORCHECK]), EPERM);
}

static void after(int owner)
{
	pthread_barrier_wait(&ready);
	for (int other = 0; other < OWNERS; other++)
		if (other != owner)
			try(other);
	pthread_barrier_wait(&tried);
	give_back(owner);
}

static void *own(void *argument)
{
	int owner = *(int *)argument;

	take(owner);
	pthread_barrier_wait(&tried);
	after(owner);
	return NULL;
}

/* Waits until thread 1 unlocks. */
static void *wait_for(void *argument)
{
	pthread_mutex_t *one = argument;

	CHECK_EQUAL(pthread_mutex_lock(one), 0);
	CHECK_EQUAL(pthread_mutex_unlock(one), 0);
	return NULL;
}

int main(void)
{
	static int owners[OWNERS];

	roundtrip_begin();
	pthread_barrier_init(&ready, NULL, OWNERS);
	pthread_barrier_init(&tried, NULL, OWNERS);
	for (int owner = 0; owner < OWNERS; owner++) {
		owners[owner] = owner;
		mutex_make(&orphan[owner], ROBUST);
		for (int kind = 0; kind < MUTEX_KINDS; kind++)
			mutex_make(&mutex[owner][kind], kind);
	}
	for (int owner = 1; owner < OWNERS; owner++)
		thread_start(&threads[owner], own, &owners[owner]);
	take(0);
	pthread_barrier_wait(&tried);
	for (int kind = 0; kind < MUTEX_KINDS; kind++)
		thread_start_sleeper(&waiters[kind], wait_for, &mutex[1][kind]);
	for (int owner = 1; owner < OWNERS; owner++)
		thread_await_sleep(&threads[owner]);
	cut_with_threads();
	after(0);
	for (int owner = 1; owner < OWNERS; owner++)
		thread_join(&threads[owner]);
	for (int kind = 0; kind < MUTEX_KINDS; kind++)
		thread_join(&waiters[kind]);
	for (int owner = 1; owner < OWNERS; owner++) {
		CHECK_EQUAL(pthread_mutex_lock(&orphan[owner]), EOWNERDEAD);
		CHECK_EQUAL(pthread_mutex_consistent(&orphan[owner]), 0);
		CHECK_EQUAL(pthread_mutex_unlock(&orphan[owner]), 0);
	}
	return 0;
}
