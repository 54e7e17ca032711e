/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * epoll sets. A set watches open files, each under the number that it had when it was added. The
 * number may be closed since, or belong to another file; kcmp() finds the file that is watched.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/kcmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "descriptors/descriptors.h"
#include "descriptors/fdinfo.h"

#ifndef EPIOCGPARAMS /* since Linux 6.9; struct epoll_params has 8 bytes */
#define EPIOCGPARAMS _IOR(0x8A, 0x02, uint64_t)
#endif

const char *descriptor_add_epoll(struct descriptors *all, struct descriptor *descriptor)
{
	struct plan_file plan = descriptor_plan(descriptor, PLAN_FD_EPOLL);

	if (ioctl(descriptor->fd, EPIOCGPARAMS, &plan.epoll.parameters))
		plan.epoll.parameters = 0;
	image_add_file(all->process->capture.image, &plan, NULL, NULL);
	return NULL;
}

struct watch {
	int number;
	unsigned events;
	unsigned long long data;
	unsigned long inode;
	unsigned device; /* in the kernel's own form */
	unsigned index;  /* among those of this number */
	bool shared;     /* the number has several */
};

/* Can it be that file? */
static bool looks_like(const struct descriptor *target, const struct watch *watch)
{
	dev_t device = target->status.st_dev;

	return target->status.st_ino == watch->inode
	       && watch->device == (major(device) << 20 | minor(device));
}

/* 1, 0, or -1: unknown. */
static int is_target(const struct descriptor *set, const struct descriptor *target,
		     const struct watch *watch)
{
	struct kcmp_epoll_slot slot = { .efd = (uint32_t)set->fd,
					.tfd = (uint32_t)watch->number, .toff = watch->index };
	pid_t pid = getpid();
	long order;

	if (!looks_like(target, watch))
		return 0;
	order = syscall(SYS_kcmp, pid, pid, KCMP_EPOLL_TFD, target->fd, &slot);
	return order < 0 ? -1 : order == 0;
}

/* Returns the descriptor of the watched file, or NULL. */
static const struct descriptor *find_target(struct descriptors *all,
					    const struct descriptor *set,
					    const struct watch *watch)
{
	const struct descriptor *target = descriptors_find(all, watch->number);

	if (target && is_target(set, target, watch))
		return target;
	for (size_t i = 0; i < all->count; i++)
		if (is_target(set, &all->list[i], watch) == 1)
			return &all->list[i];
	return NULL;
}

/* Has it reported an event with EPOLLONESHOT, and is it not armed again? (fs/eventpoll.c:
 * EP_PRIVATE_BITS remain.) */
static bool is_disarmed(const struct watch *watch)
{
	return watch->events & EPOLLONESHOT
	       && !(watch->events & ~(uint32_t)(EPOLLONESHOT | EPOLLET | EPOLLWAKEUP
						| EPOLLEXCLUSIVE));
}

static void warn_of_absent(struct descriptors *all, const struct descriptor *set,
			   const struct descriptor *target)
{
	char keep[80];

	if (all->process->pidfd < 0)
		snprintf(keep, sizeof(keep), "UNEXEC_FD_HANGUP reports its end to the set");
	else
		snprintf(keep, sizeof(keep), "--fd %d=hangup reports its end to the set",
			 target->number);
	report_warning(all->process->report, DESCRIPTOR,
		       "descriptor %d, an epoll set, does not wait in the dump for descriptor %d, "
		       "which is %s there; %s", set->number, target->number,
		       target->policy == HANDOFF_FD_CLOSE ? "closed" : "another file", keep);
}

/* Without kcmp, only a watch that is the only one of its number is known to be of that descriptor. */
static bool is_ambiguous(struct descriptors *all, const struct descriptor *set,
			 const struct watch *watch)
{
	const struct descriptor *target = descriptors_find(all, watch->number);

	if (!watch->shared || !target || is_target(set, target, watch) >= 0)
		return false;
	report_error(all->process->report, DESCRIPTOR,
		     "descriptor %d, an epoll set, waits for several files under the number %d, and "
		     "kcmp(2), which shows them, is not permitted", set->number, watch->number);
	return true;
}

static void add_watch(struct descriptors *all, const struct descriptor *set,
		      const struct watch *watch)
{
	const struct descriptor *target = find_target(all, set, watch);
	struct plan_file plan = descriptor_plan(set, PLAN_FD_WATCH);

	if (is_ambiguous(all, set, watch))
		return;
	if (!target) {
		report_warning(all->process->report, DESCRIPTOR,
			       "descriptor %d, an epoll set, does not wait in the dump for "
			       "the file that was descriptor %d and has no descriptor now",
			       set->number, watch->number);
		return;
	}
	if (target->absent && !target->inherited && target->policy != HANDOFF_FD_HANGUP) {
		warn_of_absent(all, set, target);
		return;
	}
	plan.other = target->number;
	plan.watch.number = (uint64_t)watch->number;
	plan.watch.events = watch->events;
	plan.watch.data = watch->data;
	plan.watch.disarmed = is_disarmed(watch);
	image_add_file(all->process->capture.image, &plan, NULL, NULL);
}

/* "tfd:        5 events:       19 data:                5  pos:0 ino:4b sdev:f" */
static size_t read_watched(const char *info, struct watch **ret_list)
{
	struct watch *list = NULL;
	size_t count = 0, room = 0;

	for (const char *line = info; line; line = strchr(line, '\n')) {
		struct watch watch = { .index = 0 };

		line += *line == '\n';
		if (sscanf(line, "tfd: %d events: %x data: %llx pos:%*d ino:%lx sdev:%x",
			   &watch.number, &watch.events, &watch.data, &watch.inode,
			   &watch.device) != 5)
			continue;
		for (size_t i = 0; i < count; i++)
			watch.index += list[i].number == watch.number;
		watch.shared = watch.index > 0;
		for (size_t i = 0; i < count && watch.shared; i++)
			list[i].shared |= list[i].number == watch.number;
		xgrow(list, count, room);
		list[count++] = watch;
	}
	*ret_list = list;
	return count;
}

/* The disarmed ones come first: the start disarms each by an event, while no other can report
 * one. */
static void add_set(struct descriptors *all, const struct descriptor *set)
{
	char *info = fdinfo_read(all->process, all->process->handoff.fds.proc, set->number);
	struct watch *list;
	size_t count = read_watched(info, &list);

	for (size_t i = 0; i < count; i++)
		if (is_disarmed(&list[i]))
			add_watch(all, set, &list[i]);
	for (size_t i = 0; i < count; i++)
		if (!is_disarmed(&list[i]))
			add_watch(all, set, &list[i]);
	free(list);
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
