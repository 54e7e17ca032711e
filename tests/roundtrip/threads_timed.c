/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Waits with a time limit end in the dump, at their time or at once, with a timeout or an
 * interruption. With BOOT, the dump starts on a machine with a shorter uptime.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/wait.h>

#include "threads.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80 /* since 5.6 */
#endif

/* In seconds: a wait, and the longest delay that a busy machine may cause. */
#define TIME 1.5
#define MACHINE 60

enum { REALTIME, MONOTONIC, SEMAPHORE, SEMAPHORE_MONOTONIC, MUTEX, MUTEX_MONOTONIC, NANOSLEEP,
       ABSOLUTE, POLL, SIGNAL, JOIN, KINDS };

static const char *const names[] = {
	"pthread_cond_timedwait", "pthread_cond_clockwait", "sem_timedwait", "sem_clockwait",
	"pthread_mutex_timedlock", "pthread_mutex_clocklock", "nanosleep", "clock_nanosleep",
	"poll", "sigtimedwait", "pthread_timedjoin_np",
};

static pthread_mutex_t mutex[2] = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER },
		       held = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition[2] = { PTHREAD_COND_INITIALIZER, PTHREAD_COND_INITIALIZER };
static sem_t semaphore;
static struct thread threads[KINDS], blocker;
/* The earliest time at which the wait may end and the time at which it ended, on its clock. */
static double due[KINDS], ended[KINDS];
static int result[KINDS];

static void *block(void *unused)
{
	pthread_mutex_lock(&held);
	return unused;
}

static int condition_wait(int which, clockid_t clock, const struct timespec *end)
{
	int error = 0;

	pthread_mutex_lock(&mutex[which]);
	while (!error)
		error = pthread_cond_clockwait(&condition[which], &mutex[which], clock, end);
	pthread_mutex_unlock(&mutex[which]);
	return error;
}

static int wait_signal(const struct timespec *duration)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	return sigtimedwait(&set, NULL, duration);
}

static int wait_for(int kind)
{
	const struct timespec duration = { 1, 500000000 };
	struct timespec real = clock_in(CLOCK_REALTIME, TIME);
	struct timespec monotonic = clock_in(CLOCK_MONOTONIC, TIME);

	switch (kind) {
	case REALTIME: return condition_wait(0, CLOCK_REALTIME, &real);
	case MONOTONIC: return condition_wait(1, CLOCK_MONOTONIC, &monotonic);
	case SEMAPHORE: return sem_timedwait(&semaphore, &real) ? errno : 0;
	case SEMAPHORE_MONOTONIC:
		return sem_clockwait(&semaphore, CLOCK_MONOTONIC, &monotonic) ? errno : 0;
	case MUTEX: return pthread_mutex_timedlock(&held, &real);
	case MUTEX_MONOTONIC:
		return pthread_mutex_clocklock(&held, CLOCK_MONOTONIC, &monotonic);
	case NANOSLEEP: return nanosleep(&duration, NULL) ? errno : 0;
	case ABSOLUTE:
		return clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &monotonic, NULL);
	case POLL: return poll(NULL, 0, 1500) ? errno : ETIMEDOUT;
	case SIGNAL: return wait_signal(&duration) < 0 ? errno : 0;
	case JOIN: return pthread_timedjoin_np(blocker.id, NULL, &real);
	}
	return -1;
}

static clockid_t clock_of(int kind)
{
	return kind == MONOTONIC || kind == SEMAPHORE_MONOTONIC || kind == MUTEX_MONOTONIC
			       || kind == ABSOLUTE
		       ? CLOCK_MONOTONIC : CLOCK_REALTIME;
}

static void *run(void *argument)
{
	int kind = *(int *)argument;

	due[kind] = clock_now(clock_of(kind)) + TIME;
	result[kind] = wait_for(kind);
	ended[kind] = clock_now(clock_of(kind));
	return NULL;
}

/* A wait that is too short is wrong; the machine may be the cause of one that is longer. */
static void check(int kind)
{
	double late = ended[kind] - due[kind];
	bool interrupted = result[kind] == EINTR || (kind == SIGNAL && result[kind] == EAGAIN);

	fprintf(stderr, "%s: %s %.2f s late\n", names[kind], strerror(result[kind]), late);
	CHECK(late < MACHINE);
	CHECK(interrupted || result[kind] == ETIMEDOUT
	      || (result[kind] == 0 && (kind == NANOSLEEP || kind == ABSOLUTE)));
	if (kind == REALTIME || kind == MUTEX || kind == JOIN)
		CHECK_EQUAL(result[kind], ETIMEDOUT);
#ifndef BOOT
	/* libc continues to wait, as after any signal. */
	if (kind == REALTIME || kind == MONOTONIC || kind == MUTEX || kind == MUTEX_MONOTONIC) {
		CHECK_EQUAL(result[kind], ETIMEDOUT);
		CHECK(late >= 0);
	}
#endif
}

#ifdef BOOT
static char first_clocks[64];

/* Returns to the machine's clocks before the dump is started. */
static void leave_namespace(void)
{
	int fd = open(first_clocks, O_RDONLY);

	if (fd < 0 || setns(fd, CLONE_NEWTIME))
		_exit(77);
	close(fd);
}

/* Runs the rest in a namespace whose monotonic clock is 20 days ahead. */
static void enter_namespace(void)
{
	static const char offset[] = "monotonic 1728000 0\n";
	int fd, status;
	pid_t child;

	snprintf(first_clocks, sizeof(first_clocks), "/proc/%d/ns/time", getpid());
	if (unshare(CLONE_NEWTIME))
		roundtrip_skip("no permission for another clock");
	fd = open("/proc/self/timens_offsets", O_WRONLY);
	if (fd < 0 || write(fd, offset, sizeof(offset) - 1) < 0)
		roundtrip_skip("no other clock");
	close(fd);
	child = fork();
	if (child) {
		CHECK(waitpid(child, &status, 0) == child);
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
	}
}
#else
static void enter_namespace(void)
{
}
#define leave_namespace NULL
#endif

int main(void)
{
	static int kinds[KINDS];
	sigset_t set;

	roundtrip_begin();
	enter_namespace();
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	sem_init(&semaphore, 0, 0);
	pthread_mutex_lock(&held);
	thread_start_sleeper(&blocker, block, NULL);
	for (int kind = 0; kind < KINDS; kind++) {
		kinds[kind] = kind;
		thread_start(&threads[kind], run, &kinds[kind]);
	}
	for (int kind = 0; kind < KINDS; kind++)
		thread_await_sleep(&threads[kind]);
	roundtrip_cut_with(&(struct roundtrip){ .options = &keep_all,
						.prepare = leave_namespace });
	for (int kind = 0; kind < KINDS; kind++) {
		thread_join(&threads[kind]);
		check(kind);
	}
	return 0;
}
