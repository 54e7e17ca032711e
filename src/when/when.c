/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Follows a program by ptrace until the moment at which to dump it.
 *
 * The program is not our child but the process that the user started, so that its terminal,
 * signals, job control and exit status are the same as without us. The one exception: it does
 * not exit with 0 if no dump was made.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "arch_registers.h"
#include "base/clock.h"
#include "base/task.h"
#include "base/names.h"
#include "when/when.h"

#define OPTIONS \
	(PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC)
/* For processes that the program forks, which must not keep breakpoints. */
#define OPTIONS_FORK (PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEVFORKDONE)

int when_seize(pid_t pid, struct report *report)
{
	if (tracee_check_proc(report))
		return -1;
	if (!ptrace(PTRACE_SEIZE, pid, 0, OPTIONS))
		return 0;
	tracee_explain(pid, errno, report);
	return -1;
}

/* ---- Time ----------------------------------------------------------------------------- */

static void wake(int number)
{
	(void)number;
}

/* Sets the deadline. The timer interrupts the wait for events repeatedly, since one signal
 * could arrive too early. */
static void start_clock(struct watch *watch)
{
	struct sigaction action = { .sa_handler = wake };
	struct itimerval timer = { .it_interval.tv_usec = 10000 };

	watch->deadline = clock_now() + watch->when->delay;
	timer.it_value.tv_sec = (time_t)(watch->when->delay / 1000000000);
	timer.it_value.tv_usec = (suseconds_t)(watch->when->delay % 1000000000 / 1000) + 1;
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}

static void stop_clock(void)
{
	const struct itimerval none = { 0 };

	setitimer(ITIMER_REAL, &none, NULL);
	signal(SIGALRM, SIG_DFL);
}

static bool time_is_up(const struct watch *watch)
{
	return watch->when->kind == WHEN_AFTER && watch->started
	       && clock_now() >= watch->deadline;
}

/* ---- The thread of the moment --------------------------------------------------------- */

/* Runs the thread into the stop inside the kernel's get_signal() in which tracee_adopt expects
 * it. */
static void interrupt_thread(pid_t tid)
{
	ptrace(PTRACE_INTERRUPT, tid, 0, 0);
	ptrace(PTRACE_CONT, tid, 0, 0);
}

/* Moves the thread from the entry of a system call back to the instruction that makes it. */
static void undo_call(pid_t tid)
{
	struct tracee_thread thread = { .tid = tid };
	struct arch_registers registers;
	int status;

	if (tracee_get_registers(tid, &registers))
		return;
	thread.registers = registers;
	arch_skip_syscall(&thread.registers);
	tracee_set_registers(tid, &thread.registers);
	do
		status = tracee_run(&thread, PTRACE_SYSCALL, 0);
	while (status > 0 && status >> 8 != (SIGTRAP | 0x80));
	arch_before_syscall(&registers);
	tracee_set_registers(tid, &registers);
	interrupt_thread(tid);
}

/* ---- Events --------------------------------------------------------------------------- */

enum step { STEP_ON, STEP_MOMENT, STEP_STOPPED, STEP_FAILED };

static bool is_thread_of(pid_t pid, pid_t tid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d", (int)pid, (int)tid);
	return access(path, F_OK) == 0;
}

/* Changes exit status 0: the caller must learn that there is no dump. */
static void end_badly(struct watch *watch, pid_t tid, const struct when_entry *entry)
{
	struct arch_registers registers;

	if ((entry->number != SYS_exit_group && (entry->number != SYS_exit || tid != watch->pid))
	    || (entry->arguments[0] & 0xff) || tracee_get_registers(tid, &registers))
		return;
	arch_set_syscall_argument(&registers, WHEN_NEVER_CAME);
	watch->ended_well = !tracee_set_registers(tid, &registers);
}

/* At the entry or exit of a system call. */
static enum step at_call(struct watch *watch, pid_t tid)
{
	struct __ptrace_syscall_info info;
	struct when_entry entry = { .tid = tid };
	bool moment = false;

	if (!watch->started || ptrace(PTRACE_GET_SYSCALL_INFO, tid, sizeof(info), &info) <= 0)
		return STEP_ON;
	if (info.op == PTRACE_SYSCALL_INFO_EXIT && watch->when->kind == WHEN_CALL)
		when_after_call(watch, tid);
	if (info.op != PTRACE_SYSCALL_INFO_ENTRY)
		return STEP_ON;
	entry.number = info.entry.nr;
	memcpy(entry.arguments, info.entry.args, sizeof(entry.arguments));
	if (watch->when->kind == WHEN_SYSCALL)
		moment = (long)entry.number == watch->when->number
			 && ++watch->seen == watch->when->nth;
	else if (watch->when->kind == WHEN_STDIN)
		moment = when_waits_for_input(watch, &entry);
	if (!moment) {
		end_badly(watch, tid, &entry);
		return STEP_ON;
	}
	undo_call(tid);
	return STEP_MOMENT;
}

