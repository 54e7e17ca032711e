/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the kernel knows of the process: threads, signals, timers, settings, where things
 * lie in memory.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "image/xalloc.h"
#include "process.h"

static void read_thread_name(struct process *process, long tid, char name[16])
{
	char path[40];
	FILE *stream;

	name[0] = 0;
	snprintf(path, sizeof(path), "task/%ld/comm", tid);
	stream = process_open(process->handoff.fds.original, path);
	if (!stream)
		return;
	if (fgets(name, 16, stream))
		name[strcspn(name, "\n")] = 0;
	fclose(stream);
}

/* Each thread but the one that dumps is in the way, by name. */
static void refuse_other_threads(struct process *process)
{
	int directory = openat(process->handoff.fds.original, "task", O_RDONLY | O_DIRECTORY);
	DIR *list = directory < 0 ? NULL : fdopendir(directory);
	struct dirent *entry;

	if (!list) {
		report_errno(process->report, NO_PROC, "cannot list the threads");
		return;
	}
	while ((entry = readdir(list))) {
		long tid = atol(entry->d_name);
		char name[16];

		if (entry->d_name[0] == '.' || (uint64_t)tid == process->handoff.tid)
			continue;
		read_thread_name(process, tid, name);
		report_error(process->report, THREAD, "thread %ld (%s) is running", tid, name);
	}
	closedir(list);
}

static void add_thread(struct process *process)
{
	const struct handoff *handoff = &process->handoff;
	struct image *image = process->capture.image;
	const struct plan_thread thread = {
		.frame = handoff->frame,
		.fs_base = handoff->fs_base,
		.gs_base = handoff->gs_base,
		.clear_child_tid = handoff->clear_child_tid,
		.robust_list = handoff->robust_list,
		.robust_length = handoff->robust_length,
		.rseq = handoff->rseq,
		.rseq_length = handoff->rseq_length,
		.rseq_signature = handoff->rseq_signature,
	};
	const struct plan_mend mend = { .address = handoff->tid_address,
					.kind = PLAN_MEND_TID };
	char name[16];

	read_thread_name(process, (long)handoff->tid, name);
	image_add_thread(image, &thread, name);
	image->thread_tids = xcalloc(1, sizeof(*image->thread_tids));
	image->thread_tids[0] = (uint32_t)handoff->tid;
	if (handoff->tid_address)
		image_add_mend(image, &mend);
	else
		report_error(process->report, MAPPING,
			     "libc's copy of the thread's TID could not be found");
}

/* A signal that the program left alone stays as the new process inherits it. */
static void add_signals(struct process *process)
{
	for (uint32_t i = 0; i < HANDOFF_SIGNALS; i++) {
		const struct handoff_signal *from = &process->handoff.signals[i];
		const struct plan_signal signal = { .number = i + 1,
						    .handler = from->handler,
						    .flags = from->flags,
						    .restorer = from->restorer,
						    .mask = from->mask };

		if (from->handler != (uint64_t)(uintptr_t)SIG_DFL)
			image_add_signal(process->capture.image, &signal);
	}
}

/* POSIX timers; the file exists with CONFIG_CHECKPOINT_RESTORE. "ID: 0", "signal: …" */
static void refuse_timers(struct process *process)
{
	FILE *stream = process_open(process->handoff.fds.original, "timers");
	char line[256];
	int id;

	if (!stream)
		return;
	while (fgets(line, sizeof(line), stream))
		if (sscanf(line, "ID: %d", &id) == 1)
			report_error(process->report, TIMER, "POSIX timer %d exists", id);
	fclose(stream);
}

/* proc(5), /proc/PID/stat: fields 26–28 and 45–47; the name in field 2 may hold anything,
 * so count from the last parenthesis. */
static void read_stat(struct process *process)
{
	struct plan_mm *mm = &process->capture.image->mm;
	FILE *stream = process_open(process->handoff.fds.proc, "stat");
	char line[2048], *field, *save = NULL;
	uint64_t values[64] = { 0 };
	size_t length;
	int number = 3;

	if (!stream) {
		report_errno(process->report, NO_PROC, "cannot read stat");
		return;
	}
	length = fread(line, 1, sizeof(line) - 1, stream);
	fclose(stream);
	line[length] = 0;
	field = strrchr(line, ')');
	if (!field) {
		report_error(process->report, NO_PROC, "stat is not as expected");
		return;
	}
	for (field = strtok_r(field + 1, " ", &save); field && number < 64;
	     field = strtok_r(NULL, " ", &save))
		values[number++] = strtoull(field, NULL, 10);
	*mm = (struct plan_mm){
		.start_code = values[26], .end_code = values[27], .start_stack = values[28],
		.start_data = values[45], .end_data = values[46],
		.start_brk = values[47], .brk = process->handoff.brk,
	};
}

void process_capture_state(struct process *process)
{
	const struct handoff *handoff = &process->handoff;
	struct plan_process *to = &process->capture.image->process;

	refuse_other_threads(process);
	add_thread(process);
	add_signals(process);
	refuse_timers(process);
	read_stat(process);
	to->dumpable = handoff->dumpable;
	to->subreaper = handoff->subreaper;
	to->thp_disable = handoff->thp_disable;
	to->membarrier = handoff->membarrier;
	/* 50 µs is what every process begins with (init/init_task.c). */
	to->timer_slack = handoff->timer_slack == 50000 ? 0 : handoff->timer_slack;
	memcpy(to->itimers, handoff->itimers, sizeof(to->itimers));
}
