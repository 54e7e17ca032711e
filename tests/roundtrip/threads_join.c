/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * In the dump, old threads can be joined, cancelled and signalled, by the main thread and by
 * each other, and pthread_self() is right.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>

#include "threads.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static int turn;
static volatile int cleaned, got_signal;
static volatile pid_t signalled;
static pthread_t main_thread;
static struct thread waiter, joiner, sleeper, spinner, target;

static void await_turn(int wanted)
{
	pthread_mutex_lock(&mutex);
	while (turn < wanted)
		pthread_cond_wait(&condition, &mutex);
	pthread_mutex_unlock(&mutex);
}

static void *wait_and_return(void *id)
{
	pthread_t before = pthread_self();

	await_turn(1);
	CHECK(pthread_equal(before, pthread_self()));
	CHECK(pthread_equal(before, waiter.id));
	CHECK(!pthread_equal(before, main_thread));
	/* The TID is new. This call would return ESRCH if libc's copy were wrong. */
	CHECK_EQUAL(pthread_setname_np(pthread_self(), "waiter"), 0);
	return id;
}

static void *join_waiter(void *unused)
{
	void *result;

	(void)unused;
	CHECK_EQUAL(pthread_join(waiter.id, &result), 0);
	return result;
}

static void clean(void *unused)
{
	(void)unused;
	cleaned++;
	pthread_mutex_unlock(&mutex);
}

static void *sleep_for_ever(void *unused)
{
	pthread_mutex_lock(&mutex);
	pthread_cleanup_push(clean, NULL);
	while (turn < 1000)
		pthread_cond_wait(&condition, &mutex);
	pthread_cleanup_pop(1);
	return unused;
}

static void *spin_for_ever(void *unused)
{
	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
	for (;;)
		__asm__ volatile("pause");
	return unused;
}

static void handler(int number)
{
	signalled = (pid_t)syscall(SYS_gettid);
	got_signal = number;
}

static void *await_signal(void *unused)
{
	while (!got_signal)
		pause();
	CHECK_EQUAL(signalled, syscall(SYS_gettid));
	return unused;
}

int main(void)
{
	static char value[] = "value";

	roundtrip_begin();
	main_thread = pthread_self();
	signal(SIGUSR1, handler);
	thread_start_sleeper(&waiter, wait_and_return, value);
	thread_start_sleeper(&joiner, join_waiter, NULL);
	thread_start_sleeper(&sleeper, sleep_for_ever, NULL);
	thread_start(&spinner, spin_for_ever, NULL);
	thread_start_sleeper(&target, await_signal, NULL);
	cut_with_threads();
	CHECK(pthread_equal(main_thread, pthread_self()));
	CHECK_EQUAL(pthread_tryjoin_np(waiter.id, NULL), EBUSY);
	pthread_mutex_lock(&mutex);
	turn = 1;
	pthread_cond_broadcast(&condition);
	pthread_mutex_unlock(&mutex);
	CHECK(thread_join(&joiner) == value);
	CHECK_EQUAL(pthread_cancel(sleeper.id), 0);
	CHECK(thread_join(&sleeper) == PTHREAD_CANCELED);
	CHECK_EQUAL(cleaned, 1);
	CHECK_EQUAL(pthread_cancel(spinner.id), 0);
	CHECK(thread_join(&spinner) == PTHREAD_CANCELED);
	CHECK_EQUAL(pthread_kill(target.id, 0), 0);
	CHECK_EQUAL(pthread_kill(target.id, SIGUSR1), 0);
	thread_join(&target);
	CHECK_EQUAL(got_signal, SIGUSR1);
	return 0;
}
