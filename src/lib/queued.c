/* SPDX-License-Identifier: MIT
 *
 * Reads queued signals with their values. Only the receiver of a signal can read it, by taking it
 * from the queue; so each thread takes its own, and the thread that dumps also those of the process,
 * and sends them again: a process may send itself any siginfo. Other threads take no signals at
 * that time.
 *
 * A periodic POSIX timer may expire once more, with the expiries of its signal divided between two.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "arch_syscall.h"
#include "shared/proc_maps.h"
#include "park.h"

#define QUEUED_ROOM 4000
#define PARK_SIGNAL_BIT (UINT64_C(1) << (PARK_SIGNAL - 1))

static struct handoff_queued queued_signals[QUEUED_ROOM];
static uint32_t queued_count;
static uint32_t queued_lock; /* a futex; 1: a thread uses what is here */

/* A parked thread may be on a small signal stack, so this is not on it. */
static struct maps_reader reader;
static char line[64];

struct pending_sets {
	uint64_t own, shared;
	uint64_t queued; /* the number of all signals of this user */
};

static void read_sets(struct pending_sets *ret)
{
	*ret = (struct pending_sets){ 0 };
	maps_begin(&reader, sys(SYS_openat, AT_FDCWD, "/proc/thread-self/status",
				O_RDONLY | O_CLOEXEC, 0));
	if (sys_failed(reader.descriptor))
		return;
	while (maps_line(&reader, line, sizeof(line))) {
		if (!strncmp(line, "SigQ:", 5))
			ret->queued = strtoul(line + 5, NULL, 10);
		else if (!strncmp(line, "SigPnd:", 7))
			ret->own = strtoul(line + 7, NULL, 16);
		else if (!strncmp(line, "ShdPnd:", 7))
			ret->shared = strtoul(line + 7, NULL, 16);
	}
	ret->own &= ~PARK_SIGNAL_BIT;
	sys(SYS_close, reader.descriptor);
}

static bool take_queued(uint64_t set, uint32_t tid)
{
	const struct timespec at_once = { 0 };
	struct handoff_queued *signal = &queued_signals[queued_count];

	if (!set || queued_count == QUEUED_ROOM
	    || sys(SYS_rt_sigtimedwait, &set, signal->info, &at_once, sizeof(set)) <= 0)
		return false;
	signal->tid = tid;
	queued_count++;
	return true;
}

/* The kernel hands out a thread's own signals before the process's of the same number. */
static void take_all_queued(struct pending_sets *sets, uint32_t tid)
{
	while (take_queued(sets->own & ~sets->shared, tid))
		;
	while (take_queued(sets->own & sets->shared, tid))
		read_sets(sets);
}

/* tgkill() needs no room in the queue. */
static void requeue_signal(struct handoff_queued *signal)
{
	uint32_t pid = (uint32_t)sys(SYS_getpid), tid = signal->tid, number;

	memcpy(&number, signal->info, sizeof(number)); /* si_signo comes first */
	if (tid && sys(SYS_rt_tgsigqueueinfo, pid, tid, number, signal->info))
		sys(SYS_tgkill, pid, tid, number);
	if (!tid && sys(SYS_rt_sigqueueinfo, pid, number, signal->info))
		sys(SYS_kill, pid, number);
}

static void requeue(uint32_t tid, bool shared)
{
	struct pending_sets sets;
	uint32_t first = queued_count;

	read_sets(&sets);
	if (sets.queued > QUEUED_ROOM - first)
		return; /* the writer warns that it lacks them */
	take_all_queued(&sets, tid);
	while (shared && take_queued(sets.shared, 0))
		;
	while (first < queued_count)
		requeue_signal(&queued_signals[first++]);
}

void queued_begin(void)
{
	queued_count = 0;
	queued_lock = 0;
}

void queued_read(uint32_t tid, bool shared)
{
	uint64_t pending = 0;

	if (sys(SYS_rt_sigpending, &pending, sizeof(pending)) || !(pending & ~PARK_SIGNAL_BIT))
		return;
	while (__atomic_exchange_n(&queued_lock, 1, __ATOMIC_ACQUIRE))
		sys(SYS_futex, &queued_lock, FUTEX_WAIT_PRIVATE, 1, NULL);
	requeue(tid, shared);
	__atomic_store_n(&queued_lock, 0, __ATOMIC_RELEASE);
	sys(SYS_futex, &queued_lock, FUTEX_WAKE_PRIVATE, 1);
}

void queued_finish(struct handoff *handoff)
{
	queued_read((uint32_t)sys(SYS_gettid), true);
	handoff->queued = (uint64_t)queued_signals;
	handoff->queued_count = queued_count;
}
