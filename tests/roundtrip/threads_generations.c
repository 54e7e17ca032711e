/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A dump with threads dumps itself: the third generation has threads of all generations.
 */
#define _GNU_SOURCE
#include <semaphore.h>

#include "threads.h"

#define LAST 4
#define EACH 4

static sem_t go;
static struct thread threads[LAST][EACH];
static __thread int born;
static pthread_mutex_t held[LAST][EACH];

static void *run(void *argument)
{
	pthread_mutex_t *mutex = argument;

	born = unexec_generation();
	CHECK(!pthread_mutex_lock(mutex));
	while (sem_wait(&go))
		;
	CHECK(mutex >= held[born] && mutex < held[born] + EACH);
	CHECK_EQUAL(pthread_mutex_unlock(mutex), 0);
	return (void *)(long)born;
}

static void start(int generation)
{
	pthread_mutexattr_t attributes;

	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
	for (int i = 0; i < EACH; i++) {
		CHECK(!pthread_mutex_init(&held[generation][i], &attributes));
		thread_start_sleeper(&threads[generation][i], run, &held[generation][i]);
	}
}

int main(void)
{
	roundtrip_begin();
	sem_init(&go, 0, 0);
	for (int generation = 0; generation < LAST; generation++) {
		char name[8], *path;
		int status;

		start(generation);
		snprintf(name, sizeof(name), "dump%d", generation);
		path = roundtrip_path(name);
		status = roundtrip_dump(path, &keep_all);
		CHECK_EQUAL(unexec_generation(), generation + status);
		if (status == UNEXEC_DUMPED)
			_exit(roundtrip_run(path, &(struct roundtrip){ 0 }));
		free(path);
	}
	for (int i = 0; i < LAST * EACH; i++)
		sem_post(&go);
	for (long generation = 0; generation < LAST; generation++)
		for (int i = 0; i < EACH; i++)
			CHECK(thread_join(&threads[generation][i]) == (void *)generation);
	return 0;
}
