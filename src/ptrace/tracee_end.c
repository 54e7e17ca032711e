/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lets a held process continue, or ends it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/task.h"
#include "ptrace/tracee_parts.h"

/* The tracee that exit() must let go: an allocation can fail while the process does our
 * calls. */
static struct tracee *attached;

void tracee_go_on(struct tracee *tracee)
{
	tracee_drop_scratch(tracee);
	tracee_rest(tracee);
	/* The first thread comes last: if all were killed, the kernel reports its end after the
	 * others. */
	for (size_t i = tracee->count; i-- > 0;) {
		struct tracee_thread *thread = &tracee->threads[i];
		int status;

		if (thread->held && ptrace(PTRACE_DETACH, thread->tid, 0, 0))
			tracee_wait(thread->tid, clock_now() + TRACEE_REAPING_NS, &status);
		thread->held = false;
	}
	tracee->options = PTRACE_O_TRACESYSGOOD;
	tracee->adopted = false;
}

void tracee_release(struct tracee *tracee)
{
	attached = NULL;
	if (tracee->mem >= 0)
		close(tracee->mem);
	for (size_t i = 0; i < tracee->count; i++)
		free(tracee->threads[i].below);
	free(tracee->threads);
	tracee->threads = NULL;
	tracee->count = tracee->room = 0;
	tracee->mem = -1;
	tracee->scratch = 0;
	tracee->instruction = tracee->call_return = tracee->restorer = 0;
}

void tracee_follow(struct tracee *tracee)
{
	tracee_drop_scratch(tracee);
	tracee_rest(tracee);
	for (size_t i = 0; i < tracee->count; i++) {
		const struct tracee_thread *thread = &tracee->threads[i];

		if (!thread->held)
			continue;
		ptrace(PTRACE_SETOPTIONS, thread->tid, 0, tracee->options);
		ptrace(PTRACE_SYSCALL, thread->tid, 0, 0);
	}
	tracee_release(tracee);
}

/* ---- The copy ------------------------------------------------------------------------- */

/* Is the dead copy still a child of the process? */
static bool is_left(const struct tracee *tracee)
{
	char parent[32];

	return !task_status(tracee->copy, "PPid", parent, sizeof(parent))
	       && atoi(parent) == tracee->pid;
}

/* Holds any one thread. Tries twice, since a failure leaves a dead child in the process. */
static int hold_any(struct tracee *tracee)
{
	struct report silent = { 0 };

	for (int tries = 0; tries < 2; tries++) {
		tracee_go_on(tracee);
		tracee_release(tracee);
		if (!tracee_hold_one(tracee, &silent))
			return 0;
	}
	return -1;
}

/* Only its parent, the process, can reap the dead copy. */
static void reap_copy(struct tracee *tracee)
{
	const int how = __WALL | WNOHANG;
	size_t first = 0;

	if ((!tracee->count || !tracee->threads[0].held) && hold_any(tracee))
		return;
	while (first < tracee->count && !tracee->threads[first].held)
		first++;
	if (first == tracee->count)
		return;
	tracee_do(tracee, first, SYS_wait4, tracee->own_copy, 0, how);
	if (is_left(tracee))
		tracee_do(tracee, first, SYS_waitid, P_PID, tracee->own_copy, 0, WEXITED | how);
}

static void reap_copy_or_warn(struct tracee *tracee)
{
	reap_copy(tracee);
	tracee_go_on(tracee);
	if (is_left(tracee))
		report_warning(tracee->report, THREAD, "process %d has a dead child (%d) of "
			       "this program until it ends", (int)tracee->pid,
			       (int)tracee->copy);
}

static void end_copy(struct tracee *tracee)
{
	kill(tracee->copy, SIGKILL);
	while (waitpid(tracee->copy, NULL, __WALL) < 0 && errno == EINTR)
		;
}

/* ---- The process ---------------------------------------------------------------------- */

void tracee_end(struct tracee *tracee)
{
	if (tracee->copy) {
		end_copy(tracee);
		reap_copy_or_warn(tracee);
		tracee->copy = 0;
	}
	tracee_go_on(tracee);
	tracee_release(tracee);
}

static void end_attached(void)
{
	if (attached)
		tracee_end(attached);
}

void tracee_end_at_exit(struct tracee *tracee)
{
	static bool registered;

	if (!registered)
		atexit(end_attached);
	registered = true;
	attached = tracee;
}

/* Waits for the end of all threads, so that the process has ended when this one does. */
static void await_end(struct tracee *tracee)
{
	int status;

	for (size_t i = tracee->count; i-- > 0;) {
		pid_t tid = tracee->threads[i].tid, got;

		do {
			got = waitpid(tid, &status, __WALL);
			if (got > 0 && !tracee_has_ended(status))
				ptrace(PTRACE_CONT, tid, 0, 0);
		} while (got > 0 ? !tracee_has_ended(status) : errno == EINTR);
		tracee->threads[i].held = false;
	}
	if (tracee->copy)
		end_copy(tracee);
	tracee->copy = 0;
	tracee_go_on(tracee);
	tracee_release(tracee);
}

void tracee_kill(struct tracee *tracee)
{
	kill(tracee->pid, SIGKILL);
	await_end(tracee);
}

void tracee_exit(struct tracee *tracee, int status)
{
	const uint64_t arguments[6] = { (uint64_t)status };
	size_t i = 0;

	while (i < tracee->count && !tracee->threads[i].held)
		i++;
	if (i == tracee->count || tracee_enter(tracee, i, SYS_exit_group, arguments))
		kill(tracee->pid, SIGKILL);
	else
		ptrace(PTRACE_CONT, tracee->threads[i].tid, 0, 0);
	await_end(tracee);
}
