/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Threads that wait for a condition, at a barrier, for a semaphore, a mutex and a rwlock (to
 * read and to write) still wait in the dump, and continue when their event comes.
 */
#define _GNU_SOURCE
#include <semaphore.h>

#include "threads.h"

enum { CONDITION, BARRIER, SEMAPHORE, MUTEX, READ, WRITE, KINDS };
#define EACH 3

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER, held = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t barrier;
static sem_t semaphore;
static pthread_rwlock_t written = PTHREAD_RWLOCK_INITIALIZER, read_ = PTHREAD_RWLOCK_INITIALIZER;
static int turn, done[KINDS];

static void wait_for(int kind)
{
	switch (kind) {
	case CONDITION:
		pthread_mutex_lock(&mutex);
		while (!turn)
			pthread_cond_wait(&condition, &mutex);
		pthread_mutex_unlock(&mutex);
		break;
	case BARRIER:
		pthread_barrier_wait(&barrier);
		break;
	case SEMAPHORE:
		CHECK(!sem_wait(&semaphore));
		break;
	case MUTEX:
		pthread_mutex_lock(&held);
		pthread_mutex_unlock(&held);
		break;
	case READ:
		CHECK(!pthread_rwlock_rdlock(&written));
		pthread_rwlock_unlock(&written);
		break;
	case WRITE:
		CHECK(!pthread_rwlock_wrlock(&read_));
		pthread_rwlock_unlock(&read_);
		break;
	}
}

static void *run(void *argument)
{
	int kind = *(int *)argument;

	wait_for(kind);
	__atomic_add_fetch(&done[kind], 1, __ATOMIC_SEQ_CST);
	return NULL;
}

static void release_all(void)
{
	pthread_mutex_lock(&mutex);
	turn = 1;
	pthread_cond_broadcast(&condition);
	pthread_mutex_unlock(&mutex);
	pthread_barrier_wait(&barrier);
	for (int i = 0; i < EACH; i++)
		sem_post(&semaphore);
	CHECK(!pthread_mutex_unlock(&held));
	CHECK(!pthread_rwlock_unlock(&written));
	CHECK(!pthread_rwlock_unlock(&read_));
}

int main(void)
{
	static struct thread threads[KINDS][EACH];
	static int kinds[KINDS];

	roundtrip_begin();
	pthread_barrier_init(&barrier, NULL, EACH + 1);
	sem_init(&semaphore, 0, 0);
	pthread_mutex_lock(&held);
	pthread_rwlock_wrlock(&written);
	pthread_rwlock_rdlock(&read_);
	for (int kind = 0; kind < KINDS; kind++) {
		kinds[kind] = kind;
		for (int i = 0; i < EACH; i++)
			thread_start_sleeper(&threads[kind][i], run, &kinds[kind]);
	}
	cut_with_threads();
	usleep(50000);
	for (int kind = 0; kind < KINDS; kind++)
		CHECK_EQUAL(__atomic_load_n(&done[kind], __ATOMIC_SEQ_CST), 0);
	release_all();
	for (int kind = 0; kind < KINDS; kind++)
		for (int i = 0; i < EACH; i++)
			thread_join(&threads[kind][i]);
	for (int kind = 0; kind < KINDS; kind++)
		CHECK_EQUAL(done[kind], EACH);
	return 0;
}
