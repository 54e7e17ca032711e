/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * User IDs and capabilities belong to whoever starts a dump. But a process that has given up some
 * since its execve(), as a server does that root has started, must not have them again in the
 * dump.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/task.h"
#include "capture/auxv.h"
#include "process/kernel_state.h"
#include "process/proc_files.h"

/* Reads numbers into `ret`; returns how many there are, also beyond `room`. */
static uint32_t read_ids(struct process *process, const char *key, uint32_t *ret, uint32_t room)
{
	char line[8192], *end;
	uint32_t count = 0;
	FILE *stream = process_open(process->handoff.fds.original, "status");
	const char *at = NULL;

	while (stream && !at && fgets(line, sizeof(line), stream))
		if (!strncmp(line, key, strlen(key)))
			at = line + strlen(key);
	if (stream)
		fclose(stream);
	for (; at; at = end, count++) {
		unsigned long number = strtoul(at, &end, 10);

		if (end == at)
			break;
		if (count < room)
			ret[count] = (uint32_t)number;
	}
	return count;
}

static uint64_t read_set(struct process *process, const char *key)
{
	char line[256];
	const char *value = process_thread_status(process->handoff.fds.original,
						  process_task(process->threads), key, line);

	return value ? strtoull(value, NULL, 16) : 0;
}

/* The IDs that this process sees in /proc are those of its own user namespace. */
static bool is_in_our_namespace(struct process *process)
{
	struct stat ours, its;

	return stat("/proc/self/ns/user", &ours)
	       || fstatat(process->handoff.fds.original, "ns/user", &its, 0)
	       || (ours.st_ino == its.st_ino && ours.st_dev == its.st_dev);
}

/* After execve(), the saved and the file-system ID are the effective one. */
static bool ids_have_changed(struct process *process, const uint32_t now[4], uint64_t real,
			     uint64_t effective)
{
	struct capture *capture = &process->capture;

	return now[0] != capture_auxv(capture, real) || now[1] != capture_auxv(capture, effective)
	       || now[2] != now[1] || now[3] != now[1];
}

/* execve() gives root all capabilities that the bounding set allows. */
static bool has_less_than_root(struct process *process, const struct plan_rights *rights)
{
	return !capture_auxv(&process->capture, AT_EUID)
	       && (rights->permitted != rights->bounding
		   || (!rights->users[1] && rights->effective != rights->permitted));
}

/* unexec itself has the bounding set of whoever looks at the process from outside. */
static bool is_bounded(const struct process *process, const struct plan_rights *rights)
{
	char own[64];

	return process->handoff.dumper == HANDOFF_NO_DUMPER
	       && !task_status(getpid(), "CapBnd", own, sizeof(own))
	       && strtoull(own, NULL, 16) & ~rights->bounding;
}

static void report_rights(struct process *process, const char *what)
{
	bool accepted = process->handoff.lose & UNEXEC_LOSE_RIGHTS;

	report_add(process->report, accepted ? UNEXEC_WARNING : UNEXEC_ERROR,
		   UNEXEC_CODE_PROTECTION, 0, 0, 0, "%s%s", what,
		   accepted ? "" : "; --lose=rights (UNEXEC_LOSE_RIGHTS) accepts that");
}

/* Does a line of the two threads' status differ? It may be long: a thread can be in 65536 groups. */
static bool differs_in(struct process *process, uint32_t tid, uint32_t other, const char *key)
{
	char *one = process_status_line(process->handoff.fds.original, tid, key);
	char *two = process_status_line(process->handoff.fds.original, other, key);
	bool differs = one && two && strcmp(one, two) != 0;

	free(one);
	free(two);
	return differs;
}

/* Threads can change their own by raw system calls. */
static void check_thread_rights(struct process *process, uint32_t tid, uint32_t first)
{
	static const char *const keys[] = { "Uid:", "Gid:", "Groups:", "CapInh:", "CapPrm:",
					    "CapEff:", "CapBnd:", "CapAmb:" };
	bool differs = false;
	char name[17], what[160];

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		differs |= differs_in(process, tid, first, keys[i]);
	if (!differs)
		return;
	task_name((pid_t)tid, name);
	snprintf(what, sizeof(what), "thread %u (%s) differs from another in user IDs, groups or "
		 "capabilities, which are the same in all threads of a dump", tid, name);
	report_rights(process, what);
}

void process_capture_rights(struct process *process)
{
	struct plan_rights rights = { .limited = 1 };

	if (!process->handoff.thread_count || process->report->status)
		return;
	for (uint32_t i = 1; i < process->handoff.thread_count; i++)
		if (process->threads[i].state == HANDOFF_PARKED)
			check_thread_rights(process, process_task(&process->threads[i]),
					    process_task(process->threads));
	if (process->handoff.lose & UNEXEC_LOSE_RIGHTS || !is_in_our_namespace(process))
		return;
	read_ids(process, "Uid:", rights.users, 4);
	read_ids(process, "Gid:", rights.groups, 4);
	rights.permitted = read_set(process, "CapPrm:");
	rights.effective = read_set(process, "CapEff:");
	rights.inheritable = read_set(process, "CapInh:");
	rights.bounding = read_set(process, "CapBnd:");
	rights.ambient = read_set(process, "CapAmb:");
	if (!ids_have_changed(process, rights.users, AT_UID, AT_EUID)
	    && !ids_have_changed(process, rights.groups, AT_GID, AT_EGID)
	    && !has_less_than_root(process, &rights) && !is_bounded(process, &rights))
		return;
	rights.group_count = read_ids(process, "Groups:", rights.group_list, PLAN_GROUPS);
	if (rights.group_count > PLAN_GROUPS)
		report_rights(process, "the process has given up rights and has more than 32 "
				       "groups, which a dump cannot preserve");
	process->capture.image->rights = rights;
}
