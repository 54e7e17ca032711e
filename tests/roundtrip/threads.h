/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Helpers for roundtrip tests with other threads: the cut that keeps them, and ways to wait
 * until a thread is at a certain point.
 */
#ifndef TESTS_THREADS_H
#define TESTS_THREADS_H

#include <pthread.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

/* Options that keep all threads in the dump. */
static const struct unexec_options keep_all = {
	.size = sizeof(keep_all),
	.threads = UNEXEC_THREADS_KEEP,
};

/* The same, for a test that has children. */
static const struct unexec_options keep_threads_only = {
	.size = sizeof(keep_threads_only),
	.threads = UNEXEC_THREADS_KEEP,
	.children = UNEXEC_CHILDREN_IGNORE,
};

static inline void cut_with_threads(void)
{
	roundtrip_cut_with(&(struct roundtrip){ .options = &keep_all });
}

/* A thread whose TID is known as soon as thread_start() returns. */
struct thread {
	pthread_t id;
	volatile pid_t tid;
	void *(*run)(void *);
	void *argument;
};

static inline void *thread_run(void *arg)
{
	struct thread *thread = arg;

	thread->tid = (pid_t)syscall(SYS_gettid);
	return thread->run(thread->argument);
}

static inline void thread_start(struct thread *thread, void *(*run)(void *), void *argument)
{
	thread->run = run;
	thread->argument = argument;
	thread->tid = 0;
	CHECK_EQUAL(pthread_create(&thread->id, NULL, thread_run, thread), 0);
	while (!thread->tid)
		usleep(1000);
}

static inline void *thread_join(struct thread *thread)
{
	void *result;

	CHECK_EQUAL(pthread_join(thread->id, &result), 0);
	return result;
}

/* Waits until the thread sleeps in the kernel. */
static inline void thread_await_sleep(const struct thread *thread)
{
	char path[64], *text, state = 0;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", thread->tid);
	while (state != 'S') {
		usleep(2000);
		text = roundtrip_read(path);
		state = strrchr(text, ')')[2];
		free(text);
	}
}

static inline void thread_start_sleeper(struct thread *thread, void *(*run)(void *),
					void *argument)
{
	thread_start(thread, run, argument);
	thread_await_sleep(thread);
}

/* Returns the time of a clock in seconds. */
static inline double clock_now(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static inline struct timespec clock_in(clockid_t clock, double seconds)
{
	double then = clock_now(clock) + seconds;
	struct timespec time = { .tv_sec = (time_t)then };

	time.tv_nsec = (long)((then - (double)time.tv_sec) * 1e9);
	return time;
}

#endif
