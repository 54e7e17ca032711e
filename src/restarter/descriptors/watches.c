/* SPDX-License-Identifier: MIT
 *
 * epoll sets and inotify descriptors, and their watches.
 */
#include <linux/eventpoll.h>
#include <linux/fcntl.h>

#include "descriptors.h"

void restore_epoll(struct fd_step *step)
{
	fd_settle(step, sys(__NR_epoll_create1, step->file->flags & O_CLOEXEC));
}

void restore_inotify(struct fd_step *step)
{
	fd_settle(step, sys(__NR_inotify_init1, step->file->flags & (O_CLOEXEC | O_NONBLOCK)));
}

void restore_watch(struct fd_step *step)
{
	const struct plan_file *file = step->file;
	struct epoll_event event = { .events = (__poll_t)file->watch.events,
				     .data = file->watch.data };
	char number[32];
	long failed = sys(__NR_epoll_ctl, file->number, EPOLL_CTL_ADD, file->other, &event);

	if (!failed || fd_is_closed(failed, file->other))
		return;
	fd_name_number(number, file->other);
	fail("add to an epoll set", number, failed);
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
