/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each thread keeps its thread-local variables, thread-specific data and errno; destructors run
 * when it ends.
 */
#define _GNU_SOURCE
#include <errno.h>

#include "threads.h"

#define COUNT 8

static pthread_key_t key;
static pthread_barrier_t ready, go;
static __thread int local = 7;
static __thread char large[20000];
static int destroyed[COUNT];

static void destroy(void *value)
{
	(*(int *)value)++;
}

static void *run(void *argument)
{
	long index = (long)argument;
	int *address = &local;

	local += (int)index;
	large[sizeof(large) - 1] = (char)index;
	pthread_setspecific(key, &destroyed[index]);
	errno = 100 + (int)index;
	pthread_barrier_wait(&ready);
	pthread_barrier_wait(&go);
	CHECK_EQUAL(errno, 100 + index);
	CHECK(address == &local);
	CHECK_EQUAL(local, 7 + index);
	CHECK_EQUAL(large[sizeof(large) - 1], index);
	CHECK(pthread_getspecific(key) == &destroyed[index]);
	CHECK_EQUAL(destroyed[index], 0);
	return NULL;
}

int main(void)
{
	pthread_t threads[COUNT];

	roundtrip_begin();
	CHECK(!pthread_key_create(&key, destroy));
	pthread_barrier_init(&ready, NULL, COUNT + 1);
	pthread_barrier_init(&go, NULL, COUNT + 1);
	for (long i = 0; i < COUNT; i++)
		CHECK(!pthread_create(&threads[i], NULL, run, (void *)i));
	pthread_barrier_wait(&ready);
	local = 70;
	errno = 99;
	cut_with_threads();
	CHECK_EQUAL(errno, 99);
	CHECK_EQUAL(local, 70);
	pthread_barrier_wait(&go);
	for (int i = 0; i < COUNT; i++)
		CHECK(!pthread_join(threads[i], NULL));
	for (int i = 0; i < COUNT; i++)
		CHECK_EQUAL(destroyed[i], 1);
	return 0;
}
