/* SPDX-License-Identifier: MIT
 *
 * POSIX timers (timer_create): asked of the kernel in the original, made again in the dump
 * under the same numbers. Raw system calls: other threads are parked or at the gate.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "arch_lib.h"
#include "shared/proc_maps.h"
#include "state.h"

#ifndef PR_TIMER_CREATE_RESTORE_IDS
#define PR_TIMER_CREATE_RESTORE_IDS 77 /* since 6.15 */
#endif

#define TIMERS_ROOM 64
/* How far numbers are counted up on older kernels; about a second. */
#define TIMERS_HIGHEST 1000000

/* The kernel's struct sigevent. */
struct event {
	uint64_t value;
	int32_t signal, notify, tid;
	int32_t pad[11];
};

static struct timer {
	struct handoff_timer handoff; /* first: what the writer reads */
	int32_t clock;
	struct event event;
	struct itimerspec left;
} timers[TIMERS_ROOM];
_Static_assert(sizeof(struct timer) == HANDOFF_TIMER_STEP, "struct timer");

/* ---- Before the dump -------------------------------------------------------------------- */

/* Reads a line without its newline; false at the end. */
static bool next_line(struct maps_reader *reader, char *line, size_t size)
{
	size_t length = 0;
	int c;

	while ((c = maps_character(reader)) >= 0 && c != '\n')
		if (length < size - 1)
			line[length++] = (char)c;
	line[length] = 0;
	return c >= 0;
}

static bool begins(const char *line, const char *prefix)
{
	return !strncmp(line, prefix, strlen(prefix));
}

/* The lines of one: "ID: 1", "signal: 60/00007fff86e452a8", "notify: signal/tid.2634",
 * "ClockID: 0" (kernel: fs/proc/base.c, show_timer). strtol takes no locks. */
static void take_line(struct timer *timer, const char *line)
{
	const char *slash = strchr(line, '/'), *dot = strchr(line, '.');

	if (begins(line, "ID: ")) {
		timer->handoff.number = (int32_t)strtol(line + 4, NULL, 10);
	} else if (begins(line, "signal: ") && slash) {
		timer->event.signal = (int32_t)strtol(line + 8, NULL, 10);
		timer->event.value = strtoull(slash + 1, NULL, 16);
	} else if (begins(line, "notify: ") && slash && dot) {
		timer->event.notify = begins(line, "notify: none") ? SIGEV_NONE : SIGEV_SIGNAL;
		if (begins(slash, "/tid"))
			timer->event.notify |= SIGEV_THREAD_ID;
		timer->event.tid = (int32_t)strtol(dot + 1, NULL, 10);
	} else if (begins(line, "ClockID: ")) {
		timer->clock = (int32_t)strtol(line + 9, NULL, 10);
	}
}

static const struct handoff_thread *find_thread(const struct handoff *handoff, int32_t tid)
{
	const struct handoff_thread *threads = (const struct handoff_thread *)handoff->threads;

	for (uint32_t i = 0; i < handoff->thread_count; i++)
		if ((int32_t)threads[i].tid == tid && threads[i].tid_address)
			return &threads[i];
	return NULL;
}

/* Clocks of other processes and of single threads have their number in the clock's. */
static bool can_keep(const struct handoff *handoff, struct timer *timer)
{
	if (timer->clock < 0 || timer->clock == CLOCK_THREAD_CPUTIME_ID)
		return false;
	if (timer->event.notify & SIGEV_THREAD_ID && !find_thread(handoff, timer->event.tid))
		return false;
	return !sys(SYS_timer_gettime, timer->handoff.number, &timer->left);
}

/* The kernel tells the newest first; to count up, they must be made in order. */
static void sort(struct timer *end)
{
	for (struct timer *next = timers + 1; next < end; next++)
		for (struct timer *at = next; at > timers; at--) {
			struct timer timer = at[0];

			if (at[-1].handoff.number < timer.handoff.number)
				break;
			at[0] = at[-1];
			at[-1] = timer;
		}
}

void timers_prepare(struct handoff *handoff)
{
	struct maps_reader reader = { .descriptor = sys(SYS_openat, AT_FDCWD,
							"/proc/self/timers",
							O_RDONLY | O_CLOEXEC, 0) };
	struct timer *timer = timers;
	char line[128];

	handoff->timers = (uint64_t)timers;
	handoff->timer_count = 0;
	if (sys_failed(reader.descriptor))
		return;
	while (timer < timers + TIMERS_ROOM && next_line(&reader, line, sizeof(line))) {
		if (begins(line, "ID: "))
			memset(timer, 0, sizeof(*timer));
		take_line(timer, line);
		if (begins(line, "ClockID: ") && can_keep(handoff, timer)) /* the last line */
			timer++;
	}
	sort(timer);
	handoff->timer_count = (uint32_t)(timer - timers);
	sys(SYS_close, reader.descriptor);
}

/* ---- In the dump ------------------------------------------------------------------------ */

static void __attribute__((noreturn)) give_up(void)
{
	static const char text[] = "unexec: cannot make a POSIX timer again\n";

	sys(SYS_write, STDERR_FILENO, text, sizeof(text) - 1);
	for (;;)
		sys(SYS_exit_group, 125);
}

static long create(struct timer *timer, int32_t *number)
{
	return sys(SYS_timer_create, timer->clock, &timer->event, number);
}

/* The kernel gives each a higher number than the last, but never one twice. */
static bool count_up(struct timer *timer)
{
	for (int i = 0; i < TIMERS_HIGHEST; i++) {
		int32_t number = -1;

		if (create(timer, &number))
			return false;
		if (number == timer->handoff.number)
			return true;
		sys(SYS_timer_delete, number);
		if (number > timer->handoff.number)
			return false;
	}
	return false;
}

/* The word holds the TID of the new thread by now. */
static void renew_thread(const struct handoff *handoff, struct timer *timer)
{
	const struct handoff_thread *thread = find_thread(handoff, timer->event.tid);

	if (timer->event.notify & SIGEV_THREAD_ID && thread)
		timer->event.tid = *(const int32_t *)thread->tid_address;
}

void timers_restore(struct handoff *handoff)
{
	bool exact;

	if (!handoff->timer_count)
		return;
	exact = !sys(SYS_prctl, PR_TIMER_CREATE_RESTORE_IDS, 1);
	for (uint32_t i = 0; i < handoff->timer_count; i++) {
		struct timer *timer = &timers[i];
		int32_t number = timer->handoff.number;

		renew_thread(handoff, timer);
		if (exact ? create(timer, &number) != 0 : !count_up(timer))
			give_up();
		sys(SYS_timer_settime, number, 0, &timer->left, 0);
	}
	if (exact)
		sys(SYS_prctl, PR_TIMER_CREATE_RESTORE_IDS, 0);
}
