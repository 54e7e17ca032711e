/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Seizes the threads of a process and holds them.
 *
 * A thread is always held in the stop that PTRACE_INTERRUPT makes, inside the kernel's
 * get_signal(). Only on the way from there to the program does the kernel restart an
 * interrupted system call, from the registers that it finds then. So a thread that has done our
 * calls is run into such a stop again before it gets its registers back.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "arch_registers.h"
#include "base/clock.h"
#include "base/names.h"
#include "base/task.h"
#include "base/xalloc.h"
#include "ptrace/tracee_parts.h"

/* ---- One thread ----------------------------------------------------------------------- */

/* Calls that fail with EINTR when a stop interrupts them although no handler runs (the list is
 * in signal(7)). They can all be restarted: nothing has been done yet. */
static bool fails_when_stopped(long number)
{
	static const int numbers[] = {
#ifdef SYS_epoll_wait
		SYS_epoll_wait,
#endif
		SYS_epoll_pwait, SYS_epoll_pwait2, SYS_rt_sigtimedwait, SYS_semop,
		SYS_semtimedop, SYS_io_getevents, SYS_io_pgetevents,
		/* on sockets with a timeout */
		SYS_accept, SYS_accept4, SYS_recvfrom, SYS_recvmsg, SYS_recvmmsg, SYS_sendto,
		SYS_sendmsg, SYS_read, SYS_readv, SYS_write, SYS_writev,
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		if (number == numbers[i])
			return true;
	return false;
}

/* For these calls, sets the result that makes the kernel restart them unless a handler runs. A
 * thread that a signal had stopped before we came would have got the EINTR. */
static void make_restartable(struct tracee_thread *thread)
{
	struct arch_registers *registers = &thread->registers;

	if (!thread->stopped && arch_result(registers) == -EINTR
	    && fails_when_stopped(arch_syscall_number(registers)))
		arch_set_result(registers, -ARCH_ERESTARTNOHAND);
}

static bool works_for_io_uring(const struct tracee *tracee, pid_t tid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", (int)tracee->pid, (int)tid);
	return task_flags(AT_FDCWD, path) & PF_IO_WORKER;
}

/* 1 if the thread is seized and will stop, 0 if it has ended or is none of the program's, -1
 * with errno. */
static int seize(struct tracee *tracee, pid_t tid)
{
	char tracer[16];
	int error;

	if (works_for_io_uring(tracee, tid))
		return 0;
	if (ptrace(PTRACE_SEIZE, tid, 0, tracee->options)) {
		error = errno;
		if (error == ESRCH || tracee_is_zombie(tid))
			return 0;
		task_status(tid, "TracerPid", tracer, sizeof(tracer));
		if (!tracee->adopted || atoi(tracer) != getpid()) {
			errno = error;
			return -1;
		}
	}
	return ptrace(PTRACE_INTERRUPT, tid, 0, 0) ? 0 : 1;
}

/* The thread's TID in its own PID namespace: the last in a list. */
static pid_t own_tid(pid_t tid)
{
	char numbers[256], *last;

	if (task_status(tid, "NSpid", numbers, sizeof(numbers)))
		return 0;
	last = strrchr(numbers, '\t');
	return numbers[0] ? atoi(last ? last + 1 : numbers) : tid;
}

/* Reads the state of a thread that has just stopped. 0; 1 if it has ended. */
static int read_found_state(struct tracee_thread *thread)
{
	if (tracee_get_registers(thread->tid, &thread->registers)
	    || ptrace(PTRACE_GETSIGMASK, thread->tid, sizeof(thread->mask), &thread->mask))
		return 1;
	thread->own_tid = own_tid(thread->tid);
	thread->held = true;
	make_restartable(thread);
	return 0;
}

/* A seccomp filter could end the process for one of our calls. */
int tracee_suspend_filter(struct tracee *tracee, struct tracee_thread *thread,
			  struct report *report)
{
	int filtered = tracee_is_filtered(thread->tid);
	char name[17];

	thread->options = tracee->options;
	if (filtered < 0)
		report_errno(report, READ, "cannot read /proc/%d/status", (int)thread->tid);
	if (filtered <= 0)
		return filtered;
	thread->options |= PTRACE_O_SUSPEND_SECCOMP;
	if (!ptrace(PTRACE_SETOPTIONS, thread->tid, 0, thread->options))
		return 0;
	task_name(thread->tid, name);
	report_error(report, THREAD,
		     "thread %d (%s) has a seccomp filter, which only root outside a "
		     "container may suspend", (int)thread->tid, name);
	return -1;
}

int tracee_open_memory(struct tracee *tracee, struct report *report)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)tracee->threads[0].tid);
	tracee->mem = open(path, O_RDWR | O_CLOEXEC);
	if (tracee->mem < 0)
		report_errno(report, READ, "cannot open %s", path);
	return tracee->mem < 0 ? -1 : 0;
}

