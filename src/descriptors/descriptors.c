/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lists the descriptors of the process and decides about each. 0 to 2 are those of the new
 * process. If the program has set a policy other than UNEXEC_FD_RECREATE, it applies; other
 * descriptors are restored by kind; the default policy applies to those that cannot be.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "descriptors/descriptors.h"
#include "process/proc_files.h"
#include "descriptors/fdinfo.h"
#include "base/xalloc.h"
#include "base/names.h"

/* ---- The list --------------------------------------------------------------------------- */

/* Did the library or the copy open the descriptor, for the dump itself? */
static bool is_ours(const struct process *process, int number)
{
	const struct handoff *handoff = &process->handoff;
	const struct handoff_fds *fds = &handoff->fds;

	if (process->pidfd >= 0)
		return false;
	return number == fds->mem || number == fds->pagemap || number == fds->proc
	       || number == fds->smaps || number == fds->original || number == fds->answer
	       || number == handoff->original_fds[0] || number == handoff->original_fds[1];
}

/* Does the descriptor have FD_CLOEXEC? The copy has cleared the flag in descriptors that the
 * writer was to inherit, and recorded which had it. */
static bool is_close_on_exec(struct process *process, int number)
{
	const struct handoff *handoff = &process->handoff;
	unsigned char byte = 0;
	uint64_t flags;
	char *info;

	if (process->pidfd < 0)
		return (uint32_t)number < handoff->close_on_exec_count
		       && !process->capture.read(&process->capture, handoff->close_on_exec
						 + (uint32_t)number, &byte, 1) && byte;
	info = fdinfo_read(process, handoff->fds.proc, number);
	flags = fdinfo_number(info, "flags", 'o', 0);
	free(info);
	return flags & O_CLOEXEC;
}

/* Fills in the members that all kinds need. */
static int examine_descriptor(struct process *process, int number, struct descriptor *ret)
{
	char name[32];
	int flags;

	snprintf(name, sizeof(name), "fd/%d", number);
	*ret = (struct descriptor){ .number = number, .fd = number };
	if (process->pidfd >= 0)
		ret->fd = (int)syscall(SYS_pidfd_getfd, process->pidfd, number, 0);
	if (process->fetch_fd && ret->fd < 0 && errno != EBADF)
		ret->fd = process->fetch_fd(process->fetch_context, number);
	flags = ret->fd < 0 ? -1 : fcntl(ret->fd, F_GETFL);
	if (flags < 0 || fstat(ret->fd, &ret->status))
		return -1;
	ret->target = process_readlink(process->handoff.fds.proc, name);
	ret->flags = (unsigned)flags & ~(unsigned)(O_CREAT | O_EXCL | O_TRUNC | O_CLOEXEC);
	if (is_close_on_exec(process, number))
		ret->flags |= O_CLOEXEC;
	return ret->target ? 0 : -1;
}

/* Closes a fetched descriptor: as long as we have it, a pipe does not end for its reader. */
static void release_descriptor(const struct process *process,
			       const struct descriptor *descriptor)
{
	if ((process->pidfd >= 0 || descriptor->is_in_flight) && descriptor->fd >= 0)
		close(descriptor->fd);
	free(descriptor->target);
	free(descriptor->description);
	free(descriptor->queue.bytes);
}

static void list_descriptors(struct descriptors *all)
{
	struct process *process = all->process;
	int directory = openat(process->handoff.fds.proc, "fd", O_RDONLY | O_DIRECTORY);
	DIR *list = directory < 0 ? NULL : fdopendir(directory);
	struct dirent *entry;
	size_t room = 0;

	if (!list) {
		report_errno(process->report, NO_PROC, "cannot list the descriptors");
		return;
	}
	while (errno = 0, (entry = readdir(list))) {
		int number = atoi(entry->d_name);

		if (entry->d_name[0] == '.' || is_ours(process, number))
			continue;
		xgrow(all->list, all->count, room);
		if (examine_descriptor(process, number, &all->list[all->count])) {
			if (number > 2)
				report_errno(process->report, NO_PROC,
					     "cannot examine descriptor %d", number);
			release_descriptor(process, &all->list[all->count]);
		} else {
			all->count++;
		}
	}
	if (errno)
		report_errno(process->report, NO_PROC, "cannot list the descriptors");
	closedir(list);
	descriptors_sort(all);
}

/* ---- Policies --------------------------------------------------------------------------- */

static void note_policies(struct descriptors *all)
{
	const struct process *process = all->process;

	for (size_t i = 0; i < process->policy_count; i++) {
		struct descriptor *descriptor;

		descriptor = descriptors_find(all, process->policies[i].number);
		if (!descriptor || descriptor->number <= 2)
			continue;
		descriptor->policy = process->policies[i].policy;
		descriptor->chosen = true;
	}
}

