/* SPDX-License-Identifier: MIT
 *
 * Reads the remaining time of POSIX timers (timer_create), which only the process itself can
 * do. Uses raw system calls: other threads are parked.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "arch_syscall.h"
#include "shared/proc_maps.h"
#include "state.h"

#define TIMERS_ROOM 64

static struct handoff_timer timers[TIMERS_ROOM];

/* Returns true if the line begins the description of a timer ("ID: 1"; kernel: fs/proc/base.c,
 * show_timer) and the kernel returns its time. strtol takes no locks. */
static bool read_timer(const char *line, struct handoff_timer *timer)
{
	if (strncmp(line, "ID: ", 4))
		return false;
	memset(timer, 0, sizeof(*timer));
	timer->number = (int32_t)strtol(line + 4, NULL, 10);
	/* From this member on, the struct has the layout of the kernel's struct itimerspec. */
	return !sys(SYS_timer_gettime, timer->number, &timer->interval_s);
}

long timers_prepare(struct handoff *handoff)
{
	struct maps_reader reader = { .descriptor = sys(SYS_openat, AT_FDCWD,
							"/proc/self/timers",
							O_RDONLY | O_CLOEXEC, 0) };
	uint32_t count = 0;
	char line[128];

	handoff->timers = (uint64_t)timers;
	handoff->timer_count = 0;
	if (sys_failed(reader.descriptor)) /* no CONFIG_CHECKPOINT_RESTORE */
		return reader.descriptor == -ENOENT ? 0 : reader.descriptor;
	while (count < TIMERS_ROOM && maps_line(&reader, line, sizeof(line)))
		count += read_timer(line, &timers[count]);
	handoff->timer_count = count;
	sys(SYS_close, reader.descriptor);
	return maps_failed(&reader);
}
