/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Explains, from /proc, which processes cannot be held. Changes nothing.
 */
#define _GNU_SOURCE
#include <link.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "arch_machine.h"
#include "arch_syscall.h"
#include "base/task.h"
#include "ptrace/tracee_parts.h"

int tracee_is_filtered(pid_t tid)
{
	char text[16];
	long mode;

	if (task_status(tid, "Seccomp", text, sizeof(text)))
		return -1;
	mode = atol(text);
	if (!mode)
		return 0;
	/* With as many filters as this process has, they are a container's, which apply to all
	 * its processes: the thread may do what this process may do. */
	return mode == 1
	       || task_filters(tid) > task_filters(getpid());
}

/* ---- Kinds of process ----------------------------------------------------------------- */

static bool is_kernel_thread(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	return task_flags(AT_FDCWD, path) & PF_KTHREAD;
}

/* Returns 0 if the program is for this machine, or cannot be read. */
static int check_program_machine(pid_t pid, const char *name, struct report *report)
{
	ElfW(Ehdr) header;
	char path[64];
	int descriptor;
	ssize_t got;

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	descriptor = open(path, O_RDONLY | O_CLOEXEC);
	if (descriptor < 0)
		return 0;
	got = pread(descriptor, &header, sizeof(header), 0);
	close(descriptor);
	if (got != sizeof(header))
		return 0;
	if (header.e_ident[EI_CLASS] == ARCH_ELF_CLASS && header.e_machine == ARCH_MACHINE)
		return 0;
	report_error(report, MACHINE, "process %d (%s) is a %s program, not one of " ARCH_NAME,
		     (int)pid, name,
		     header.e_ident[EI_CLASS] == ELFCLASS32 ? "32-bit" : "foreign");
	return -1;
}

static int refuse_process(struct report *report, pid_t pid, const char *name, const char *why)
{
	report_error(report, READ, "process %d (%s) %s", (int)pid, name, why);
	return -1;
}

int tracee_check_proc(struct report *report)
{
	char number[24] = "";

	if (readlink("/proc/self", number, sizeof(number) - 1) < 0) {
		report_errno(report, NO_PROC, "cannot read /proc/self (is /proc mounted?)");
		return -1;
	}
	if (atol(number) == getpid())
		return 0;
	report_error(report, NO_PROC, "/proc belongs to another PID namespace");
	return -1;
}

int tracee_check(pid_t pid, struct report *report)
{
	char state[16], name[17];
	long group = task_status_number(pid, "Tgid");

	if (tracee_check_proc(report))
		return -1;
	if (pid <= 0 || group < 0) {
		report_error(report, READ, "there is no process %d", (int)pid);
		return -1;
	}
	task_name(pid, name);
	if (group != pid) {
		report_error(report, READ, "%d is not a process but a thread of process %ld",
			     (int)pid, group);
		return -1;
	}
	if (pid == getpid())
		return refuse_process(report, pid, name, "is this program itself");
	if (is_kernel_thread(pid))
		return refuse_process(report, pid, name,
				      "is a kernel thread, not a program");
	task_status(pid, "State", state, sizeof(state));
	/* The first thread can have ended while others run. */
	if ((state[0] == 'Z' && task_status_number(pid, "Threads") <= 1) || state[0] == 'X')
		return refuse_process(report, pid, name, "has ended, and waits for its parent "
							 "to reap it (a zombie)");
	return check_program_machine(pid, name, report);
}

/* ---- Explanations --------------------------------------------------------------------- */

/* The reason if the security module Yama forbids tracing; NULL if it does not. */
static const char *forbidden_by_yama(void)
{
	int descriptor = open("/proc/sys/kernel/yama/ptrace_scope", O_RDONLY | O_CLOEXEC);
	char scope = '0';

	if (descriptor >= 0) {
		if (read(descriptor, &scope, 1) != 1)
			scope = '0';
		close(descriptor);
	}
	switch (scope) {
	case '1':
		return "the kernel lets ordinary users trace only programs that they start "
		       "(kernel.yama.ptrace_scope is 1): run unexec as root, set it to 0 "
		       "with sysctl, or start the program by 'unexec run'";
	case '2':
		return "the kernel lets only root trace programs "
		       "(kernel.yama.ptrace_scope is 2): run unexec as root";
	case '3':
		return "the kernel forbids tracing until the next boot "
		       "(kernel.yama.ptrace_scope is 3)";
	}
	return NULL;
}

/* If a process is not dumpable, root owns its /proc/PID/stat (proc(5)). */
static bool is_guarded(pid_t pid)
{
	char path[64];
	struct stat status;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	return stat(path, &status) == 0 && status.st_uid == 0
	       && task_status_number(pid, "Uid") > 0;
}

static const char *reason_not_permitted(pid_t pid)
{
	const char *yama = forbidden_by_yama();

	if (geteuid() != 0 && task_status_number(pid, "Uid") != (long)getuid())
		return "it belongs to another user: run unexec as that user or as root";
	if (geteuid() != 0 && is_guarded(pid))
		return "it is set-user-ID or has made itself unreadable "
		       "(PR_SET_DUMPABLE): run unexec as root";
	if (yama)
		return yama;
	return "the permission to trace is missing; in a container, --cap-add=SYS_PTRACE "
	       "grants it";
}

void tracee_explain(pid_t pid, int error, struct report *report)
{
	char name[17], tracer_name[17], text[16];
	int tracer;

	task_name(pid, name);
	task_status(pid, "TracerPid", text, sizeof(text));
	tracer = atoi(text);
	if (tracer) {
		task_name(tracer, tracer_name);
		report_error(report, READ,
			     "process %d (%s) is already traced by process %d (%s)", (int)pid,
			     name, tracer, tracer_name);
	} else if (error == EPERM || error == EACCES || error == ENOSYS) {
		report_error(report, READ, "process %d (%s) cannot be traced: %s", (int)pid,
			     name, reason_not_permitted(pid));
	} else {
		report_add(report, UNEXEC_ERROR, UNEXEC_CODE_READ, error, 0, 0,
			   "process %d (%s) cannot be traced", (int)pid, name);
	}
}

/* /proc/TID/syscall has "running", or the number of the system call in which the thread
 * sleeps. */
static bool waits_for_vfork(pid_t tid)
{
	char text[256];
	long number;

	task_read(tid, "syscall", text, sizeof(text));
	if (sscanf(text, "%ld", &number) != 1)
		return false;
#ifdef SYS_vfork
	if (number == SYS_vfork)
		return true;
#endif
	return number == SYS_clone || number == SYS_clone3;
}

void tracee_explain_stuck(pid_t pid, pid_t tid, struct report *report)
{
	char name[17];

	task_name(tid, name);
	report_error(report, THREAD, "thread %d (%s) of process %d cannot be stopped: %s",
		     (int)tid, name, (int)pid,
		     waits_for_vfork(tid)
			     ? "it waits for a child that it made with vfork"
			     : "it is in a system call that nothing interrupts");
}
