/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * No thread of a dump continues before all are restored: the first, which never sleeps, always
 * finds the last.
 */
#define _GNU_SOURCE
#include <signal.h>

#include "threads.h"

#define COUNT 100
#define DUMPS 8

static struct thread threads[COUNT];
static pthread_barrier_t end;
static volatile int stop;
static volatile long rounds;

static void *look_for_others(void *unused)
{
	while (!stop) {
		for (int i = COUNT - 1; i > 0 && threads[i].tid; i -= 9)
			CHECK_EQUAL(pthread_kill(threads[i].id, 0), 0);
		rounds++;
	}
	return unused;
}

static void *await_end(void *unused)
{
	pthread_barrier_wait(&end);
	return unused;
}

static void finish(void)
{
	long before = rounds;

	while (rounds < before + 100)
		usleep(1000);
	stop = 1;
	thread_join(&threads[0]);
	pthread_barrier_wait(&end);
	for (int i = 1; i < COUNT; i++)
		thread_join(&threads[i]);
}

int main(void)
{
	char *path;

	roundtrip_begin();
	path = roundtrip_path("dump");
	pthread_barrier_init(&end, NULL, COUNT);
	thread_start(&threads[0], look_for_others, NULL);
	for (int i = 1; i < COUNT; i++)
		thread_start(&threads[i], await_end, NULL);
	for (int i = 0; i < DUMPS; i++) {
		if (roundtrip_dump(path, &keep_all) == UNEXEC_RESUMED) {
			finish();
			return 0;
		}
		CHECK_EQUAL(roundtrip_run(path, &(struct roundtrip){ 0 }), 0);
	}
	finish();
	return 0;
}
