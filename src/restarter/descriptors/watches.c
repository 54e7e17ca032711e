/* SPDX-License-Identifier: MIT
 *
 * epoll sets and inotify descriptors, and their watches.
 */
#include <linux/eventpoll.h>
#include <linux/fcntl.h>

#include "descriptors.h"

/* Linux 6.9: _IOW(0x8A, 0x01, struct epoll_params), which has 8 bytes. */
#define SET_PARAMETERS 0x40088a01

void restore_epoll(struct fd_step *step)
{
	const struct plan_file *file = step->file;
	uint64_t parameters = file->epoll.parameters;
	char number[32];

	fd_settle(step, sys(__NR_epoll_create1, file->flags & O_CLOEXEC));
	if (!parameters || !sys(__NR_ioctl, file->number, SET_PARAMETERS, &parameters))
		return;
	fd_name_number(number, file->number);
	warn("busy polling of an epoll set cannot be restored:", number);
}

void restore_inotify(struct fd_step *step)
{
	fd_settle(step, sys(__NR_inotify_init1, step->file->flags & (O_CLOEXEC | O_NONBLOCK)));
}

/* ---- Watches ---------------------------------------------------------------------------- */

static long watch_file(const struct plan_file *file, int32_t number)
{
	struct epoll_event event = { .events = (__poll_t)file->watch.events,
				     .data = file->watch.data };
	long failed;

	if (!file->watch.disarmed)
		return sys(__NR_epoll_ctl, file->number, EPOLL_CTL_ADD, number, &event);
	/* An event disarms it. If none can be had now, it stays armed for EPOLLHUP and EPOLLERR,
	 * which the kernel always adds. */
	event.events |= EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLRDHUP;
	failed = sys(__NR_epoll_ctl, file->number, EPOLL_CTL_ADD, number, &event);
	if (failed || sys(__NR_epoll_pwait, file->number, &event, 1, 0, 0, 0) == 1)
		return failed;
	event.events = (__poll_t)file->watch.events;
	return sys(__NR_epoll_ctl, file->number, EPOLL_CTL_MOD, number, &event);
}

/* Gives the file its old number while it is added. */
static long add_under_number(const struct fd_step *step, int32_t number)
{
	const struct plan_file *file = step->file;
	long flags = sys(__NR_fcntl, number, F_GETFD);
	long saved = sys_failed(flags) ? -1 : sys(__NR_fcntl, number, F_DUPFD_CLOEXEC, 0);
	long failed = sys(__NR_dup3, file->other, number, O_CLOEXEC);

	if (!sys_failed(failed))
		failed = watch_file(file, number);
	if (saved >= 0)
		fd_place(step, saved, number, flags & FD_CLOEXEC ? O_CLOEXEC : 0);
	else if (sys_failed(flags))
		sys(__NR_close, number);
	return failed;
}

void restore_watch(struct fd_step *step)
{
	const struct plan_file *file = step->file;
	int32_t number = (int32_t)file->watch.number;
	char name[32];
	long failed = number == file->other ? watch_file(file, number)
					    : add_under_number(step, number);

	if (!failed || fd_is_closed(failed, file->other))
		return;
	fd_name_number(name, file->other);
	fail("add to an epoll set", name, failed);
}

/* The kernel numbers watches upwards. The program has removed those below the wanted one.
 * Removing a watch queues an event, which is read here. */
void restore_notify(struct fd_step *step)
{
	const struct plan_file *file = step->file;
	const char *path = plan_string(step->plan, file->path);
	uint64_t watch;
	char event[512];

	for (;;) {
		watch = (uint64_t)fd_must(step, "watch",
					  sys(__NR_inotify_add_watch, file->number, path,
					      file->notify.mask));
		if (watch >= file->notify.watch)
			break;
		sys(__NR_inotify_rm_watch, file->number, watch);
		sys(__NR_read, file->number, event, sizeof(event));
	}
	if (watch != file->notify.watch)
		fd_give_up(step, "restore the number of the inotify watch of", 0);
}
