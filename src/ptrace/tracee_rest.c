/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Puts threads that have run code for this process back to where they were found.
 */
#define _GNU_SOURCE

#include "ptrace/tracee_parts.h"

/* Runs the thread into the stop that PTRACE_INTERRUPT makes. SIGSTOP cannot be blocked: it is
 * passed on, and the kernel stops the process when it is detached. */
static void stop_again(struct tracee *tracee, struct tracee_thread *thread)
{
	int status, number = 0;

	for (;;) {
		ptrace(PTRACE_INTERRUPT, thread->tid, 0, 0);
		status = tracee_run(thread, PTRACE_CONT, number);
		if (status < 0 || tracee_event(status) == PTRACE_EVENT_STOP)
			break;
		number = tracee_signal(tracee, thread->tid, status);
	}
	thread->has_run = false;
}

void tracee_mask(struct tracee *tracee, struct tracee_thread *thread, uint64_t but)
{
	sigset_t all;

	if (!tracee->guarded) {
		sigfillset(&all);
		sigprocmask(SIG_BLOCK, &all, &tracee->guard);
		tracee->guarded = true;
	}
	tracee_set_mask(thread->tid, ~but);
	thread->masked = true;
}

void tracee_rest(struct tracee *tracee)
{
	for (size_t i = 0; i < tracee->count; i++) {
		struct tracee_thread *thread = &tracee->threads[i];

		if (thread->held && thread->has_run)
			stop_again(tracee, thread);
		if (!thread->held)
			continue;
		if (thread->masked)
			tracee_set_mask(thread->tid, thread->mask);
		thread->masked = false;
		tracee_set_registers(thread->tid, &thread->registers);
		tracee_drop_rescue_frame(tracee, thread);
	}
	if (tracee->guarded)
		sigprocmask(SIG_SETMASK, &tracee->guard, NULL);
	tracee->guarded = false;
}
