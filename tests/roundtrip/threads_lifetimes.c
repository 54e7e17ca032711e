/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stacks of threads that ended before the dump are reused after it; detached threads end after
 * the resume; a thread that ended unjoined is joined then.
 */
#define _GNU_SOURCE
#include <semaphore.h>

#include "threads.h"

#define COUNT 12

static sem_t go, gone;
static struct thread ended, parents[4];
static void *stacks[COUNT];

static void *note_stack(void *argument)
{
	char here = 1;

	stacks[(long)argument] = (void *)((unsigned long)&here & ~0xfffUL);
	usleep(20000);
	return argument;
}

static void run_all(bool compare)
{
	void *before[COUNT], *result;
	pthread_t threads[COUNT];
	int same = 0;

	memcpy(before, stacks, sizeof(before));
	for (long i = 0; i < COUNT; i++)
		CHECK_EQUAL(pthread_create(&threads[i], NULL, note_stack, (void *)i), 0);
	for (long i = 0; i < COUNT; i++) {
		CHECK_EQUAL(pthread_join(threads[i], &result), 0);
		CHECK(result == (void *)i);
	}
	for (int i = 0; compare && i < COUNT; i++)
		for (int j = 0; j < COUNT; j++)
			same += stacks[i] == before[j];
	CHECK(!compare || same > 0);
}

static void *detached(void *unused)
{
	sem_wait(&go);
	sem_post(&gone);
	return unused;
}

/* Makes a thread and waits for it. In the dump, the kernel never saw its creation. */
static void *parent(void *argument)
{
	pthread_t child;
	void *result;

	sem_wait(&go);
	CHECK_EQUAL(pthread_create(&child, NULL, note_stack, argument), 0);
	CHECK_EQUAL(pthread_join(child, &result), 0);
	return result;
}

static void *end(void *argument)
{
	return argument;
}

int main(void)
{
	pthread_t thread;

	roundtrip_begin();
	sem_init(&go, 0, 0);
	sem_init(&gone, 0, 0);
	run_all(false);
	thread_start(&ended, end, &ended);
	for (int i = 0; i < 5; i++) {
		CHECK(!pthread_create(&thread, NULL, detached, NULL));
		CHECK(!pthread_detach(thread));
	}
	for (int i = 0; i < 4; i++)
		thread_start_sleeper(&parents[i], parent, (void *)(long)i);
	cut_with_threads();
	CHECK(thread_join(&ended) == &ended);
	for (int i = 0; i < 9; i++)
		sem_post(&go);
	for (int i = 0; i < 5; i++)
		sem_wait(&gone);
	for (int i = 0; i < 4; i++)
		CHECK(thread_join(&parents[i]) == (void *)(long)i);
	run_all(true);
	run_all(true);
	/* The last thread to end ends the process, with status 0. */
	pthread_exit(NULL);
}