static void follow_policy(struct descriptors *all, struct descriptor *descriptor,
			  uint32_t policy)
{
	bool null = policy == HANDOFF_FD_NULL;
	struct plan_file plan = { .kind = null ? PLAN_FD_OPEN : PLAN_FD_CLOSE,
				  .number = descriptor->number,
				  .flags = O_RDWR | (descriptor->flags & O_CLOEXEC),
				  .offset = PLAN_NO_OFFSET };

	descriptor->policy = policy;
	descriptor->settled = descriptor->absent = true;
	if (policy == HANDOFF_FD_HANGUP) { /* a socket pair without its other end */
		plan.kind = PLAN_FD_PAIR;
		plan.flags |= descriptor->flags & O_NONBLOCK;
		plan.socket.type = SOCK_STREAM;
	}
	if (policy != HANDOFF_FD_KEEP)
		image_add_file(all->process->capture.image, &plan, null ? "/dev/null" : NULL,
			       NULL);
}

/* Descriptors that the process was started with, and that it has not replaced. */
static void leave_to_starter(struct descriptors *all)
{
	const struct process *process = all->process;

	for (size_t i = 0; i < all->count; i++) {
		struct descriptor *descriptor = &all->list[i];

		if (descriptor->number <= 2 || descriptor->chosen
		    || !inherited_has_descriptor(&process->inherited, descriptor->number,
						 &descriptor->status))
			continue;
		descriptor->inherited = descriptor->absent = true;
		report_note(process->report, DESCRIPTOR, "descriptor %d (%s) was inherited: a "
			    "start has it as its starter leaves it", descriptor->number,
			    descriptor->target);
	}
}

static void follow_policies(struct descriptors *all)
{
	note_policies(all);
	for (size_t i = 0; i < all->count; i++)
		if (all->list[i].policy != HANDOFF_FD_RECREATE)
			follow_policy(all, &all->list[i], all->list[i].policy);
}

/* ---- Each descriptor -------------------------------------------------------------------- */

static const char *add_same(struct descriptors *all, struct descriptor *descriptor)
{
	struct plan_file plan = descriptor_plan(descriptor, PLAN_FD_SAME);

	plan.flags &= O_CLOEXEC;
	plan.other = descriptor->same->number;
	image_add_file(all->process->capture.image, &plan, NULL, NULL);
	return NULL;
}

static const char *add_unknown(struct descriptors *all, struct descriptor *descriptor)
{
	(void)all;
	return S_ISBLK(descriptor->status.st_mode) ? "a block device" : "a kernel object";
}

static bool has_target(const struct descriptor *descriptor, const char *const *targets)
{
	for (; *targets; targets++)
		if (!strncmp(descriptor->target, *targets, strlen(*targets)))
			return true;
	return false;
}

/* Finds the kind by the target of the link in /proc/PID/fd, else by the type of the file. */
static descriptor_add *find_kind(const struct descriptor *descriptor)
{
#define OTHERWISE
#define BY_TARGET(function, ...) \
	if (has_target(descriptor, (const char *const[]){ __VA_ARGS__, NULL })) \
		return function;
#define FIND(name, keyword, phase, shown, capture, ...) capture
	DESCRIPTOR_KINDS(FIND)
#undef OTHERWISE
#undef BY_TARGET
#undef FIND

	if (descriptor->target[0] == '/' && (descriptor->flags & O_PATH))
		return descriptor_add_path;
	switch (descriptor->status.st_mode & S_IFMT) {
	case S_IFREG:
	case S_IFDIR: return descriptor->target[0] == '/' ? descriptor_add_path : add_unknown;
	case S_IFCHR: return descriptor_add_device;
	case S_IFIFO: return descriptor_add_pipe;
	case S_IFSOCK: return descriptor_add_socket;
	}
	return add_unknown;
}

/* The error for an io_uring covers its mappings, too. */
static void refuse_ring(struct descriptors *all, const struct descriptor *ring, const char *what)
{
	report_error(all->process->report, IO_URING, "descriptor %d is %s", ring->number, what);
	objects_add_mapped(all->process, ring->number, &ring->status, PLAN_FD_MAP_RING);
}

