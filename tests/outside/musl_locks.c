/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Holds mutexes that record their owner, in two threads, while it waits for input. Then locks and
 * unlocks them, and prints what the owners were told. Built with musl-gcc.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define KINDS 4
#define EACH 3 /* mutexes of each kind */

static pthread_mutex_t mutexes[2][KINDS][EACH];
static pthread_mutex_t wanted;
static pthread_barrier_t ready, go;

static void make(pthread_mutex_t *mutex, int kind)
{
	pthread_mutexattr_t attributes;

	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_settype(&attributes, kind == 0 ? PTHREAD_MUTEX_RECURSIVE
							 : PTHREAD_MUTEX_ERRORCHECK);
	if (kind == 2)
		pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
	if (kind == 3)
		pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
	pthread_mutex_init(mutex, &attributes);
}

static void hold(int who)
{
	for (int kind = 0; kind < KINDS; kind++)
		for (int i = 0; i < EACH; i++) {
			make(&mutexes[who][kind][i], kind);
			pthread_mutex_lock(&mutexes[who][kind][i]);
		}
	pthread_mutex_unlock(&mutexes[who][1][1]); /* one in the middle of the list */
}

static void use(int who)
{
	int wrong = 0;

	for (int kind = 0; kind < KINDS; kind++)
		for (int i = 0; i < EACH; i++) {
			pthread_mutex_t *mutex = &mutexes[who][kind][i];
			int again = pthread_mutex_lock(mutex);

			if (kind == 1 && i == 1)
				wrong += again != 0;
			else if (kind == 0)
				wrong += again != 0 || pthread_mutex_unlock(mutex) != 0;
			else
				wrong += again == 0;
			wrong += pthread_mutex_unlock(mutex) != 0;
		}
	printf("thread %d: %d wrong\n", who, wrong);
}

static void *live(void *unused)
{
	hold(1);
	pthread_mutex_lock(&wanted);
	pthread_barrier_wait(&ready);
	pthread_barrier_wait(&go);
	use(1);
	pthread_mutex_unlock(&wanted);
	return unused;
}

/* Waits for a mutex that is held at the dump. */
static void *want(void *unused)
{
	int locked;

	pthread_barrier_wait(&ready);
	locked = pthread_mutex_lock(&wanted);
	printf("waiter: %d %d\n", locked, pthread_mutex_unlock(&wanted));
	return unused;
}

int main(void)
{
	pthread_t holder, waiter;
	char byte;

	alarm(60);
	pthread_barrier_init(&ready, NULL, 3);
	pthread_barrier_init(&go, NULL, 2);
	make(&wanted, 1);
	hold(0);
	pthread_create(&holder, NULL, live, NULL);
	pthread_create(&waiter, NULL, want, NULL);
	pthread_barrier_wait(&ready);
	usleep(10000);
	if (read(0, &byte, 1) < 0)
		return 1;
	use(0);
	pthread_barrier_wait(&go);
	pthread_join(holder, NULL);
	pthread_join(waiter, NULL);
	return 0;
}
