/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Settings that a new process inherits belong to whoever starts the dump, unless the program has
 * changed them itself. It has, if they differ from its parent's. Without a parent to compare
 * with (it has ended, or is outside of a container), they count as inherited.
 */
#define _GNU_SOURCE
#include <linux/prctl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/task.h"
#include "process/kernel_state.h"
#include "process/proc_files.h"

#define WHO_PROCESS 1 /* IOPRIO_WHO_PROCESS */
#define CLASS_SHIFT 13
#define CLASS_BEST_EFFORT 2

pid_t process_parent(struct process *process)
{
	FILE *stream = process_open(process->handoff.fds.original, "status");
	char line[256];
	int parent = 0;

	while (stream && fgets(line, sizeof(line), stream) && !parent)
		if (sscanf(line, "PPid: %d", &parent) == 1)
			break;
	if (stream)
		fclose(stream);
	return parent > 1 ? parent : 0;
}

/* Reads a number from a file of the process; returns whether it differs from the parent's. */
static bool file_has_changed(struct process *process, pid_t parent, const char *name, int base,
			     uint32_t *ret)
{
	FILE *stream = process_open(process->handoff.fds.original, name);
	char own[32] = "", other[32] = "";

	if (stream && !fgets(own, sizeof(own), stream))
		own[0] = 0;
	if (stream)
		fclose(stream);
	*ret = (uint32_t)strtol(own, NULL, base);
	return own[0] && parent && !task_read(parent, name, other, sizeof(other)) && other[0]
	       && strcmp(own, other) != 0;
}

/* The kernel derives the priority of a thread without one from its nice value. */
static uint32_t io_priority(pid_t tid, int32_t nice, pid_t parent)
{
	long own = syscall(SYS_ioprio_get, WHO_PROCESS, tid);

	if (own <= 0 || !(own >> CLASS_SHIFT))
		return 0;
	if (own == (CLASS_BEST_EFFORT << CLASS_SHIFT | (nice + 20) / 5))
		return 0;
	if (parent && own == syscall(SYS_ioprio_get, WHO_PROCESS, parent))
		return 0;
	return (uint32_t)own;
}

/* Which of PLAN_THREAD_CLASS and _AFFINITY does the first thread have of its own? */
static uint32_t differs_from(const struct handoff_thread *thread, pid_t parent)
{
	struct sched_param parameters = { 0 };
	int policy = sched_getscheduler(parent);
	uint64_t affinity[16] = { 0 };
	uint32_t flags = 0;

	/* SCHED_RESET_ON_FORK is never inherited. */
	if (policy >= 0 && !sched_getparam(parent, &parameters)
	    && (thread->policy & SCHED_RESET_ON_FORK || (uint32_t)policy != thread->policy
		|| (uint32_t)parameters.sched_priority != thread->priority))
		flags |= PLAN_THREAD_CLASS;
	if (syscall(SYS_sched_getaffinity, parent, sizeof(affinity), affinity) > 0
	    && memcmp(affinity, thread->affinity, sizeof(affinity)) != 0)
		flags |= PLAN_THREAD_AFFINITY;
	return flags;
}

static const struct handoff_thread *find_thread(const struct process *process, uint32_t tid)
{
	const struct handoff_thread *thread = process->threads;

	while (thread->tid != tid)
		thread++;
	return thread;
}

/* The policy of the first thread is seen in its memory (numa.c). */
static void differ_from_first(struct process *process, const struct handoff_settings *from,
			      const struct handoff_settings *first, struct plan_thread *to,
			      pid_t tid)
{
	const uint32_t program = ~PLAN_STARTERS_PERSONALITY;

	to->parent_death_signal = from->parent_death_signal;
	if (from->tsc != first->tsc)
		to->tsc = from->tsc;
	if (from->memory_failure != first->memory_failure)
		to->memory_failure = from->memory_failure;
	if ((from->personality ^ first->personality) & program) {
		to->personality = from->personality & program;
		to->flags |= PLAN_THREAD_PERSONALITY;
	}
	if (from->memory_policy)
		report_warning(process->report, SETTING, "thread %d loses its memory policy "
			       "(set_mempolicy)", (int)tid);
}

static void capture_threads_settings(struct process *process, pid_t parent,
				     const struct handoff_settings *first)
{
	struct image *image = process->capture.image;
	uint32_t flags = 0;

	for (size_t i = 0; i < image->thread_count; i++) {
		const struct handoff_thread *from = find_thread(process, image->thread_tids[i]);
		pid_t tid = (pid_t)process_task(from);
		struct plan_thread *to = &image->threads[i];

		if (!i && parent)
			flags = differs_from(from, parent);
		to->flags |= flags;
		if (to->flags & PLAN_THREAD_SCHEDULE)
			to->flags &= ~(uint32_t)PLAN_THREAD_CLASS;
		if (i)
			differ_from_first(process, &from->settings, first, to, tid);
		if (from->settings.keyrings & HANDOFF_THREAD_KEYRING)
			report_warning(process->report, SETTING, "thread %d has a keyring of its "
				       "own (keyctl), which is not in the dump", (int)tid);
		to->io_priority = io_priority(tid, from->nice, parent);
		if (from->timer_slack != process->handoff.timer_slack)
			to->timer_slack = from->timer_slack;
		if (from->policy == SCHED_DEADLINE)
			report_warning(process->report, SETTING, "thread %d loses its scheduling "
				       "class, SCHED_DEADLINE", (int)tid);
	}
}

void process_capture_settings(struct process *process)
{
	struct plan_settings *to = &process->capture.image->settings;
	const struct handoff_settings *first;
	pid_t parent = process_parent(process);

	if (process->report->status)
		return;
	first = &find_thread(process, process->capture.image->thread_tids[0])->settings;
	capture_threads_settings(process, parent, first);
	if (first->keyrings & HANDOFF_PROCESS_KEYRING)
		report_warning(process->report, SETTING, "the process has a keyring (keyctl), which "
			       "is not in the dump");
	process_warn_namespaces(process, parent);
	to->parent_death_signal = first->parent_death_signal;
	to->tsc = first->tsc == PR_TSC_SIGSEGV ? PR_TSC_SIGSEGV : 0;
	if (first->memory_failure != 1 + PR_MCE_KILL_DEFAULT)
		to->memory_failure = first->memory_failure;
	to->personality = first->personality & ~PLAN_STARTERS_PERSONALITY;
	if (file_has_changed(process, parent, "oom_score_adj", 10, &to->oom_score_adj))
		to->files |= PLAN_OOM_SCORE_ADJ;
	if (file_has_changed(process, parent, "coredump_filter", 16, &to->coredump_filter))
		to->files |= PLAN_COREDUMP_FILTER;
}
