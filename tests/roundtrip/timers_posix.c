/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Timers of timer_create keep their IDs, remaining times, signals and values, including timers
 * that call a function or signal one thread, and even if the kernel does not let a program
 * choose the IDs.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

static volatile int called, value, signalled_thread;

static void handler(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	value = info->si_value.sival_int;
	signalled_thread = (int)syscall(SYS_gettid);
}

static void function(union sigval argument)
{
	called = argument.sival_int;
}

static timer_t make(int notify, int signal, int argument, long ms, long interval_ms)
{
	struct itimerspec time = { { interval_ms / 1000, interval_ms % 1000 * 1000000 },
				   { ms / 1000, ms % 1000 * 1000000 } };
	struct sigevent event;
	timer_t timer;

	memset(&event, 0, sizeof(event));
	event.sigev_notify = notify;
	event.sigev_signo = signal;
	event.sigev_value.sival_int = argument;
	if (notify == SIGEV_THREAD)
		event.sigev_notify_function = function;
#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif
	if (notify & SIGEV_THREAD_ID)
		event.sigev_notify_thread_id = (int)syscall(SYS_gettid);
	CHECK(!timer_create(CLOCK_MONOTONIC, &event, &timer));
	CHECK(!timer_settime(timer, 0, &time, NULL));
	return timer;
}

static long left_ms(timer_t timer)
{
	struct itimerspec left;

	CHECK(!timer_gettime(timer, &left));
	return left.it_value.tv_sec * 1000 + left.it_value.tv_nsec / 1000000;
}

static void start_now(timer_t timer)
{
	CHECK(!timer_settime(timer, 0, &(struct itimerspec){ { 0, 0 }, { 0, 1 } }, NULL));
}

static void wait_until(const volatile int *what, int wanted)
{
	for (int i = 0; i < 5000 && *what != wanted; i++)
		usleep(1000);
	CHECK_EQUAL(*what, wanted);
}

int main(void)
{
	struct sigaction action = { .sa_sigaction = handler,
				    .sa_flags = SA_SIGINFO | SA_RESTART };
	const struct unexec_options options = { .size = sizeof(options),
						.threads = UNEXEC_THREADS_KEEP };
	char *path;
	timer_t deleted, far, silent, soon, thread, own;

	roundtrip_begin();
	sigaction(SIGUSR1, &action, NULL);
	deleted = make(SIGEV_NONE, 0, 0, 0, 0);
	far = make(SIGEV_SIGNAL, SIGUSR1, 7, 100000, 5000);
	silent = make(SIGEV_NONE, 0, 0, 200000, 0);
	CHECK(!timer_delete(deleted));
	deleted = make(SIGEV_NONE, 0, 0, 0, 0);
	soon = make(SIGEV_SIGNAL, SIGUSR1, 8, 500, 0);
	thread = make(SIGEV_THREAD, 0, 9, 300000, 0);
	own = make(SIGEV_SIGNAL | SIGEV_THREAD_ID, SIGUSR1, 10, 0, 0);
	CHECK(!timer_delete(deleted));
	usleep(20000);
	/* glibc has made a thread for the timer that calls a function. */
	path = roundtrip_path("dump");
	if (roundtrip_dump(path, &options) == UNEXEC_DUMPED) {
		CHECK_EQUAL(roundtrip_run(path, &(struct roundtrip){ 0 }), 0);
		CHECK_EQUAL(roundtrip_run(path, &(struct roundtrip){
			.through = roundtrip_without_set_mm() }), 0);
		return 0;
	}
	CHECK(left_ms(far) > 90000 && left_ms(far) <= 99980);
	CHECK(left_ms(silent) > 190000 && left_ms(silent) <= 199980);
	CHECK(left_ms(thread) > 290000 && left_ms(thread) <= 299980);
	wait_until(&value, 8);
	CHECK_EQUAL(left_ms(soon), 0);
	start_now(far);
	wait_until(&value, 7);
	start_now(own);
	wait_until(&value, 10);
	CHECK_EQUAL(signalled_thread, getpid());
	start_now(thread);
	wait_until(&called, 9);
	CHECK(!timer_delete(far) && !timer_delete(silent) && !timer_delete(soon));
	CHECK(!timer_delete(thread) && !timer_delete(own));
	return 0;
}
