/* SPDX-License-Identifier: MIT
 *
 * Restores POSIX timers (timer_create) with their old numbers.
 */
#include <linux/prctl.h>

#include "restarter.h"

#ifndef PR_TIMER_CREATE_RESTORE_IDS
#define PR_TIMER_CREATE_RESTORE_IDS 77 /* since 6.15 */
#endif

/* Kernels before 6.15 need one call for each number up to this; they take about a second. */
#define TIMERS_HIGHEST 1000000

/* The kernel's struct sigevent. */
struct event {
	uint64_t value;
	uint32_t signal, notify, tid;
	uint32_t pad[11];
};

static long create_timer(const struct plan_timer *timer, struct event *event, int32_t *number)
{
	return sys(__NR_timer_create, timer->clock, event, number);
}

/* The kernel gives each timer a higher number than the last and never reuses one. */
static long count_up_to_timer(const struct plan_timer *timer, struct event *event)
{
	for (int i = 0; i < TIMERS_HIGHEST; i++) {
		int32_t number = -1;
		long failed = create_timer(timer, event, &number);

		if (failed || number == (int32_t)timer->number)
			return failed;
		sys(__NR_timer_delete, number);
		if (number > (int32_t)timer->number)
			break;
	}
	return -17; /* EEXIST */
}

static void restore_posix_timer(const struct plan *plan, const struct plan_timer *timer,
				int exact)
{
	const struct plan_thread *threads = plan_at(plan, plan->threads);
	struct event event;
	int32_t number = (int32_t)timer->number;
	long failed;

	memset(&event, 0, sizeof(event));
	event.value = timer->value;
	event.signal = timer->signal;
	event.notify = timer->notify;
	/* By now, libc's copy of the TID is the new thread's. */
	if (timer->notify & 4 /* SIGEV_THREAD_ID */)
		event.tid = *(const uint32_t *)threads[timer->thread].tid_address
			    & PLAN_TID_MASK;
	failed = exact ? create_timer(timer, &event, &number) : count_up_to_timer(timer, &event);
	/* interval and left have the layout of the kernel's struct itimerspec. */
	if (!failed)
		failed = sys(__NR_timer_settime, number, 0, &timer->interval_s, 0);
	if (failed)
		fail("recreate a POSIX timer", NULL, failed);
}

void timers_restore(const struct plan *plan)
{
	int exact;

	if (!plan->timers.count)
		return;
	exact = !sys(__NR_prctl, PR_TIMER_CREATE_RESTORE_IDS, 1, 0, 0, 0);
	for_table(const struct plan_timer, timer, plan, timers)
		restore_posix_timer(plan, timer, exact);
	if (exact)
		sys(__NR_prctl, PR_TIMER_CREATE_RESTORE_IDS, 0, 0, 0, 0);
}