/* The kernel ignores the set-user-ID bit of a program that an ordinary user traces. */
static int check_rights(const struct watch *watch)
{
	char path[64], name[17];
	struct stat file;

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)watch->pid);
	if (geteuid() == 0 || stat(path, &file)
	    || !((file.st_mode & S_ISUID && file.st_uid != geteuid())
		 || (file.st_mode & S_ISGID && file.st_mode & S_IXGRP
		     && file.st_gid != getegid())))
		return 0;
	task_name(watch->pid, name);
	report_error(watch->report, READ,
		     "%s is set-user-ID or set-group-ID: only root can trace it with its rights", name);
	return -1;
}

/* The process has executed a program, which is about to start. */
static enum step at_exec(struct watch *watch)
{
	if (watch->when->kind == WHEN_NEVER)
		return STEP_ON;
	if (tracee_check(watch->pid, watch->report) || check_rights(watch))
		return STEP_FAILED;
	if (!watch->started) {
		when_note_input(watch);
		if (watch->when->kind == WHEN_AFTER)
			start_clock(watch);
	}
	watch->started = true;
	if (watch->when->kind == WHEN_CALL) {
		ptrace(PTRACE_SETOPTIONS, watch->pid, 0, OPTIONS | OPTIONS_FORK);
		when_new_program(watch);
	}
	return STEP_ON;
}

/* Detaches from a new process, at its first stop: it is not followed. */
static void let_process_go(struct watch *watch, pid_t pid)
{
	when_clear(watch, pid);
	ptrace(PTRACE_DETACH, pid, 0, 0);
	/* A child of vfork() shares the program's memory until it executes a program or ends. The
	 * kernel then reports PTRACE_EVENT_VFORK_DONE in the parent. */
}

static enum step at_stop(struct watch *watch, pid_t tid, int signal)
{
	if (!is_thread_of(watch->pid, tid)) {
		let_process_go(watch, tid);
		return STEP_STOPPED;
	}
	if (signal == SIGTRAP)
		return STEP_ON;
	/* Stopped by a signal; SIGCONT still wakes it. */
	ptrace(PTRACE_LISTEN, tid, 0, 0);
	return STEP_STOPPED;
}

static enum step at_signal(struct watch *watch, pid_t tid, int *signal)
{
	int met;

	if (watch->when->kind == WHEN_SIGNAL && watch->started
	    && *signal == watch->when->number) {
		interrupt_thread(tid);
		return STEP_MOMENT;
	}
	if (*signal != SIGTRAP || watch->when->kind != WHEN_CALL)
		return STEP_ON;
	met = when_met_breakpoint(watch, tid);
	if (met >= 0)
		*signal = 0;
	if (met == 1)
		interrupt_thread(tid);
	return met == 1 ? STEP_MOMENT : STEP_ON;
}

static enum step take_event(struct watch *watch, pid_t tid, int status, int *ret_signal)
{
	int signal = WSTOPSIG(status);

	*ret_signal = 0;
	switch (status >> 16) {
	case PTRACE_EVENT_STOP:
		return at_stop(watch, tid, signal);
	case PTRACE_EVENT_EXEC:
		return at_exec(watch);
	case PTRACE_EVENT_VFORK_DONE:
		when_set(watch);
		return STEP_ON;
	case 0:
		break;
	default:
		return STEP_ON;
	}
	if (signal == (SIGTRAP | 0x80))
		return at_call(watch, tid);
	*ret_signal = signal;
	return at_signal(watch, tid, ret_signal);
}

/* ---- The loop ------------------------------------------------------------------------- */

/* Waits for the next event and returns its thread. Returns 0 if the program has ended, and leaves
 * it a zombie if possible. Returns -1 if there was no event and the clock must be checked. */
static pid_t next_event(const struct watch *watch, int *ret_status)
{
	siginfo_t info = { 0 };

	if (waitid(P_ALL, 0, &info, WEXITED | WSTOPPED | WNOWAIT | __WALL))
		return -1;
	if (info.si_pid == watch->pid && info.si_code != CLD_TRAPPED
	    && info.si_code != CLD_STOPPED) {
		*ret_status = info.si_code == CLD_EXITED ? (info.si_status & 255) << 8
							 : info.si_status;
		return 0;
	}
	if (waitpid(info.si_pid, ret_status, __WALL | WNOHANG) != info.si_pid)
		return -1;
	/* It had stopped, and was killed after that. */
	return info.si_pid == watch->pid && !WIFSTOPPED(*ret_status) ? 0 : info.si_pid;
}

