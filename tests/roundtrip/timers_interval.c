/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Running interval timers (setitimer) continue in the original and run in the dump, with their
 * interval.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

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
	return 0;
}
