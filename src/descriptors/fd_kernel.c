/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Descriptors of kernel objects whose state is a few numbers: eventfd, timerfd, signalfd,
 * pidfd.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>

#include "descriptors/descriptors.h"
#include "descriptors/fdinfo.h"
#include "base/xalloc.h"

#define MISSING UINT64_MAX
#define NANOSECONDS UINT64_C(1000000000)

static char *fdinfo_of(const struct descriptors *all, const struct descriptor *descriptor)
{
	return fdinfo_read(all->process, all->process->handoff.fds.proc,
			       descriptor->number);
}

static const char *add_kernel_object(struct descriptors *all, const struct plan_file *plan)
{
	image_add_file(all->process->capture.image, plan, NULL, NULL);
	return NULL;
}

const char *descriptor_add_eventfd(struct descriptors *all, struct descriptor *descriptor)
{
	struct plan_file plan = descriptor_plan(descriptor, PLAN_FD_EVENT);
	char *info = fdinfo_of(all, descriptor);

	plan.event.count = fdinfo_number(info, "eventfd-count", 'x', MISSING);
	plan.event.semaphore = fdinfo_number(info, "eventfd-semaphore", 'd', MISSING);
	free(info);
	/* Linux reports it since 6.5. A read would show it too, but others may wait for the
	 * count. */
	if (plan.event.semaphore == MISSING) {
		plan.event.semaphore = 0;
		report_note(all->process->report, DESCRIPTOR,
			    "descriptor %d, an eventfd, has no EFD_SEMAPHORE in the dump: "
			    "this kernel does not report the flag", descriptor->number);
	}
	if (plan.event.count == MISSING)
		return "an eventfd whose count cannot be read";
	return add_kernel_object(all, &plan);
}

const char *descriptor_add_signalfd(struct descriptors *all, struct descriptor *descriptor)
{
	struct plan_file plan = descriptor_plan(descriptor, PLAN_FD_SIGNAL);
	char *info = fdinfo_of(all, descriptor);
	bool found = strstr(info, "sigmask:") != NULL;

	plan.signal.mask = fdinfo_number(info, "sigmask", 'x', 0);
	free(info);
	return found ? add_kernel_object(all, &plan) : "a signalfd whose mask cannot be read";
}

/* A pidfd of another process refers to the outside, and is not restored. */
const char *descriptor_add_pidfd(struct descriptors *all, struct descriptor *descriptor)
{
	struct plan_file plan = descriptor_plan(descriptor, PLAN_FD_SELF);
	char *info = fdinfo_of(all, descriptor);
	uint64_t pid = fdinfo_number(info, "Pid", 'd', MISSING);

	free(info);
	if (pid != all->process->handoff.pid)
		return "a pidfd of another process";
	return add_kernel_object(all, &plan);
}

/* ---- Timers ----------------------------------------------------------------------------- */

static uint64_t nanoseconds(struct timespec time)
{
	return (uint64_t)time.tv_sec * NANOSECONDS + (uint64_t)time.tv_nsec;
}

/* A timer that was set to a time of day expires at that time. Others keep their remaining
 * time. */
static void set_timer_value(struct plan_file *plan, uint64_t left)
{
	struct timespec now;

	if (left && plan->timer.flags & TFD_TIMER_ABSTIME
	    && (plan->timer.clock == CLOCK_REALTIME
		|| plan->timer.clock == CLOCK_REALTIME_ALARM)
	    && !clock_gettime(CLOCK_REALTIME, &now)) {
		plan->timer.value = nanoseconds(now) + left;
		return;
	}
	plan->timer.flags = 0;
	plan->timer.value = left;
}

const char *descriptor_add_timerfd(struct descriptors *all, struct descriptor *descriptor)
{
	struct plan_file plan = descriptor_plan(descriptor, PLAN_FD_TIMER);
	struct itimerspec left;
	char *info;

	/* This comes before fdinfo, since it makes the kernel count the ticks of an
	 * interval. */
	if (timerfd_gettime(descriptor->fd, &left))
		return "a timerfd that cannot be read";
	info = fdinfo_of(all, descriptor);
	plan.timer.clock = fdinfo_number(info, "clockid", 'd', MISSING);
	plan.timer.flags = fdinfo_number(info, "settime flags", 'o', 0);
	plan.timer.ticks = fdinfo_number(info, "ticks", 'd', 0);
	free(info);
	if (plan.timer.clock == MISSING)
		return "a timerfd that cannot be read";
	plan.timer.interval = nanoseconds(left.it_interval);
	set_timer_value(&plan, nanoseconds(left.it_value));
	return add_kernel_object(all, &plan);
}
