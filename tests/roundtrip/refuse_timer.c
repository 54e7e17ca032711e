/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Timers for the CPU time of another process, or of a thread that the kernel does not name, are
 * refused, and run on in the original. With one thread, there is no doubt.
 */
#define _GNU_SOURCE
#include <pthread.h>
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

static timer_t make(clockid_t clock)
{
	struct itimerspec often = { { 0, 1000000 }, { 0, 1000000 } };
	struct sigevent event;
	timer_t timer;

	memset(&event, 0, sizeof(event));
	event.sigev_notify = SIGEV_SIGNAL;
	event.sigev_signo = SIGALRM;
	CHECK(!timer_create(clock, &event, &timer));
	CHECK(!timer_settime(timer, 0, &often, NULL));
	return timer;
}

static void check_other_process(const char *path)
{
	struct unexec_report *report;
	clockid_t clock;
	timer_t timer;

	CHECK(!clock_getcpuclockid(getppid(), &clock));
	timer = make(clock);
	report = refuse_dump(path);
	refuse_expect(report, UNEXEC_CODE_TIMER, "timer", "another process", NULL);
	CHECK_EQUAL(refuse_errors(report), 1);
	unexec_report_free(report);
	CHECK(!timer_delete(timer));
}

static void *wait_for_end(void *unused)
{
	pause();
	return unused;
}

static void check_thread_timer(const char *path)
{
	struct unexec_report *report = unexec_report_new();
	timer_t timer = make(CLOCK_THREAD_CPUTIME_ID);
	pthread_t thread;

	CHECK(!pthread_create(&thread, NULL, wait_for_end, NULL));
	CHECK_EQUAL(unexec_dump(path, NULL, report), UNEXEC_UNSUPPORTED);
	refuse_expect(report, UNEXEC_CODE_TIMER, "timer", "does not show", NULL);
	CHECK_EQUAL(refuse_errors(report), 1);
	unexec_report_free(report);
	wait_for_ticks();
	pthread_cancel(thread);
	CHECK(!pthread_join(thread, NULL));
	if (roundtrip_dump(path, NULL) == UNEXEC_RESUMED) {
		wait_for_ticks();
		_exit(42);
	}
	CHECK_EQUAL(roundtrip_run(path, &(struct roundtrip){ 0 }), 42);
	CHECK(!timer_delete(timer));
}

int main(void)
{
	char *path;

	roundtrip_begin();
	path = roundtrip_path("dump");
	signal(SIGALRM, handler);
	check_other_process(path);
	refuse_now_works(path);
	check_thread_timer(path);
	return 0;
}