static void refuse_descriptor(struct descriptors *all, struct descriptor *descriptor,
			      const char *what)
{
	mode_t mode = descriptor->status.st_mode;
	bool connection = S_ISSOCK(mode) || S_ISFIFO(mode) || S_ISCHR(mode);
	bool named_pipe = S_ISFIFO(mode) && descriptor->target[0] == '/' && !descriptor->chosen;
	int number = descriptor->is_in_flight ? descriptor->carrier : descriptor->number;
	char recreate[80] = "";

	if (!strcmp(descriptor->target, "anon_inode:[io_uring]")) {
		refuse_ring(all, descriptor, what);
	} else if (all->process->pidfd < 0) {
		report_error(all->process->report, DESCRIPTOR,
			     "descriptor %d is %s (%s); unexec_set_fd_policy with UNEXEC_FD_%s "
			     "or UNEXEC_FD_CLOSE dumps without it%s", number, what,
			     descriptor->target, connection ? "HANGUP" : "NULL",
			     named_pipe ? ", UNEXEC_FD_RECREATE opens its name" : "");
	} else {
		if (named_pipe)
			snprintf(recreate, sizeof(recreate), ", --fd %d=recreate opens its name",
				 number);
		report_error(all->process->report, DESCRIPTOR,
			     "descriptor %d is %s (%s); --fd %d=%s or --fd %d=close dumps "
			     "without it%s", number, what, descriptor->target, number,
			     connection ? "hangup" : "null", number, recreate);
	}
}

/* For descriptors that cannot be restored and have no policy of their own. */
static void follow_default(struct descriptors *all, struct descriptor *descriptor,
			   const char *what)
{
	static const char *const becomes[] = {
		[HANDOFF_FD_CLOSE] = "closed",
		[HANDOFF_FD_NULL] = "/dev/null",
		[HANDOFF_FD_KEEP] = "inherited from the starter",
		[HANDOFF_FD_HANGUP] = "hung up",
	};
	uint32_t policy = all->process->handoff.fd_policy;

	if (policy == HANDOFF_FD_RECREATE || policy > HANDOFF_FD_HANGUP)
		refuse_descriptor(all, descriptor, what);
	else
		report_warning(all->process->report, DESCRIPTOR,
			       "descriptor %d, %s (%s), is %s in the dump",
			       descriptor->is_in_flight ? descriptor->carrier
							: descriptor->number, what, descriptor->target, becomes[policy]);
	follow_policy(all, descriptor, policy);
}

/* Signals for an open file: SIGIO, SIGURG, and those for a directory, which the kernel does not
 * list. A lease, which has its own warning, has a receiver, too. A descriptor with O_PATH has none,
 * and cannot be asked. */
static void warn_receiver(struct descriptors *all, const struct descriptor *descriptor)
{
	int fd = descriptor->fd;

	if (descriptor->flags & O_PATH || fcntl(fd, F_GETLEASE) == F_RDLCK
	    || fcntl(fd, F_GETLEASE) == F_WRLCK
	    || !(descriptor->flags & O_ASYNC || fcntl(fd, F_GETOWN) || fcntl(fd, F_GETSIG) > 0))
		return;
	if (S_ISDIR(descriptor->status.st_mode))
		descriptor_warn(all, descriptor, "no signal is sent for changes of the directory "
						 "in the dump (F_NOTIFY)");
	else
		descriptor_warn(all, descriptor, "no signal is sent for it in the dump (F_SETOWN)");
}

static void add_descriptor(struct descriptors *all, struct descriptor *descriptor)
{
	const struct descriptor *same = descriptor->same;
	const char *what;

	if (same != descriptor && descriptor->is_in_flight)
		what = NULL; /* that is sent */
	else if (same != descriptor && (descriptor_is_starters(same) || !same->absent))
		what = add_same(all, descriptor);
	else
		what = find_kind(descriptor)(all, descriptor);
	if (what && descriptor->is_in_flight)
		what = descriptor_describe_carrier(descriptor, what);
	if (what)
		follow_default(all, descriptor, what);
	else
		warn_receiver(all, descriptor);
	descriptor->settled = true;
}

/* Leaves out descriptors that the program has opened since it was started. */
static void leave_out_descriptors(struct descriptors *all)
{
	for (size_t i = 0; i < all->count; i++)
		if (!all->list[i].settled && !descriptor_is_starters(&all->list[i])) {
			descriptor_warn(all, &all->list[i], "closed in the dump");
			follow_policy(all, &all->list[i], HANDOFF_FD_KEEP);
		}
}

void descriptors_capture(struct process *process)
{
	struct descriptors all = { .process = process };

	list_descriptors(&all);
	follow_policies(&all);
	leave_to_starter(&all);
	if (process->handoff.reset_as_exec)
		leave_out_descriptors(&all);
	descriptors_list_in_flight(&all);
	descriptors_find_same(&all);
	for (size_t i = 0; i < all.count; i++)
		if (!all.list[i].settled && !descriptor_is_starters(&all.list[i]))
			add_descriptor(&all, &all.list[i]);
	descriptors_add_watches(&all);
	descriptors_add_registered(&all);
	descriptors_add_locks(&all);
	descriptors_close_in_flight(&all);
	descriptors_add_input(&all);
	if (process->pidfd >= 0)
		descriptors_add_terminal(&all);
	for (size_t i = 0; i < all.count; i++)
		release_descriptor(process, &all.list[i]);
	free(all.list);
}
