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

/* The arguments of timer_create. */
struct timer_request {
	int32_t clock;
	struct event event;
};

static long create_timer(struct timer_request *request, int32_t *number)
{
	return sys(__NR_timer_create, request->clock, &request->event, number);
}

/* The kernel gives each timer a higher number than the last and never reuses one. */
static long count_up_to_timer(const struct plan_timer *timer, struct timer_request *request)
{
	for (int i = 0; i < TIMERS_HIGHEST; i++) {
		int32_t number = -1;
		long failed = create_timer(request, &number);

		if (failed || number == (int32_t)timer->number)
			return failed;
		sys(__NR_timer_delete, number);
		if (number > (int32_t)timer->number)
			break;
	}
	return -17; /* EEXIST */
}

/* By now, libc's copy of the TID is the new thread's. */
static uint32_t tid_of(const struct plan *plan, uint32_t index)
{
	const struct plan_thread *threads = plan_at(plan, plan->threads);

	return *(const uint32_t *)threads[index].tid_address & PLAN_TID_MASK;
}

static void restore_posix_timer(const struct plan *plan, const struct plan_timer *timer,
				int exact)
{
	struct timer_request request = { .clock = (int32_t)timer->clock };
	int32_t number = (int32_t)timer->number;
	long failed;

	request.event.value = timer->value;
	request.event.signal = timer->signal;
	request.event.notify = timer->notify;
	if (timer->notify & 4 /* SIGEV_THREAD_ID */)
		request.event.tid = tid_of(plan, timer->thread);
	if (plan_is_thread_clock(timer->clock))
		request.clock = (int32_t)(~tid_of(plan, timer->clock_thread) << PLAN_CLOCK_SHIFT
					  | (timer->clock & 7));
	failed = exact ? create_timer(&request, &number) : count_up_to_timer(timer, &request);
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
