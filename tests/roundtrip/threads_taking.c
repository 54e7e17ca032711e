/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each lock can still be taken and released if threads are dumped while they take or release
 * it, when libc has the thread's TID in a register.
 */
#define _GNU_SOURCE
#include <errno.h>

#include "mutexes.h"
#include "threads.h"

/* Mutexes that have an owner, and a rwlock. */
enum { WRITING = INHERIT + 1, KINDS };
#define EACH 6
#define DUMPS 3

struct user {
	struct thread thread;
	int kind;
	pthread_mutex_t mutex;
	pthread_rwlock_t rwlock;
};

static struct user users[KINDS][EACH];
static volatile int stop;

static void *use_mutex(void *argument)
{
	struct user *user = argument;

	while (!stop) {
		CHECK_EQUAL(pthread_mutex_lock(&user->mutex), 0);
		CHECK_EQUAL(pthread_mutex_unlock(&user->mutex), 0);
	}
	return NULL;
}

static void *use_rwlock(void *argument)
{
	struct user *user = argument;

	while (!stop) {
		CHECK_EQUAL(pthread_rwlock_wrlock(&user->rwlock), 0);
		CHECK_EQUAL(pthread_rwlock_wrlock(&user->rwlock), EDEADLK);
		CHECK_EQUAL(pthread_rwlock_unlock(&user->rwlock), 0);
	}
	return NULL;
}

static void start(struct user *user, int kind)
{
	mutex_make(&user->mutex, kind);
	CHECK(!pthread_rwlock_init(&user->rwlock, NULL));
	thread_start(&user->thread, kind == WRITING ? use_rwlock : use_mutex, user);
}

int main(void)
{
	char *path;
	int resumed = 0;

	roundtrip_begin();
	path = roundtrip_path("dump");
	for (int kind = RECURSIVE; kind < KINDS; kind++)
		for (int i = 0; i < EACH; i++)
			start(&users[kind][i], kind);
	for (int i = 0; i < DUMPS && !resumed; i++) {
		resumed = roundtrip_dump(path, &keep_all) == UNEXEC_RESUMED;
		if (!resumed)
			CHECK_EQUAL(roundtrip_run(path, &(struct roundtrip){ 0 }), 0);
	}
	usleep(100000);
	stop = 1;
	for (int kind = RECURSIVE; kind < KINDS; kind++)
		for (int i = 0; i < EACH; i++)
			thread_join(&users[kind][i].thread);
	return 0;
}
