/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Queued signals keep their number, order, code and value, those of the process and those of one
 * thread, in the original and in two generations of dumps. The sender's ID is the new process's if
 * the process has sent the signal itself.
 */
#define _GNU_SOURCE
#include <signal.h>

#include "threads.h"

#define MANY 100

static pthread_barrier_t go;
static sigset_t blocked;

/* Takes a signal, which must be the next one. */
static void expect(int number, int code, int value)
{
	const struct timespec at_once = { 0 };
	siginfo_t info = { 0 };

	CHECK_EQUAL(sigtimedwait(&blocked, &info, &at_once), number);
	CHECK_EQUAL(info.si_code, code);
	CHECK_EQUAL(info.si_pid, getpid());
	if (code == SI_QUEUE)
		CHECK_EQUAL(info.si_value.sival_int, value);
}

static void queue(int number, int value)
{
	CHECK(!sigqueue(getpid(), number, (union sigval){ .sival_int = value }));
}

static void queue_for(pthread_t thread, int number, int value)
{
	CHECK(!pthread_sigqueue(thread, number, (union sigval){ .sival_int = value }));
}

/* Signals of a thread come before those of the process. */
static void *take_own(void *unused)
{
	pthread_barrier_wait(&go);
	expect(SIGUSR2, SI_QUEUE, 21);
	expect(SIGRTMIN, SI_QUEUE, 22);
	expect(SIGRTMIN, SI_QUEUE, 23);
	expect(SIGRTMIN + 1, SI_USER, 0); /* libc's word for SI_TKILL */
	pthread_barrier_wait(&go);
	return unused;
}

static void take_all(struct thread *thread)
{
	const struct timespec at_once = { 0 };

	pthread_barrier_wait(&go);
	pthread_barrier_wait(&go);
	thread_join(thread);
	expect(SIGRTMIN, SI_QUEUE, 1); /* this thread's */
	expect(SIGUSR1, SI_QUEUE, 7);
	for (int i = 1; i <= 3; i++)
		expect(SIGRTMIN, SI_QUEUE, 100 + i);
	for (int i = 0; i < MANY; i++)
		expect(SIGRTMIN + 2, SI_QUEUE, i);
	expect(SIGRTMAX, SI_USER, 0);
	CHECK_EQUAL(sigtimedwait(&blocked, NULL, &at_once), -1);
}

static void send_all(const struct thread *thread)
{
	for (int i = 1; i <= 3; i++)
		queue(SIGRTMIN, 100 + i);
	queue(SIGUSR1, 7);
	queue_for(pthread_self(), SIGRTMIN, 1);
	queue_for(thread->id, SIGRTMIN, 22);
	queue_for(thread->id, SIGRTMIN, 23);
	queue_for(thread->id, SIGUSR2, 21);
	CHECK(!pthread_kill(thread->id, SIGRTMIN + 1));
	for (int i = 0; i < MANY; i++)
		queue(SIGRTMIN + 2, i);
	CHECK(!kill(getpid(), SIGRTMAX));
}

/* Returns only in the dump. */
static void dump_and_check(const char *name, struct thread *thread)
{
	char *path = roundtrip_path(name);

	if (roundtrip_dump(path, &keep_all) == UNEXEC_RESUMED)
		return;
	CHECK_EQUAL(roundtrip_run(path, &(struct roundtrip){ 0 }), 0);
	take_all(thread);
	exit(0);
}

int main(void)
{
	static struct thread thread;

	roundtrip_begin();
	sigfillset(&blocked);
	sigdelset(&blocked, SIGINT);
	sigdelset(&blocked, SIGCHLD);
	CHECK(!pthread_sigmask(SIG_BLOCK, &blocked, NULL));
	CHECK(!pthread_barrier_init(&go, NULL, 2));
	thread_start_sleeper(&thread, take_own, NULL);
	send_all(&thread);
	dump_and_check("one", &thread);
	dump_and_check("two", &thread);
	take_all(&thread);
	return 0;
}
