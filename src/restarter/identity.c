/* SPDX-License-Identifier: MIT
 *
 * Starts the program under the process ID that it had. Only a new process can have a chosen ID
 * (clone3 with set_tid, since Linux 5.5), so the program becomes a child:
 *
 *   starter ── the process that executes the dump ── the program, with its old ID
 *                passes on signals, stops and        continues with restore_all()
 *                ends like its child
 *
 * The terminal sends its signals (Ctrl-C) to both, as to all processes of a process group.
 */
#include <linux/errno.h>
#include <linux/resource.h>
#include <linux/sched.h>
#include <linux/signal.h>
#include <linux/time_types.h>
#include <linux/wait.h>

#include "restarter.h"

#define NO_CHILD (-1)

static void __attribute__((noreturn)) fail_id(uint32_t wanted, long error)
{
	struct line line;

	begin_line(&line, "error");
	append(&line, "cannot start with the process ID ");
	append_number(&line, wanted);
	if (error == -EEXIST)
		append(&line, ": another process has it");
	else if (error == -EPERM)
		append(&line, ": this needs CAP_CHECKPOINT_RESTORE, or a PID namespace of the "
			      "user's own");
	else if (error == -ENOSYS || error == -E2BIG)
		append(&line, ": this kernel or container has no clone3() with set_tid");
	else
		append(&line, ": this PID namespace does not accept it");
	fail_line(&line);
}

/* The program has its own descriptors: a pipe ends when the program closes it. */
static void close_descriptors(void)
{
	if (sys(__NR_close_range, 0, ~0U, 0)) /* before Linux 5.9 */
		for (int i = 0; i < 1024; i++)
			sys(__NR_close, i);
}

static void end_like_child(uint32_t status)
{
	const struct rlimit none = { 0, 0 };
	const uint64_t no_signals = 0;
	uint32_t signal = status & 0x7f;

	if (!signal)
		for (;;)
			sys(__NR_exit_group, status >> 8 & 0xff);
	sys(__NR_prlimit64, 0, RLIMIT_CORE, &none, 0);
	sys(__NR_kill, sys(__NR_getpid), signal);
	sys(__NR_rt_sigprocmask, 2 /* SIG_SETMASK */, &no_signals, 0, sizeof(no_signals));
	for (;;)
		sys(__NR_exit_group, 128 + signal);
}

/* Reads a change of the child's state. A stopped child stops this process, too; the SIGCONT that
 * continues it stays pending, and is passed on. */
static void follow_child(void)
{
	uint32_t status;

	while (sys(__NR_wait4, NO_CHILD, &status, WNOHANG | WUNTRACED, 0) > 0) {
		if ((status & 0xff) != 0x7f)
			end_like_child(status);
		sys(__NR_kill, sys(__NR_getpid), SIGSTOP);
	}
}

/* All signals are blocked, and none has a handler: they are taken one by one. */
static void __attribute__((noreturn)) stand_in_for(long child)
{
	const uint64_t all_signals = ~UINT64_C(0);

	close_descriptors();
	for (;;) {
		siginfo_t info;
		long number = sys(__NR_rt_sigtimedwait, &all_signals, &info, 0, sizeof(all_signals));

		if (number == SIGCHLD)
			follow_child();
		else if (number > 0 && info.si_code <= 0) /* SI_USER …: a process has sent it */
			sys(__NR_kill, child, number);
	}
}

/* exec leaves handlers at SIG_DFL or SIG_IGN. If SIGCHLD were ignored, the kernel would discard
 * the child's status; the child inherits the old dispositions. */
static void take_default_actions(void)
{
	const uint64_t action[4] = { 0 }; /* SIG_DFL */

	for (int number = 1; number <= 64; number++)
		sys(__NR_rt_sigaction, number, action, 0, sizeof(uint64_t));
}

void identity_keep(const struct plan *plan)
{
	uint32_t wanted = plan->settings.process_id;
	const struct clone_args arguments = {
		.exit_signal = SIGCHLD,
		.set_tid = (uint64_t)&wanted,
		.set_tid_size = 1,
	};
	long child;

	if (!wanted || sys(__NR_getpid) == (long)wanted)
		return;
	child = sys(__NR_clone3, &arguments, CLONE_ARGS_SIZE_VER1);
	if (sys_failed(child))
		fail_id(wanted, child);
	if (!child)
		return;
	take_default_actions();
	stand_in_for(child);
}
