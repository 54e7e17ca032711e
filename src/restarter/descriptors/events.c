/* SPDX-License-Identifier: MIT
 *
 * Kernel objects without a name: eventfd, timerfd, signalfd, pidfd.
 */
#include <asm/ioctls.h>
#include <linux/fcntl.h>
#include <linux/time_types.h>
#include <linux/timerfd.h>

#include "descriptors.h"

#define EVENT_SEMAPHORE 1 /* EFD_SEMAPHORE */

void restore_event(struct fd_step *step)
{
	const struct plan_file *file = step->file;
	uint64_t count = file->event.count;
	long descriptor;

	descriptor = fd_must(step, "recreate",
			     sys(__NR_eventfd2, 0, (file->event.semaphore ? EVENT_SEMAPHORE : 0)
				 | (file->flags & (O_CLOEXEC | O_NONBLOCK))));
	/* eventfd2 takes only 32 bits of the count. */
	if (count)
		fd_must(step, "restore the count of",
			sys(__NR_write, descriptor, &count, sizeof(count)));
	fd_settle(step, descriptor);
}

static struct __kernel_timespec timespec_of(uint64_t nanoseconds)
{
	return (struct __kernel_timespec){
		.tv_sec = (int64_t)(nanoseconds / 1000000000),
		.tv_nsec = (int64_t)(nanoseconds % 1000000000),
	};
}

void restore_timer(struct fd_step *step)
{
	const struct plan_file *file = step->file;
	struct __kernel_itimerspec value = {
		.it_interval = timespec_of(file->timer.interval),
		.it_value = timespec_of(file->timer.value),
	};
	uint64_t ticks = file->timer.ticks;

	fd_settle(step, sys(__NR_timerfd_create, file->timer.clock,
			    file->flags & (O_CLOEXEC | O_NONBLOCK)));
	if (file->timer.value)
		fd_must(step, "set the time of", sys(__NR_timerfd_settime, file->number,
						     file->timer.flags, &value, 0));
	/* TFD_IOC_SET_TICKS needs CONFIG_CHECKPOINT_RESTORE. Without it, a timer that has
	 * expired and no longer runs is made to expire again at once. */
	if (ticks && sys_failed(sys(__NR_ioctl, file->number, TFD_IOC_SET_TICKS, &ticks))
	    && !file->timer.value) {
		value.it_value.tv_nsec = 1;
		sys(__NR_timerfd_settime, file->number, 0, &value, 0);
	}
}

void restore_signal(struct fd_step *step)
{
	const struct plan_file *file = step->file;

	fd_settle(step, sys(__NR_signalfd4, -1, &file->signal.mask, sizeof(file->signal.mask),
			    file->flags & (O_CLOEXEC | O_NONBLOCK)));
}

void restore_self(struct fd_step *step)
{
	const struct plan_file *file = step->file;

	/* pidfd_open always sets O_CLOEXEC. */
	fd_settle(step, sys(__NR_pidfd_open, sys(__NR_getpid), file->flags & O_NONBLOCK));
	if (!(file->flags & O_CLOEXEC))
		sys(__NR_fcntl, file->number, F_SETFD, 0);
}
