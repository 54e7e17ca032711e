/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Refuses threads that have something of their own which the threads of a dump share: a table of
 * descriptors, a working directory and umask, namespaces (unshare(2), setns(2)). Warns of
 * namespaces that the process has entered.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/task.h"
#include "process/kernel_state.h"

static const char *const namespaces[] = {
	"cgroup", "ipc", "mnt", "net", "pid", "pid_for_children", "time", "time_for_children",
	"user", "uts",
};
#define NAMESPACES (sizeof(namespaces) / sizeof(*namespaces))

/* Do two threads share what a symbolic link in /proc leads to? Unreadable ones count as shared.
 * A namespace for children in which no process has been started yet is reported as missing. */
static bool share_link(uint32_t tid, uint32_t other, const char *name)
{
	char path[64];
	struct stat one = { 0 }, two;

	snprintf(path, sizeof(path), "/proc/%u/%s", tid, name);
	if (stat(path, &one) && errno != ENOENT)
		return true;
	snprintf(path, sizeof(path), "/proc/%u/%s", other, name);
	return stat(path, &two) || (one.st_ino == two.st_ino && one.st_dev == two.st_dev);
}

static bool share_namespace(uint32_t tid, uint32_t other, size_t which)
{
	char name[32];

	snprintf(name, sizeof(name), "ns/%s", namespaces[which]);
	return share_link(tid, other, name);
}

/* Kernels without CONFIG_KCMP, and some seccomp filters, refuse kcmp(). Then only what differs
 * at this moment is found. */
static bool share_directory(uint32_t tid, uint32_t other)
{
	long order = syscall(SYS_kcmp, tid, other, KCMP_FS, 0, 0);

	if (order >= 0)
		return order == 0;
	return share_link(tid, other, "cwd") && share_link(tid, other, "root");
}

static off_t count_descriptors(uint32_t tid)
{
	char path[64];
	struct stat status;

	snprintf(path, sizeof(path), "/proc/%u/fd", tid);
	return stat(path, &status) ? 0 : status.st_size; /* their number, since 6.2 */
}

static bool share_descriptors(uint32_t tid, uint32_t other)
{
	long order = syscall(SYS_kcmp, tid, other, KCMP_FILES, 0, 0);

	if (order >= 0)
		return order == 0;
	return count_descriptors(tid) == count_descriptors(other);
}

static void refuse_apart(struct process *process, uint32_t tid, const char *what)
{
	char name[17];

	task_name((pid_t)tid, name);
	report_error(process->report, THREAD, "thread %u (%s) has %s of its own, which the threads "
		     "of a dump share", tid, name, what);
}

static void check_thread(struct process *process, uint32_t tid, uint32_t first)
{
	char what[64];

	if (!share_descriptors(tid, first))
		refuse_apart(process, tid, "a table of descriptors");
	if (!share_directory(tid, first))
		refuse_apart(process, tid, "a working directory and umask");
	for (size_t i = 0; i < NAMESPACES; i++) {
		snprintf(what, sizeof(what), "a namespace (%s)", namespaces[i]);
		if (!share_namespace(tid, first, i))
			refuse_apart(process, tid, what);
	}
}

/* The descriptors that are captured are those of the process's first thread. */
void process_check_apart(struct process *process)
{
	const struct handoff *handoff = &process->handoff;
	bool keep = handoff->threads_wanted == UNEXEC_THREADS_KEEP;
	bool by_library = handoff->dumper != HANDOFF_NO_DUMPER;
	uint32_t first = by_library ? handoff->pid : process_task(process->threads);

	if (process->report->status)
		return;
	for (uint32_t i = 0; i < handoff->thread_count; i++) {
		uint32_t tid = process_task(&process->threads[i]);

		if (tid != first && process->threads[i].state == HANDOFF_PARKED
		    && (keep || i == handoff->dumper))
			check_thread(process, tid, first);
	}
}

bool process_children_are_apart(const struct process *process)
{
	uint32_t first = process_task(process->threads);
	struct stat own, children = { 0 };
	char path[64];

	snprintf(path, sizeof(path), "/proc/%u/ns/pid", first);
	if (stat(path, &own))
		return false;
	snprintf(path, sizeof(path), "/proc/%u/ns/pid_for_children", first);
	return (!stat(path, &children) || errno == ENOENT) && own.st_ino != children.st_ino;
}

void process_warn_namespaces(struct process *process, pid_t parent)
{
	uint32_t first = process_task(&process->threads[0]);
	char names[96] = "";

	for (size_t i = 0; parent && i < NAMESPACES; i++)
		if (!share_namespace(first, (uint32_t)parent, i))
			snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s",
				 *names ? ", " : "", namespaces[i]);
	if (parent && !share_link(first, (uint32_t)parent, "root"))
		report_warning(process->report, SETTING, "the process has another root directory "
			       "(chroot) than its parent; a dump has that of its starter");
	if (*names)
		report_warning(process->report, SETTING, "the process is in other namespaces (%s) "
			       "than its parent; a dump starts in those of its starter", names);
}
