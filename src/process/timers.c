/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Captures POSIX timers (timer_create). /proc/PID/timers lists them if the kernel has
 * CONFIG_CHECKPOINT_RESTORE. Only the process itself can query their remaining time.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/xalloc.h"
#include "process/kernel_state.h"
#include "process/proc_files.h"

/* A timer as listed. */
struct listed {
	struct plan_timer plan;
	int clock, tid;
};

static const struct handoff_timer *find_time_left(const struct process *process,
						  uint32_t number)
{
	for (uint32_t i = 0; i < process->handoff.timer_count; i++)
		if (process->timers[i].number == (int32_t)number)
			return &process->timers[i];
	return NULL;
}

/* Index in the image of the thread with the TID that the process sees; the number of threads if
 * there is none. */
static size_t find_timer_thread(const struct process *process, int tid)
{
	const struct image *image = process->capture.image;
	size_t i = 0;

	while (i < image->thread_count && image->thread_tids[i] != (uint32_t)tid)
		i++;
	return i;
}

/* Makes the clock one of the new process. Returns why that is impossible, or NULL. The ID 0 is that
 * of the process or thread that has made the timer. */
static const char *complete_clock(const struct process *process, struct listed *timer)
{
	const struct image *image = process->capture.image;
	int id = ~(timer->clock >> PLAN_CLOCK_SHIFT);
	size_t thread = find_timer_thread(process, id ? id : (int)process->handoff.pid);

	timer->plan.clock = (uint32_t)timer->clock;
	if (timer->clock >= 0)
		return NULL;
	if (plan_is_thread_clock(timer->plan.clock)) {
		if (!id && process->handoff.thread_count > 1)
			return "uses the clock of the thread that has made it, which the kernel "
			       "does not show";
		if (thread == image->thread_count || !image->threads[thread].tid_address)
			return "uses the clock of a thread that is not in the dump";
		timer->plan.clock_thread = (uint32_t)thread;
	} else if (id && id != (int)process->handoff.pid) {
		return "uses the clock of another process";
	} else {
		timer->plan.clock |= UINT32_MAX << PLAN_CLOCK_SHIFT; /* this process */
	}
	return NULL;
}

/* Completes the timer, or returns why it cannot be restored. */
static const char *complete_posix_timer(const struct process *process, struct listed *timer)
{
	const struct handoff_timer *left = find_time_left(process, timer->plan.number);
	const char *why = complete_clock(process, timer);
	size_t thread;

	if (why)
		return why;
	if (!left)
		return "is one too many, or has been deleted";
	if (timer->plan.notify & SIGEV_THREAD_ID) {
		thread = find_timer_thread(process, timer->tid);
		if (thread == process->capture.image->thread_count
		    || !process->capture.image->threads[thread].tid_address)
			return "signals a thread that is not in the dump";
		timer->plan.thread = (uint32_t)thread;
	}
	timer->plan.interval_s = left->interval_s;
	timer->plan.interval_ns = left->interval_ns;
	timer->plan.left_s = left->left_s;
	timer->plan.left_ns = left->left_ns;
	return NULL;
}

static void add_posix_timer(struct process *process, struct listed *timer)
{
	const char *why = complete_posix_timer(process, timer);

	if (why)
		report_error(process->report, TIMER, "POSIX timer %u %s", timer->plan.number,
			     why);
	else
		image_add_timer(process->capture.image, &timer->plan);
}

/* Handles a line of a timer: "ID: 1", "signal: 60/00007fff86e452a8", "notify: signal/tid.2634",
 * "ClockID: 0" (kernel: fs/proc/base.c, show_timer). */
static void take_timer_line(struct process *process, struct listed *timer, const char *line)
{
	unsigned long long value;
	unsigned number;
	char how[16], whom[8];

	if (sscanf(line, "ID: %u", &number) == 1) {
		*timer = (struct listed){ .plan.number = number };
	} else if (sscanf(line, "signal: %u/%llx", &number, &value) == 2) {
		timer->plan.signal = number;
		timer->plan.value = value;
	} else if (sscanf(line, "notify: %15[a-z]/%7[a-z].%d", how, whom, &timer->tid) == 3) {
		timer->plan.notify = strcmp(how, "none") ? SIGEV_SIGNAL : SIGEV_NONE;
		if (!strcmp(whom, "tid"))
			timer->plan.notify |= SIGEV_THREAD_ID;
	} else if (sscanf(line, "ClockID: %d", &timer->clock) == 1) {
		add_posix_timer(process, timer); /* the last line */
	}
}

void process_capture_timers(struct process *process)
{
	FILE *stream = process_open(process->handoff.fds.original, "timers");
	struct listed timer = { 0 };
	char line[256];

	if (!stream) {
		if (errno == ENOENT)
			report_warning(process->report, TIMER,
				       "this kernel does not list POSIX timers: any that exist "
				       "are not in the dump");
		else
			report_errno(process->report, NO_PROC, "cannot list the timers");
		return;
	}
	while (fgets(line, sizeof(line), stream))
		take_timer_line(process, &timer, line);
	if (!feof(stream) || ferror(stream)) /* if memory is short, ferror() is not set */
		report_errno(process->report, NO_PROC, "cannot list the timers");
	fclose(stream);
}
