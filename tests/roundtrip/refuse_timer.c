/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Running interval timers continue in the original and run in the dump; a timer on one thread's
 * CPU time is refused.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "../lib/refuse.h"

static volatile int ticks;

static void handler(int number)
{
	(void)number;
	ticks++;
}

static void set_interval(int which, int microseconds)
{
	struct itimerval value = { { 0, microseconds }, { 0, microseconds } };

	CHECK(!setitimer(which, &value, NULL));
}

static void wait_for_ticks(void)
{
	int before = ticks;

	while (ticks < before + 3)
		;
}

/* Checks one kind of time: real time or processor time. */
static void check_interval_timer(const char *path, int which)
{
	struct itimerval value;

	set_interval(which, 2000);
	wait_for_ticks();
	if (roundtrip_dump(path, NULL) == UNEXEC_RESUMED) {
		CHECK(!getitimer(which, &value));
		CHECK_EQUAL(value.it_interval.tv_usec, 2000);
		wait_for_ticks();
		_exit(42);
	}
	wait_for_ticks();
	set_interval(which, 0);
	CHECK_EQUAL(roundtrip_run(path, &(struct roundtrip){ 0 }), 42);
}

static void check_thread_timer(const char *path)
{
	struct itimerspec often = { { 0, 1000000 }, { 0, 1000000 } };
	struct unexec_report *report;
	struct sigevent event;
	timer_t timer;

	memset(&event, 0, sizeof(event));
	event.sigev_notify = SIGEV_SIGNAL;
	event.sigev_signo = SIGALRM;
	CHECK(!timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &timer));
	CHECK(!timer_settime(timer, 0, &often, NULL));
	report = refuse_dump(path);
	refuse_expect(report, UNEXEC_CODE_TIMER, "timer", NULL);
	CHECK_EQUAL(refuse_errors(report), 1);
	unexec_report_free(report);
	wait_for_ticks();
	CHECK(!timer_delete(timer));
}

int main(void)
{
	char *path;

	roundtrip_begin();
	path = roundtrip_path("dump");
	signal(SIGALRM, handler);
	signal(SIGPROF, handler);
	signal(SIGVTALRM, handler);
	check_interval_timer(path, ITIMER_REAL);
	check_interval_timer(path, ITIMER_VIRTUAL);
	check_interval_timer(path, ITIMER_PROF);
	check_thread_timer(path);
	refuse_now_works(path);
	return 0;
}
