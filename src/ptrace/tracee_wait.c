/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Waits for threads that ptrace stops.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <sys/wait.h>
#include <time.h>

#include "arch_code.h"
#include "arch_registers.h"
#include "base/clock.h"
#include "base/task.h"
#include "ptrace/tracee_parts.h"

/* Sleeps a little longer each time. */
void tracee_nap(unsigned *microseconds)
{
	const struct timespec time = { .tv_nsec = (long)*microseconds * 1000 };

	nanosleep(&time, NULL);
	if (*microseconds < 5000)
		*microseconds *= 2;
}

bool tracee_has_ended(int status)
{
	return WIFEXITED(status) || WIFSIGNALED(status);
}

int tracee_event(int status)
{
	return status >> 16;
}

/* Has the thread met one of our breakpoints? If so, puts it back before it. */
static bool meets_breakpoint(const struct tracee *tracee, pid_t tid)
{
	struct arch_registers registers;
	uint64_t address;

	if (!tracee->breakpoint_count || tracee_get_registers(tid, &registers))
		return false;
	address = arch_counter(&registers) - ARCH_BREAKPOINT_ADVANCE;
	for (size_t i = 0; i < tracee->breakpoint_count; i++) {
		if (tracee->breakpoints[i] != address)
			continue;
		arch_set_counter(&registers, address);
		return !tracee_set_registers(tid, &registers);
	}
	return false;
}

/* The signal to continue with from a stop other than the expected one. Signals are delivered;
 * PTRACE_INTERRUPT then stops the thread before it runs its code or that of a handler. */
int tracee_signal(const struct tracee *tracee, pid_t tid, int status)
{
	int number = WSTOPSIG(status);

	if (tracee_event(status) || number == (SIGTRAP | 0x80))
		return 0;
	return number == SIGTRAP && meets_breakpoint(tracee, tid) ? 0 : number;
}

bool tracee_is_zombie(pid_t tid)
{
	char state[16];

	if (task_status(tid, "State", state, sizeof(state)))
		return errno == ENOENT || errno == ESRCH;
	return state[0] == 'Z' || state[0] == 'X';
}

/* Waits for a thread to stop. 1; 0 if it has ended; -1 at the deadline. Polls: our calls take
 * microseconds, and waitpid() would never return for the first thread of a killed process while
 * other threads wait to be reaped. */
int tracee_wait(pid_t tid, int64_t deadline, int *ret_status)
{
	unsigned length = 20;

	for (int tries = 0;; tries++) {
		pid_t got = waitpid(tid, ret_status, __WALL | WNOHANG);

		if (got > 0)
			return tracee_has_ended(*ret_status) ? 0 : 1;
		if (got < 0 && errno != EINTR)
			return 0;
		if (tries < 50) {
			sched_yield();
			continue;
		}
		if (length > 1000 && tracee_is_zombie(tid))
			return 0;
		if (clock_now() > deadline)
			return -1;
		tracee_nap(&length);
	}
}

/* Waits until the interrupted thread is held. 1; 0 if it has ended; -1 at the deadline. */
int tracee_wait_until_held(struct tracee *tracee, struct tracee_thread *thread,
			   int64_t deadline)
{
	for (;;) {
		int status, came = tracee_wait(thread->tid, deadline, &status);

		if (came <= 0)
			return came;
		if (tracee_event(status) == PTRACE_EVENT_STOP) {
			thread->stopped = WSTOPSIG(status) != SIGTRAP;
			return 1;
		}
		/* Any stop makes the kernel forget the interrupt. */
		ptrace(PTRACE_INTERRUPT, thread->tid, 0, 0);
		ptrace(PTRACE_CONT, thread->tid, 0, tracee_signal(tracee, thread->tid, status));
	}
}

int tracee_run(struct tracee_thread *thread, enum __ptrace_request request, int signal)
{
	int status;

	thread->has_run = true;
	if (ptrace(request, thread->tid, 0, signal))
		tracee_wait(thread->tid, clock_now() + TRACEE_REAPING_NS, &status);
	else if (tracee_wait(thread->tid, INT64_MAX, &status) > 0)
		return status;
	thread->held = false;
	return -1;
}
