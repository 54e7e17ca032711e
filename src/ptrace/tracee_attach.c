/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Holds all threads of a process, none of them in code in which a dump cannot continue.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>

#include "arch_registers.h"
#include "arch_thread.h"
#include "base/clock.h"
#include "base/task.h"
#include "embedded/embedded.h"
#include "ptrace/tracee_parts.h"

/* ---- One thread, made ready for calls ------------------------------------------------- */

static int make_ready(struct tracee *tracee, struct tracee_thread *thread,
		      struct report *report)
{
	char name[17];

	if (!arch_is_native(&thread->registers)) {
		task_name(thread->tid, name);
		report_error(report, MACHINE, "thread %d (%s) runs 32-bit code",
			     (int)thread->tid, name);
		return -1;
	}
	tracee_leave_rseq(tracee, thread);
	if (tracee_suspend_filter(tracee, thread, report)
	    || tracee_leave_vdso(tracee, thread, report))
		return -1;
	return 0;
}

/* ---- The start of a dump -------------------------------------------------------------- */

#define HEAD 64 /* of a blob; no other code starts with these bytes */
#define AT_COUNTER 8

/* Does the thread run in a copy of this code? */
static bool is_in_copy_of(struct tracee *tracee, uint64_t counter, const unsigned char *blob,
			  size_t length)
{
	unsigned char here[AT_COUNTER], head[HEAD];

	if (tracee_read(tracee, counter, here, sizeof(here)))
		return false;
	for (size_t at = 0; at + sizeof(here) <= length; at++)
		if (!memcmp(blob + at, here, sizeof(here))
		    && !tracee_read(tracee, counter - at, head, sizeof(head))
		    && !memcmp(blob, head, sizeof(head)))
			return true;
	return false;
}

static bool is_starting(struct tracee *tracee, const struct tracee_thread *thread)
{
	uint64_t counter = arch_counter(&thread->registers);

	return is_in_copy_of(tracee, counter, arch_trampoline_start,
			     (size_t)(arch_trampoline_end - arch_trampoline_start))
	       || is_in_copy_of(tracee, counter, restarter_blob_start,
				(size_t)(restarter_blob_end - restarter_blob_start));
}

/* Lets threads that still run the start of a dump continue, and returns how many there are.
 * These threads wait for nothing but each other. */
static int let_start(struct tracee *tracee)
{
	int count = 0;

	for (size_t i = 0; i < tracee->count; i++) {
		struct tracee_thread *thread = &tracee->threads[i];

		if (!thread->held || !is_starting(tracee, thread))
			continue;
		ptrace(PTRACE_CONT, thread->tid, 0, 0);
		thread->held = false;
		count++;
	}
	return count;
}

static void interrupt_all(struct tracee *tracee)
{
	for (size_t i = 0; i < tracee->count; i++)
		if (!tracee->threads[i].held)
			ptrace(PTRACE_INTERRUPT, tracee->threads[i].tid, 0, 0);
}

/* Repeats until no thread runs the start of a dump. Even if one thread has left it, for example
 * to read, others may still be there. */
static int hold_started(struct tracee *tracee, struct report *report)
{
	int64_t deadline = clock_now() + TRACEE_PATIENCE_NS;
	unsigned microseconds = 200;

	if (tracee_hold_all(tracee, report) || tracee_open_memory(tracee, report))
		return -1;
	while (let_start(tracee)) {
		tracee_nap(&microseconds);
		interrupt_all(tracee);
		if (tracee_hold_all(tracee, report))
			return -1;
		if (clock_now() < deadline)
			continue;
		report_error(report, THREAD,
			     "process %d is a dump that has not finished its start",
			     (int)tracee->pid);
		return -1;
	}
	return 0;
}

/* ---- The process ---------------------------------------------------------------------- */

static int hold_process(struct tracee *tracee, struct report *report)
{
	int failed = hold_started(tracee, report);

	for (size_t i = 0; !failed && i < tracee->count; i++)
		failed = make_ready(tracee, &tracee->threads[i], report);
	if (!failed)
		return 0;
	if (tracee->adopted)
		kill(tracee->pid, SIGKILL);
	tracee_go_on(tracee);
	tracee_release(tracee);
	return -1;
}

int tracee_attach(struct tracee *tracee, pid_t pid, struct report *report)
{
	*tracee = (struct tracee){ .pid = pid, .mem = -1, .options = PTRACE_O_TRACESYSGOOD,
				    .report = report };
	if (tracee_check(pid, report))
		return -1;
	tracee_end_at_exit(tracee);
	return hold_process(tracee, report);
}

int tracee_adopt(struct tracee *tracee, pid_t pid, unsigned long options,
		 const uint64_t *breakpoints, size_t breakpoint_count, struct report *report)
{
	int failed;

	*tracee = (struct tracee){
		.pid = pid,
		.mem = -1,
		.options = options | PTRACE_O_TRACESYSGOOD,
		.adopted = true,
		.breakpoints = breakpoints,
		.breakpoint_count = breakpoint_count,
	};
	failed = hold_process(tracee, report);
	tracee->breakpoint_count = 0;
	return failed;
}
