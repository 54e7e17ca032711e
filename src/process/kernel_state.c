/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Captures what the kernel keeps of the process: threads, signals, timers, settings, the bounds
 * of its memory.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/task.h"
#include "base/xalloc.h"
#include "process/kernel_state.h"
#include "process/proc_files.h"

/* Returns false with errno if the thread has ended or its name is unknown. */
static bool read_thread_name(struct process *process, long tid, char name[16])
{
	char path[40];
	FILE *stream;
	bool done;

	snprintf(path, sizeof(path), "task/%ld/comm", tid);
	stream = process_open(process->handoff.fds.original, path);
	done = stream && fgets(name, 16, stream);
	name[done ? strcspn(name, "\n") : 0] = 0;
	if (stream)
		fclose(stream);
	return done;
}

/* Reads a set of signals from the status file of a thread that is held. */
static uint64_t pending_signals(struct process *process, uint32_t tid, const char *name)
{
	char line[256];
	const char *value = process_thread_status(process->handoff.fds.original, tid, name,
						   line);

	if (!value)
		report_error(process->report, NO_PROC, "cannot read the status of thread %u",
			     tid);
	return value ? strtoull(value, NULL, 16) : 0;
}

/* The reason why a thread did not stop when it got signal 33. */
static const char *why_not_parked(struct process *process, uint32_t tid)
{
	char line[256];
	int proc = process->handoff.fds.original;
	const char *state = process_thread_status(proc, tid, "State:", line), *blocked;

	if (!state)
		return "it has just ended";
	if (*state == 'Z' || *state == 'X')
		return "it has ended, and other threads still run";
	if (*state == 'T' || *state == 't')
		return "it is stopped";
	blocked = process_thread_status(proc, tid, "SigBlk:", line);
	if (blocked && strtoull(blocked, NULL, 16) >> 32 & 1)
		return "it blocks all signals";
	return "it is in an uninterruptible call";
}

static bool is_io_uring_worker(const struct process *process, uint32_t tid)
{
	char path[32];

	snprintf(path, sizeof(path), "task/%u/stat", tid);
	return task_flags(process->handoff.fds.original, path) & PF_IO_WORKER;
}

/* Reports, by name, each thread that the caller excluded or that could not be parked. */
static void refuse_threads(struct process *process)
{
	const struct handoff *handoff = &process->handoff;
	const struct handoff_thread *threads = process->threads;
	int directory = openat(handoff->fds.original, "task", O_RDONLY | O_DIRECTORY);
	DIR *list = directory < 0 ? NULL : fdopendir(directory);
	struct dirent *entry;

	if (!list) {
		report_errno(process->report, NO_PROC, "cannot list the threads");
		return;
	}
	while (errno = 0, (entry = readdir(list))) {
		uint32_t tid = (uint32_t)atol(entry->d_name);
		uint32_t state = HANDOFF_GONE;
		char name[16];

		for (uint32_t i = 0; i < handoff->thread_count; i++)
			if (process_task(&threads[i]) == tid && threads[i].state != HANDOFF_GONE)
				state = threads[i].state;
		if (entry->d_name[0] == '.' || state == HANDOFF_PARKED
		    || is_io_uring_worker(process, tid))
			continue;
		read_thread_name(process, tid, name);
		if (handoff->threads_wanted == UNEXEC_THREADS_REFUSE)
			report_error(process->report, THREAD, "thread %u (%s) is running", tid,
				     name);
		else
			report_error(process->report, THREAD,
				     "thread %u (%s) cannot be parked: %s", tid, name,
				     why_not_parked(process, tid));
	}
	if (errno)
		report_errno(process->report, NO_PROC, "cannot list the threads");
	closedir(list);
}

/* New threads inherit the scheduling of the thread that the kernel makes at start, which has
 * that of the starter. Threads whose scheduling differed from that thread get their own. */
static uint32_t scheduling(const struct handoff_thread *thread,
			   const struct handoff_thread *first)
{
	uint32_t flags = 0;

	if (thread->policy != first->policy || thread->priority != first->priority
	    || thread->nice != first->nice)
		flags |= PLAN_THREAD_SCHEDULE;
	if (memcmp(thread->affinity, first->affinity, sizeof(thread->affinity)))
		flags |= PLAN_THREAD_AFFINITY;
	return flags;
}

static void capture_thread(struct process *process, const struct handoff_thread *from,
			   const struct handoff_thread *first, bool is_dumper)
{
	const struct handoff *handoff = &process->handoff;
	struct image *image = process->capture.image;
	struct plan_thread thread = {
		.frame = from->frame,
		.thread_pointer = from->thread_pointer,
		.thread_pointer_2 = from->thread_pointer_2,
		.clear_child_tid = from->clear_child_tid,
		.robust_list = from->robust_list,
		.robust_length = from->robust_length,
		.rseq = handoff->rseq_length ? from->rseq : 0,
		.rseq_length = handoff->rseq_length,
		.rseq_signature = handoff->rseq_signature,
		.policy = from->policy,
		.priority = from->priority,
		.nice = (uint32_t)from->nice,
		.pending = handoff->reset_as_exec
			   ? 0 : pending_signals(process, process_task(from), "SigPnd:"),
		.flags = scheduling(from, first) | (is_dumper ? PLAN_THREAD_DUMPER : 0),
	};
	char name[16];

	memcpy(thread.affinity, from->affinity, sizeof(thread.affinity));
	if (!read_thread_name(process, process_task(from), name))
		report_errno(process->report, NO_PROC, "cannot read the name of thread %u",
			     from->tid);
	if (from->has_ring)
		report_error(process->report, IO_URING, "thread %u (%s) has an io_uring registered "
			     "for itself (IORING_REGISTER_RING_FDS)", from->tid, name);
	image->thread_tids[image->thread_count] = from->tid;
	image_add_thread(image, &thread, name);
}

