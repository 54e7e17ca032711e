/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The main thread of a dump can end before the process: another thread joins it, and a robust
 * mutex that it has held since before the dump returns EOWNERDEAD.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

static pthread_mutex_t inherited, taken_later;
static pthread_t main_thread;
static volatile int signals;

static void handler(int number)
{
	(void)number;
	signals++;
}

static void make_robust(pthread_mutex_t *mutex)
{
	pthread_mutexattr_t attributes;

	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
	CHECK(!pthread_mutex_init(mutex, &attributes));
}

/* With glibc 2.43, a thread that joins main may continue before the kernel has marked main's
 * robust mutexes. */
static int lock_of_the_dead(pthread_mutex_t *mutex)
{
	int result;

	while ((result = pthread_mutex_trylock(mutex)) == EBUSY)
		usleep(1000);
	return result;
}

static void *outlive(void *unused)
{
	void *result;

	/* libc must have the main thread's new TID. */
	CHECK_EQUAL(pthread_kill(main_thread, SIGUSR1), 0);
	while (!signals)
		usleep(1000);
	signals++;
	CHECK_EQUAL(pthread_join(main_thread, &result), 0);
	CHECK_STRING(result, "end of main");
	CHECK_EQUAL(lock_of_the_dead(&inherited), EOWNERDEAD);
	CHECK_EQUAL(lock_of_the_dead(&taken_later), EOWNERDEAD);
	exit(0);
	return unused;
}

int main(void)
{
	static char result[] = "end of main";
	pthread_t thread;

	roundtrip_begin();
	main_thread = pthread_self();
	signal(SIGUSR1, handler);
	make_robust(&inherited);
	make_robust(&taken_later);
	CHECK(!pthread_mutex_lock(&inherited));
	roundtrip_cut();
	CHECK(!pthread_mutex_lock(&taken_later));
	CHECK_EQUAL(pthread_create(&thread, NULL, outlive, NULL), 0);
	while (signals < 2)
		usleep(1000);
	pthread_exit(result);
}
