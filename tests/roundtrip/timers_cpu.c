/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Timers for the CPU time of the process and of one of its threads keep their remaining time, and
 * measure the same process or thread again.
 */
#define _GNU_SOURCE
#include <signal.h>

#include "threads.h"

static pthread_barrier_t go;
static volatile int expired;

static void handler(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	expired = info->si_value.sival_int;
}

static timer_t make(clockid_t clock, int value)
{
	const struct itimerspec far = { { 0, 0 }, { 100, 0 } };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1,
				  .sigev_value.sival_int = value };
	timer_t timer;

	CHECK(!timer_create(clock, &event, &timer));
	CHECK(!timer_settime(timer, 0, &far, NULL));
	return timer;
}

static double left(timer_t timer)
{
	struct itimerspec time;

	CHECK(!timer_gettime(timer, &time));
	return (double)time.it_value.tv_sec + (double)time.it_value.tv_nsec * 1e-9;
}

static void expire_soon(timer_t timer)
{
	const struct itimerspec soon = { { 0, 0 }, { 0, 1000000 } };

	CHECK(!timer_settime(timer, 0, &soon, NULL));
}

static void *burn(void *timer)
{
	pthread_barrier_wait(&go);
	expire_soon(*(timer_t *)timer);
	while (expired != 3)
		;
	return NULL;
}

static void check_process_timer(timer_t timer, int value)
{
	double before = left(timer), until = clock_now(CLOCK_PROCESS_CPUTIME_ID) + 0.02;

	CHECK(before > 90 && before <= 100);
	while (clock_now(CLOCK_PROCESS_CPUTIME_ID) < until)
		;
	CHECK(left(timer) < before - 0.01);
	expire_soon(timer);
	while (expired != value)
		;
}

int main(void)
{
	struct sigaction action = { .sa_sigaction = handler,
				    .sa_flags = SA_SIGINFO | SA_RESTART };
	static timer_t timers[3];
	static struct thread thread;
	clockid_t clock;
	double before;

	roundtrip_begin();
	sigaction(SIGUSR1, &action, NULL);
	CHECK(!pthread_barrier_init(&go, NULL, 2));
	timers[0] = make(CLOCK_PROCESS_CPUTIME_ID, 1);
	CHECK(!clock_getcpuclockid(getpid(), &clock));
	timers[1] = make(clock, 2);
	thread_start_sleeper(&thread, burn, &timers[2]);
	CHECK(!pthread_getcpuclockid(thread.id, &clock));
	timers[2] = make(clock, 3);
	cut_with_threads();
	before = left(timers[2]);
	CHECK(before > 90 && before <= 100);
	check_process_timer(timers[0], 1);
	check_process_timer(timers[1], 2);
	CHECK(left(timers[2]) > before - 0.01); /* that thread has waited */
	pthread_barrier_wait(&go);
	thread_join(&thread);
	return 0;
}
