/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * In the dump threads can be created, joined, cancelled, signalled and named, and see the
 * process's memory; raise() reaches the calling thread.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

#define THREADS 16

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t barrier;
static int counter, signals;
static pthread_t main_thread;

static void handler(int number)
{
	(void)number;
	signals++;
}

static void *work(void *argument)
{
	for (int i = 0; i < 1000; i++) {
		pthread_mutex_lock(&mutex);
		counter++;
		pthread_mutex_unlock(&mutex);
		free(malloc(100 + (size_t)i));
	}
	CHECK_EQUAL(gettid(), syscall(SYS_gettid));
	CHECK(!pthread_equal(pthread_self(), main_thread));
	if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
		pthread_cond_signal(&condition);
	return argument;
}

static void *sleep_long(void *unused)
{
	for (;;)
		sleep(100);
	return unused;
}

static void run_threads(void)
{
	pthread_t threads[THREADS];
	void *result;

	counter = 0;
	CHECK_EQUAL(pthread_barrier_init(&barrier, NULL, THREADS), 0);
	for (long i = 0; i < THREADS; i++)
		CHECK_EQUAL(pthread_create(&threads[i], NULL, work, (void *)i), 0);
	for (long i = 0; i < THREADS; i++) {
		CHECK_EQUAL(pthread_join(threads[i], &result), 0);
		CHECK_EQUAL((long)result, i);
	}
	CHECK_EQUAL(counter, THREADS * 1000);
	pthread_barrier_destroy(&barrier);
}

int main(void)
{
	pthread_t thread;
	char name[16];
	void *result;

	roundtrip_begin();
	signal(SIGUSR1, handler);
	main_thread = pthread_self();
	run_threads();
	roundtrip_cut();
	CHECK(pthread_equal(pthread_self(), main_thread));
	CHECK_EQUAL(gettid(), getpid());
	CHECK_EQUAL(syscall(SYS_gettid), getpid());
	CHECK_EQUAL(raise(SIGUSR1), 0);
	CHECK_EQUAL(signals, 1);
	CHECK_EQUAL(pthread_kill(pthread_self(), SIGUSR1), 0);
	CHECK_EQUAL(signals, 2);
	run_threads();
	CHECK_EQUAL(pthread_create(&thread, NULL, sleep_long, NULL), 0);
	CHECK_EQUAL(pthread_setname_np(thread, "sleeper"), 0);
	CHECK_EQUAL(pthread_getname_np(thread, name, sizeof(name)), 0);
	CHECK_STRING(name, "sleeper");
	CHECK_EQUAL(pthread_cancel(thread), 0);
	CHECK_EQUAL(pthread_join(thread, &result), 0);
	CHECK(result == PTHREAD_CANCELED);
	CHECK_EQUAL(pthread_setname_np(pthread_self(), "renamed"), 0);
	CHECK_EQUAL(pthread_join(pthread_self(), NULL), EDEADLK);
	return 0;
}
