/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Warns of System V semaphores and message queues. They belong to the system, and a dump has only
 * their numbers. The kernel records who has last used each of them, and whether a process has
 * a list for SEM_UNDO, but shows no adjustments.
 */
#define _GNU_SOURCE
#include <linux/kcmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sem.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "process/kernel_state.h"
#include "process/proc_files.h"

/* The numbers that are listed are those of this process's namespace. */
static bool shares_ipc(struct process *process)
{
	struct stat ours, its;

	return !stat("/proc/self/ns/ipc", &ours)
	       && !fstatat(process->handoff.fds.original, "ns/ipc", &its, 0)
	       && ours.st_ino == its.st_ino && ours.st_dev == its.st_dev;
}

static void warn_used(struct process *process, const char *what, int id)
{
	report_warning(process->report, SETTING, "the process has used %s %d, which belongs to the "
		       "system: all starts use the same one", what, id);
}

/* Has the process done the last operation on any semaphore of the set? */
static bool has_used_set(int id, unsigned long count, pid_t pid)
{
	for (unsigned long i = 0; i < count; i++)
		if (semctl(id, (int)i, GETPID) == pid)
			return true;
	return false;
}

/* This process has no list of adjustments: if the other has the same, it has none, too. A list
 * alone proves nothing: CLONE_SYSVSEM, which pthread_create() passes, makes an empty one. */
static bool has_undo_list(pid_t pid)
{
	return syscall(SYS_kcmp, getpid(), pid, KCMP_SYSVSEM, 0, 0) > 0;
}

/* Lines of "key semid perms nsems …" (kernel: ipc/sem.c). */
static void check_semaphores(struct process *process, pid_t pid)
{
	FILE *stream = fopen("/proc/sysvipc/sem", "re");
	unsigned long count;
	bool used = false;
	char line[256];
	int id;

	while (stream && fgets(line, sizeof(line), stream))
		if (sscanf(line, "%*d %d %*o %lu", &id, &count) == 2
		    && has_used_set(id, count, pid)) {
			warn_used(process, "the System V semaphore set", id);
			used = true;
		}
	if (stream)
		fclose(stream);
	if (used && has_undo_list(pid))
		report_warning(process->report, SETTING, "the process may use SEM_UNDO: a dump lacks "
			       "the changes of System V semaphores that would be undone at its end");
}

/* Lines of "key msqid perms cbytes qnum lspid lrpid …" (kernel: ipc/msg.c). */
static void check_queues(struct process *process, pid_t pid)
{
	FILE *stream = fopen("/proc/sysvipc/msg", "re");
	int id, sender, receiver;
	char line[256];

	while (stream && fgets(line, sizeof(line), stream))
		if (sscanf(line, "%*d %d %*o %*u %*u %d %d", &id, &sender, &receiver) == 3
		    && (sender == pid || receiver == pid))
			warn_used(process, "the System V message queue", id);
	if (stream)
		fclose(stream);
}

void process_warn_sysv(struct process *process)
{
	bool by_library = process->handoff.dumper != HANDOFF_NO_DUMPER;
	pid_t pid;

	if (process->report->status)
		return;
	if (!shares_ipc(process))
		return;
	pid = (pid_t)(by_library ? process->handoff.pid : process_task(process->threads));
	check_semaphores(process, pid);
	check_queues(process, pid);
}