/* The thread that the kernel makes at start: main's, or the only one. */
static uint32_t first_thread(const struct process *process)
{
	const struct handoff *handoff = &process->handoff;

	for (uint32_t i = 0; i < handoff->thread_count; i++)
		if (handoff->threads_wanted == UNEXEC_THREADS_KEEP
		    && process->threads[i].tid == handoff->pid
		    && process->threads[i].state == HANDOFF_PARKED)
			return i;
	return handoff->dumper == HANDOFF_NO_DUMPER ? 0 : handoff->dumper;
}

static void capture_threads(struct process *process)
{
	const struct handoff *handoff = &process->handoff;
	const struct handoff_thread *threads = process->threads;
	bool keep = handoff->threads_wanted == UNEXEC_THREADS_KEEP;
	uint32_t first = first_thread(process);

	process->capture.image->process_id = handoff->pid;
	process->capture.image->thread_tids = xcalloc(handoff->thread_count, sizeof(uint32_t));
	capture_thread(process, &threads[first], &threads[first], first == handoff->dumper);
	for (uint32_t i = 0; keep && i < handoff->thread_count; i++)
		if (i != first && threads[i].state == HANDOFF_PARKED)
			capture_thread(process, &threads[i], &threads[first],
				       i == handoff->dumper);
	refuse_threads(process);
}

/* libc reserves signals 32 to SIGRTMIN - 1, and installs their handlers once. */
static bool is_libcs_own(uint32_t number)
{
	return number >= 32 && number < (uint32_t)SIGRTMIN;
}

/* Signals that the program left at SIG_DFL stay as the new process inherits them. */
static bool is_set(const struct handoff_signal *signal, uint32_t number)
{
	return signal->handler != (uint64_t)(uintptr_t)SIG_DFL
	       || (number == SIGCHLD && signal->flags & (SA_NOCLDWAIT | SA_NOCLDSTOP));
}

static void capture_signals(struct process *process)
{
	for (uint32_t i = 0; i < HANDOFF_SIGNALS; i++) {
		const struct handoff_signal *from = &process->handoff.signals[i];
		const struct plan_signal signal = { .number = i + 1,
						    .handler = from->handler,
						    .flags = from->flags,
						    .restorer = from->restorer,
						    .mask = from->mask };

		if (is_set(from, signal.number)
		    && (!process->handoff.reset_as_exec || is_libcs_own(signal.number)))
			image_add_signal(process->capture.image, &signal);
	}
}

/* Reads fields 26–28 and 45–51 of /proc/PID/stat (proc(5)). The name in field 2 may contain any
 * character, so fields are counted from the last parenthesis. */
static void read_stat(struct process *process)
{
	struct image *image = process->capture.image;
	FILE *stream = process_open(process->handoff.fds.proc, "stat");
	char line[2048], *field, *save = NULL;
	uint64_t values[64] = { 0 };
	size_t length;
	int number = 3;

	if (!stream) {
		report_errno(process->report, NO_PROC, "cannot read stat in /proc");
		return;
	}
	length = fread(line, 1, sizeof(line) - 1, stream);
	fclose(stream);
	line[length] = 0;
	field = strrchr(line, ')');
	if (!field) {
		report_error(process->report, NO_PROC, "stat in /proc has an unknown format");
		return;
	}
	for (field = strtok_r(field + 1, " ", &save); field && number < 64;
	     field = strtok_r(NULL, " ", &save))
		values[number++] = strtoull(field, NULL, 10);
	image->mm = (struct plan_mm){
		.start_code = values[26], .end_code = values[27], .start_stack = values[28],
		.start_data = values[45], .end_data = values[46],
		.start_brk = values[47], .brk = process->handoff.brk,
	};
	image->arguments = (struct range){ values[48], values[49] };
	image->environment = (struct range){ values[50], values[51] };
}

/* Signals that are pending for the whole process; any thread may take them. */
static uint64_t pending_for_any(struct process *process)
{
	const struct handoff_thread *any = &process->threads[first_thread(process)];

	return pending_signals(process, process_task(any), "ShdPnd:");
}

void process_capture_state(struct process *process)
{
	const struct handoff *handoff = &process->handoff;
	struct plan_process *to = &process->capture.image->process;

	capture_threads(process);
	capture_signals(process);
	read_stat(process);
	to->dumpable = handoff->dumpable;
	to->subreaper = handoff->subreaper;
	to->thp_disable = handoff->thp_disable;
	to->membarrier = handoff->membarrier;
	to->lock_future = handoff->lock_future;
	to->memory_merge = handoff->memory_merge;
	/* 50 µs is the default of every process (init/init_task.c). */
	to->timer_slack = handoff->timer_slack == 50000 ? 0 : handoff->timer_slack;
	if (!handoff->reset_as_exec) {
		/* The dumper read its own and the process's pending signals as one set. */
		to->pending = handoff->pending & pending_for_any(process);
		memcpy(to->itimers, handoff->itimers, sizeof(to->itimers));
	}
}
