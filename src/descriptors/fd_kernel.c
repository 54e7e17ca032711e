/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Descriptors of kernel objects whose state is a few numbers: eventfd, timerfd, signalfd,
 * pidfd; and epoll sets.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
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

/* ---- epoll ------------------------------------------------------------------------------ */

const char *descriptor_add_epoll(struct descriptors *all, struct descriptor *descriptor)
{
	struct plan_file plan = descriptor_plan(descriptor, PLAN_FD_EPOLL);

	return add_kernel_object(all, &plan);
}

struct watch {
	int number;
	unsigned events;
	unsigned long long data;
	unsigned long inode;
	unsigned device; /* in the kernel's own form */
};

static bool is_target(const struct descriptor *target, const struct watch *watch)
{
	dev_t device = target->status.st_dev;

	return target->status.st_ino == watch->inode
	       && watch->device == (major(device) << 20 | minor(device));
}

static void add_watch(struct descriptors *all, const struct descriptor *set,
		      const struct watch *watch)
{
	struct descriptor *target = descriptors_find(all, watch->number);
	struct plan_file plan = descriptor_plan(set, PLAN_FD_WATCH);

	if (!target || !is_target(target, watch)) {
		report_warning(all->process->report, DESCRIPTOR,
			       "descriptor %d, an epoll set, does not wait in the dump for "
			       "the file that was descriptor %d and has no descriptor now",
			       set->number, watch->number);
		return;
	}
	if (target->absent && !target->inherited && target->policy != HANDOFF_FD_HANGUP) {
		report_warning(all->process->report, DESCRIPTOR,
			       "descriptor %d, an epoll set, does not wait in the dump for "
			       "descriptor %d, which is another file there", set->number,
			       watch->number);
		return;
	}
	plan.other = watch->number;
	plan.watch.events = watch->events;
	plan.watch.data = watch->data;
	add_kernel_object(all, &plan);
}

/* "tfd:        5 events:       19 data:                5  pos:0 ino:4b sdev:f" */
static void add_set(struct descriptors *all, const struct descriptor *set)
{
	char *info = fdinfo_of(all, set);
	struct watch watch;

	for (char *line = info; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (sscanf(line, "tfd: %d events: %x data: %llx pos:%*d ino:%lx sdev:%x",
			   &watch.number, &watch.events, &watch.data, &watch.inode,
			   &watch.device) == 5)
			add_watch(all, set, &watch);
	}
	free(info);
}

void descriptors_add_watches(struct descriptors *all)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct descriptor *set = &all->list[i];

		if (set->number > 2 && !set->absent && set->same == set
		    && !strcmp(set->target, "anon_inode:[eventpoll]"))
			add_set(all, set);
	}
}