static enum step follow_program(struct watch *watch, int *ret_status)
{
	enum step step = STEP_ON;

	while (step == STEP_ON || step == STEP_STOPPED) {
		int status, signal;
		pid_t tid = next_event(watch, &status);

		if (time_is_up(watch)) {
			if (tid > 0 && WIFSTOPPED(status))
				interrupt_thread(tid);
			return STEP_MOMENT;
		}
		if (tid < 0)
			continue;
		if (!tid) {
			*ret_status = status;
			return STEP_STOPPED;
		}
		if (!WIFSTOPPED(status))
			continue; /* a thread has ended */
		step = take_event(watch, tid, status, &signal);
		if (step == STEP_ON)
			ptrace(PTRACE_SYSCALL, tid, 0, signal);
	}
	return step;
}

/* Detaches from children that were made at the last moment. */
static void let_children_go(struct watch *watch, const struct tracee *tracee)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, __WALL | WNOHANG)) > 0) {
		bool is_ours = false;

		for (size_t i = 0; i < tracee->count; i++)
			is_ours = is_ours || tracee->threads[i].tid == pid;
		if (!is_ours && WIFSTOPPED(status))
			let_process_go(watch, pid);
	}
}

static enum when_outcome hold_at_moment(struct watch *watch, struct tracee *tracee)
{
	if (tracee_adopt(tracee, watch->pid, OPTIONS, watch->addresses, watch->site_count,
			 watch->report))
		return WHEN_FAILED;
	let_children_go(watch, tracee);
	when_clear(watch, watch->pid);
	if (watch->when->kind == WHEN_CALL)
		when_restore_trap(watch, tracee);
	return WHEN_CAME;
}

static void report_end(const struct watch *watch, int status)
{
	static const char closed[] = ": standard input was closed, so no program waits for it";
	const char *name = WIFSIGNALED(status) ? signal_name(WTERMSIG(status)) : NULL;
	char how[64];

	if (name)
		snprintf(how, sizeof(how), "was ended by SIG%s", name);
	else if (WIFSIGNALED(status))
		snprintf(how, sizeof(how), "was ended by signal %d", WTERMSIG(status));
	else
		snprintf(how, sizeof(how), "ended with status %d",
			 watch->ended_well ? 0 : WEXITSTATUS(status));
	if (watch->when->kind == WHEN_CALL && !watch->found)
		report_error(watch->report, ARGUMENT,
			     "the program %s; neither it nor a library has a function %s",
			     how, watch->when->symbol);
	else
		report_error(watch->report, ARGUMENT, "the program %s before '%s' came%s", how,
			     watch->when->text, watch->when->kind == WHEN_STDIN
						&& !watch->input[1] ? closed : "");
}

enum when_outcome when_wait(struct when *when, pid_t pid, struct tracee *ret_tracee,
			    int *ret_status, struct report *report)
{
	struct watch watch = { .when = when, .report = report, .pid = pid, .mem = -1 };
	enum when_outcome outcome = WHEN_FAILED;

	watch.process = (int)syscall(SYS_pidfd_open, pid, 0);
	switch (follow_program(&watch, ret_status)) {
	case STEP_MOMENT:
		outcome = hold_at_moment(&watch, ret_tracee);
		break;
	case STEP_FAILED:
		kill(pid, SIGKILL);
		break;
	default:
		if (watch.started)
			report_end(&watch, *ret_status);
		outcome = WHEN_ENDED;
	}
	stop_clock();
	if (watch.process >= 0)
		close(watch.process);
	when_free(&watch);
	return outcome;
}

int when_follow(pid_t pid, struct report *report)
{
	struct when never = { .kind = WHEN_NEVER };
	struct watch watch = { .when = &never, .report = report, .pid = pid, .started = true,
			       .mem = -1 };
	int status = 0;

	follow_program(&watch, &status);
	when_release(pid);
	return status;
}

void when_release(pid_t pid)
{
	int status;
	pid_t got;

	/* The kernel reports its end after the end of its other threads. */
	do {
		got = waitpid(-1, &status, __WALL);
		if (got > 0 && WIFSTOPPED(status))
			ptrace(PTRACE_CONT, got, 0, 0);
	} while (got < 0 ? errno == EINTR : got != pid || WIFSTOPPED(status));
}
