/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Threads keep name, scheduling class, priority, nice value and affinity, as far as the new
 * process may set them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <sys/resource.h>

#include "threads.h"

enum { NAMED, BATCH, NICE, PINNED, FIFO, COUNT };
static struct thread threads[COUNT];
static pthread_barrier_t go;
static int fifo_permitted;

static void *run(void *argument)
{
	const struct sched_param zero = { 0 }, high = { .sched_priority = 3 };
	int which = *(int *)argument, policy, nice, priority;
	struct sched_param parameter;
	cpu_set_t cpus;
	char name[16];

	if (which == NAMED)
		CHECK(!pthread_setname_np(pthread_self(), "odd (na)me: 15"));
	if (which == BATCH)
		CHECK(!sched_setscheduler(0, SCHED_BATCH, &zero));
	if (which == NICE)
		CHECK(!setpriority(PRIO_PROCESS, 0, 17));
	if (which == FIFO)
		fifo_permitted = !sched_setscheduler(0, SCHED_FIFO, &high);
	if (which == PINNED) {
		CPU_ZERO(&cpus);
		CPU_SET(sched_getcpu(), &cpus);
		CHECK(!sched_setaffinity(0, sizeof(cpus), &cpus));
	}
	policy = sched_getscheduler(0);
	sched_getparam(0, &parameter);
	priority = parameter.sched_priority;
	nice = getpriority(PRIO_PROCESS, 0);
	sched_getaffinity(0, sizeof(cpus), &cpus);
	pthread_barrier_wait(&go);
	if (which == NAMED) {
		CHECK(!pthread_getname_np(pthread_self(), name, sizeof(name)));
		CHECK_STRING(name, "odd (na)me: 15");
	}
	CHECK_EQUAL(sched_getscheduler(0), policy);
	sched_getparam(0, &parameter);
	CHECK_EQUAL(parameter.sched_priority, priority);
	CHECK_EQUAL(getpriority(PRIO_PROCESS, 0), nice);
	{
		cpu_set_t now;

		sched_getaffinity(0, sizeof(now), &now);
		CHECK(CPU_EQUAL(&now, &cpus));
	}
	return NULL;
}

int main(void)
{
	static int which[COUNT], nice;

	roundtrip_begin();
	nice = getpriority(PRIO_PROCESS, 0);
	pthread_barrier_init(&go, NULL, COUNT + 1);
	for (int i = 0; i < COUNT; i++) {
		which[i] = i;
		thread_start_sleeper(&threads[i], run, &which[i]);
	}
	cut_with_threads();
	if (!fifo_permitted)
		fprintf(stderr, "no permission for SCHED_FIFO: not tested\n");
	CHECK_EQUAL(sched_getscheduler(0), SCHED_OTHER);
	CHECK_EQUAL(getpriority(PRIO_PROCESS, 0), nice);
	pthread_barrier_wait(&go);
	for (int i = 0; i < COUNT; i++)
		thread_join(&threads[i]);
	return 0;
}