/* ---- All threads ---------------------------------------------------------------------- */

static struct tracee_thread *find_known_thread(struct tracee *tracee, pid_t tid)
{
	for (size_t i = 0; i < tracee->count; i++)
		if (tracee->threads[i].tid == tid)
			return &tracee->threads[i];
	return NULL;
}

static void remove_known_thread(struct tracee *tracee, size_t index)
{
	struct tracee_thread *thread = &tracee->threads[index];

	free(thread->below);
	tracee->count--;
	memmove(thread, thread + 1, (tracee->count - index) * sizeof(*thread));
}

/* Seizes the threads that are not known yet. Returns their number, or -1 with an error. */
static int seize_new(struct tracee *tracee, struct report *report)
{
	char path[64];
	struct dirent *entry;
	int found = 0, got = 0;
	DIR *directory;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)tracee->pid);
	directory = opendir(path);
	while (directory && got >= 0 && (entry = readdir(directory))) {
		pid_t tid = atoi(entry->d_name);

		if (tid <= 0 || find_known_thread(tracee, tid))
			continue;
		got = seize(tracee, tid);
		if (got <= 0)
			continue;
		xgrow(tracee->threads, tracee->count, tracee->room);
		tracee->threads[tracee->count++] = (struct tracee_thread){ .tid = tid };
		found++;
	}
	if (got < 0)
		tracee_explain(tracee->pid, errno, report);
	if (directory)
		closedir(directory);
	return got < 0 ? -1 : found;
}

/* Waits for threads that are not held yet. 0, or -1 with an error. */
static int hold_known(struct tracee *tracee, int64_t deadline, struct report *report)
{
	for (size_t i = 0; i < tracee->count;) {
		struct tracee_thread *thread = &tracee->threads[i];
		int came = thread->held ? 2 : tracee_wait_until_held(tracee, thread, deadline);

		if (came < 0) {
			tracee_explain_stuck(tracee->pid, thread->tid, report);
			return -1;
		}
		if (!came || (came == 1 && read_found_state(thread)))
			remove_known_thread(tracee, i);
		else
			i++;
	}
	return 0;
}

/* Threads can make new ones before they stop: repeats until there are none. */
int tracee_hold_all(struct tracee *tracee, struct report *report)
{
	int64_t deadline = clock_now() + TRACEE_PATIENCE_NS;
	int found;

	do {
		found = seize_new(tracee, report);
		if (found < 0 || hold_known(tracee, deadline, report))
			return -1;
	} while (found);
	if (!tracee->count) {
		report_error(report, READ, "process %d has ended", (int)tracee->pid);
		return -1;
	}
	return 0;
}

/* Holds any one thread of the process. 0, or -1 if none stops. */
int tracee_hold_one(struct tracee *tracee, struct report *report)
{
	char path[64];
	struct dirent *entry;
	DIR *directory;
	int came = 0;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)tracee->pid);
	directory = opendir(path);
	while (directory && !came && (entry = readdir(directory))) {
		struct tracee_thread thread = { .tid = atoi(entry->d_name) };

		if (thread.tid <= 0 || seize(tracee, thread.tid) <= 0)
			continue;
		if (tracee_wait_until_held(tracee, &thread, clock_now() + TRACEE_PATIENCE_NS) <= 0
		    || read_found_state(&thread))
			continue;
		xgrow(tracee->threads, tracee->count, tracee->room);
		tracee->threads[tracee->count++] = thread;
		came = 1;
	}
	if (directory)
		closedir(directory);
	if (!came || tracee_open_memory(tracee, report))
		return -1;
	tracee_leave_rseq(tracee, &tracee->threads[0]);
	return tracee_suspend_filter(tracee, &tracee->threads[0], report);
}
