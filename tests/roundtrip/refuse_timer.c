/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A timer on one thread's CPU time is refused, and runs on in the original.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../lib/refuse.h"

static volatile int ticks;

static void handler(int number)
{
	(void)number;
	ticks++;
}

static void wait_for_ticks(void)
{
	int before = ticks;

	while (ticks < before + 3)
		;
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
	check_thread_timer(path);
	refuse_now_works(path);
	return 0;
}
