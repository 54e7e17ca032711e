/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stops all threads of a process by ptrace, and lets them go on.
 *
 * A thread is always held in the stop that PTRACE_INTERRUPT makes: that lies inside the
 * kernel's get_signal(), and only on the way from there to the program does the kernel begin
 * an interrupted system call again, by the registers that it finds then. So a thread that
 * has done calls of ours is led to such a stop once more before it gets its registers back.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "arch_ptrace.h"
#include "base/xalloc.h"
#include "base/names.h"
#include "process/process.h"
#include "ptrace/tracee.h"

/* How long a thread may take to come. */
#define PATIENCE_NS INT64_C(5000000000)
/* How long the kernel may take to end one that was killed. */
#define REAPING_NS INT64_C(1000000000)

/* ---- Registers and mask --------------------------------------------------------------- */

int tracee_get_registers(pid_t tid, struct user_regs_struct *ret)
{
	struct iovec vector = { ret, sizeof(*ret) };

	return ptrace(PTRACE_GETREGSET, tid, NT_PRSTATUS, &vector) ? -1 : 0;
}

int tracee_set_registers(pid_t tid, const struct user_regs_struct *registers)
{
	struct iovec vector = { (void *)(uintptr_t)registers, sizeof(*registers) };

	return ptrace(PTRACE_SETREGSET, tid, NT_PRSTATUS, &vector) ? -1 : 0;
}

int tracee_set_mask(pid_t tid, uint64_t mask)
{
	return ptrace(PTRACE_SETSIGMASK, tid, sizeof(mask), &mask) ? -1 : 0;
}

/* Calls that fail with EINTR when a stop interrupts them although no handler runs; signal(7)
 * has the list. They can all be made again: nothing has been done yet. */
static bool fails_when_stopped(long number)
{
	static const int numbers[] = {
#ifdef SYS_epoll_wait
		SYS_epoll_wait,
#endif
		SYS_epoll_pwait, SYS_epoll_pwait2, SYS_rt_sigtimedwait, SYS_semop,
		SYS_semtimedop, SYS_io_getevents, SYS_io_pgetevents,
		/* of sockets with a timeout */
		SYS_accept, SYS_accept4, SYS_recvfrom, SYS_recvmsg, SYS_recvmmsg, SYS_sendto,
		SYS_sendmsg, SYS_read, SYS_readv, SYS_write, SYS_writev,
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		if (number == numbers[i])
			return true;
	return false;
}

/* For these the kernel has a result that means: begin again unless a handler runs. A thread
 * that a signal had stopped before we came would have seen the failure. */
static void begin_again(struct tracee_thread *thread)
{
	struct user_regs_struct *registers = &thread->registers;

	if (!thread->stopped && arch_result(registers) == -EINTR
	    && fails_when_stopped(arch_call_number(registers)))
		arch_set_result(registers, -ARCH_ERESTARTNOHAND);
}

/* ---- Waiting -------------------------------------------------------------------------- */

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

/* Sleeps a little longer each time. */
static void nap(unsigned *microseconds)
{
	const struct timespec time = { .tv_nsec = (long)*microseconds * 1000 };

	nanosleep(&time, NULL);
	if (*microseconds < 5000)
		*microseconds *= 2;
}

static bool has_ended(int status)
{
	return WIFEXITED(status) || WIFSIGNALED(status);
}

static int event_of(int status)
{
	return status >> 16;
}

/* Whether the thread has met a breakpoint of ours; it is put back before it. */
static bool meets_breakpoint(const struct tracee *tracee, pid_t tid)
{
	struct user_regs_struct registers;
	uint64_t address;

	if (!tracee->breakpoint_count || tracee_get_registers(tid, &registers))
		return false;
	address = arch_pc(&registers) - ARCH_BREAKPOINT_LENGTH;
	for (size_t i = 0; i < tracee->breakpoint_count; i++) {
		if (tracee->breakpoints[i] != address)
			continue;
		arch_set_pc(&registers, address);
		return !tracee_set_registers(tid, &registers);
	}
	return false;
}

/* The signal to go on with from a stop that is not the one that we wait for: signals are
 * delivered, after which PTRACE_INTERRUPT stops the thread before it comes to its code, or
 * to that of a handler. */
static int signal_of(const struct tracee *tracee, pid_t tid, int status)
{
	int number = WSTOPSIG(status);

	if (event_of(status) || number == (SIGTRAP | 0x80))
		return 0;
	return number == SIGTRAP && meets_breakpoint(tracee, tid) ? 0 : number;
}

static bool is_zombie(pid_t tid)
{
	char state[16];

	if (tracee_status(tid, "State", state, sizeof(state)))
		return errno == ENOENT || errno == ESRCH;
	return state[0] == 'Z' || state[0] == 'X';
}

/* Waits for a thread to stop. 1; 0 if it has ended; -1 if it did not before the deadline.
 * Looks again and again: a call of ours takes microseconds; and waitpid() would never return
 * for the first thread of a process that was killed, as long as others wait to be reaped. */
static int wait_for(pid_t tid, int64_t deadline, int *ret_status)
{
	unsigned length = 20;

	for (int tries = 0;; tries++) {
		pid_t got = waitpid(tid, ret_status, __WALL | WNOHANG);

		if (got > 0)
			return has_ended(*ret_status) ? 0 : 1;
		if (got < 0 && errno != EINTR)
			return 0;
		if (tries < 50) {
			sched_yield();
			continue;
		}
		if (length > 1000 && is_zombie(tid))
			return 0;
		if (now() > deadline)
			return -1;
		nap(&length);
	}
}

/* Waits until the thread, which has been interrupted, is held. 1; 0 if it has ended; -1 if
 * it did not come before the deadline. */
static int wait_until_held(struct tracee *tracee, struct tracee_thread *thread,
			   int64_t deadline)
{
	for (;;) {
		int status, came = wait_for(thread->tid, deadline, &status);

		if (came <= 0)
			return came;
		if (event_of(status) == PTRACE_EVENT_STOP) {
			thread->stopped = WSTOPSIG(status) != SIGTRAP;
			return 1;
		}
		/* Any stop makes the kernel forget that it was to be interrupted. */
		ptrace(PTRACE_INTERRUPT, thread->tid, 0, 0);
		ptrace(PTRACE_CONT, thread->tid, 0, signal_of(tracee, thread->tid, status));
	}
}

int tracee_run(struct tracee_thread *thread, enum __ptrace_request request, int signal)
{
	int status;

	thread->has_run = true;
	if (ptrace(request, thread->tid, 0, signal))
		wait_for(thread->tid, now() + REAPING_NS, &status);
	else if (wait_for(thread->tid, INT64_MAX, &status) > 0)
		return status;
	thread->held = false;
	return -1;
}

/* ---- All threads ---------------------------------------------------------------------- */

static struct tracee_thread *find_thread(struct tracee *tracee, pid_t tid)
{
	for (size_t i = 0; i < tracee->count; i++)
		if (tracee->threads[i].tid == tid)
			return &tracee->threads[i];
	return NULL;
}

static void remove_thread(struct tracee *tracee, size_t index)
{
	struct tracee_thread *thread = &tracee->threads[index];

	free(thread->below);
	tracee->count--;
	memmove(thread, thread + 1, (tracee->count - index) * sizeof(*thread));
}

static bool is_worker(const struct tracee *tracee, pid_t tid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", (int)tracee->pid, (int)tid);
	return process_task_flags(AT_FDCWD, path) & PF_IO_WORKER;
}

/* 1 if it is seized and will stop, 0 if it has ended or is none of the program's, -1 with
 * errno. */
static int seize(struct tracee *tracee, pid_t tid)
{
	char tracer[16];
	int error;

	if (is_worker(tracee, tid))
		return 0;
	if (ptrace(PTRACE_SEIZE, tid, 0, tracee->options)) {
		error = errno;
		if (error == ESRCH || is_zombie(tid))
			return 0;
		tracee_status(tid, "TracerPid", tracer, sizeof(tracer));
		if (!tracee->adopted || atoi(tracer) != getpid()) {
			errno = error;
			return -1;
		}
	}
	return ptrace(PTRACE_INTERRUPT, tid, 0, 0) ? 0 : 1;
}

/* Seizes the threads that are not known yet: how many those were, or -1 with an error. */
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

		if (tid <= 0 || find_thread(tracee, tid))
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

/* The thread's number in the pid namespace that is its own: the last of a list. */
static pid_t own_tid(pid_t tid)
{
	char numbers[256], *last;

	if (tracee_status(tid, "NSpid", numbers, sizeof(numbers)))
		return 0;
	last = strrchr(numbers, '\t');
	return numbers[0] ? atoi(last ? last + 1 : numbers) : tid;
}

/* Reads what a thread is like that has just stopped. 0; 1 if it has ended. */
static int look_at(struct tracee_thread *thread)
{
	if (tracee_get_registers(thread->tid, &thread->registers)
	    || ptrace(PTRACE_GETSIGMASK, thread->tid, sizeof(thread->mask), &thread->mask))
		return 1;
	thread->own_tid = own_tid(thread->tid);
	thread->held = true;
	begin_again(thread);
	return 0;
}

/* Waits for those that are not held. 0, or -1 with an error. */
static int hold_known(struct tracee *tracee, int64_t deadline, struct report *report)
{
	for (size_t i = 0; i < tracee->count;) {
		struct tracee_thread *thread = &tracee->threads[i];
		int came = thread->held ? 2 : wait_until_held(tracee, thread, deadline);

		if (came < 0) {
			tracee_explain_stuck(tracee->pid, thread->tid, report);
			return -1;
		}
		if (!came || (came == 1 && look_at(thread)))
			remove_thread(tracee, i);
		else
			i++;
	}
	return 0;
}

/* Those that were not yet stopped may have made new ones: until there are none. */
static int hold_all(struct tracee *tracee, struct report *report)
{
	int64_t deadline = now() + PATIENCE_NS;
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

/* ---- One thread, made ready for calls ------------------------------------------------- */

/* A filter could end the process for a call of ours. */
static int suspend_filter(struct tracee *tracee, struct tracee_thread *thread,
			  struct report *report)
{
	int filtered = tracee_is_filtered(thread->tid);
	char name[17];

	thread->options = tracee->options;
	if (filtered < 0)
		report_errno(report, READ, "/proc/%d/status", (int)thread->tid);
	if (filtered <= 0)
		return filtered;
	thread->options |= PTRACE_O_SUSPEND_SECCOMP;
	if (!ptrace(PTRACE_SETOPTIONS, thread->tid, 0, thread->options))
		return 0;
	tracee_name(thread->tid, name);
	report_error(report, THREAD,
		     "thread %d (%s) is confined by a seccomp filter; only root outside of "
		     "containers may suspend that", (int)thread->tid, name);
	return -1;
}

static int make_ready(struct tracee *tracee, struct tracee_thread *thread,
		      struct report *report)
{
	char name[17];

	if (!arch_is_native(&thread->registers)) {
		tracee_name(thread->tid, name);
		report_error(report, MACHINE, "thread %d (%s) runs 32-bit code",
			     (int)thread->tid, name);
		return -1;
	}
	tracee_leave_rseq(tracee, thread);
	if (suspend_filter(tracee, thread, report)
	    || tracee_leave_vdso(tracee, thread, report))
		return -1;
	return 0;
}

static int open_memory(struct tracee *tracee, struct report *report)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)tracee->threads[0].tid);
	tracee->mem = open(path, O_RDWR | O_CLOEXEC);
	if (tracee->mem < 0)
		report_errno(report, READ, "%s", path);
	return tracee->mem < 0 ? -1 : 0;
}

/* That exit() lets go: this process may find no memory while that one is doing its calls. */
static struct tracee *attached;

static void release(struct tracee *tracee)
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

/* Lets the threads go on that are not yet out of the start of a dump. Returns how many. They
 * wait for nobody but each other. */
static int let_start(struct tracee *tracee)
{
	int count = 0;

	for (size_t i = 0; i < tracee->count; i++) {
		struct tracee_thread *thread = &tracee->threads[i];

		if (!thread->held || !tracee_is_starting(tracee, thread))
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

/* Also one that reads, say, may have others beside it that have not come so far. */
static int hold_started(struct tracee *tracee, struct report *report)
{
	int64_t deadline = now() + PATIENCE_NS;
	unsigned microseconds = 200;

	if (hold_all(tracee, report) || open_memory(tracee, report))
		return -1;
	while (let_start(tracee)) {
		nap(&microseconds);
		interrupt_all(tracee);
		if (hold_all(tracee, report))
			return -1;
		if (now() < deadline)
			continue;
		report_error(report, THREAD,
			     "process %d is a dump that does not come out of its start",
			     (int)tracee->pid);
		return -1;
	}
	return 0;
}

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
	release(tracee);
	return -1;
}

static void let_go(void)
{
	if (attached)
		tracee_end(attached);
}

int tracee_attach(struct tracee *tracee, pid_t pid, struct report *report)
{
	static bool registered;

	if (!registered)
		atexit(let_go);
	registered = true;
	*tracee = (struct tracee){ .pid = pid, .mem = -1, .options = PTRACE_O_TRACESYSGOOD,
				    .report = report };
	if (tracee_check(pid, report))
		return -1;
	attached = tracee;
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

/* ---- Going on ------------------------------------------------------------------------- */

/* Into the stop of PTRACE_INTERRUPT. SIGSTOP cannot be blocked: passed on, it makes the
 * kernel stop the process when it is detached. */
static void lead_back(struct tracee *tracee, struct tracee_thread *thread)
{
	int status, number = 0;

	for (;;) {
		ptrace(PTRACE_INTERRUPT, thread->tid, 0, 0);
		status = tracee_run(thread, PTRACE_CONT, number);
		if (status < 0 || event_of(status) == PTRACE_EVENT_STOP)
			break;
		number = signal_of(tracee, thread->tid, status);
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
			lead_back(tracee, thread);
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

void tracee_go_on(struct tracee *tracee)
{
	tracee_drop_scratch(tracee);
	tracee_rest(tracee);
	/* The first thread last: when all were killed, it is reported after the others. */
	for (size_t i = tracee->count; i-- > 0;) {
		struct tracee_thread *thread = &tracee->threads[i];
		int status;

		if (thread->held && ptrace(PTRACE_DETACH, thread->tid, 0, 0))
			wait_for(thread->tid, now() + REAPING_NS, &status);
		thread->held = false;
	}
	tracee->options = PTRACE_O_TRACESYSGOOD;
	tracee->adopted = false;
}

/* ---- The end of it -------------------------------------------------------------------- */

/* Any one thread of the process, held. 0, or -1 if there is none that comes. */
static int hold_one(struct tracee *tracee, struct report *report)
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
		if (wait_until_held(tracee, &thread, now() + PATIENCE_NS) <= 0
		    || look_at(&thread))
			continue;
		xgrow(tracee->threads, tracee->count, tracee->room);
		tracee->threads[tracee->count++] = thread;
		came = 1;
	}
	if (directory)
		closedir(directory);
	if (!came || open_memory(tracee, report))
		return -1;
	tracee_leave_rseq(tracee, &tracee->threads[0]);
	return suspend_filter(tracee, &tracee->threads[0], report);
}

/* Whether the dead copy is still a child of the process. */
static bool is_left(const struct tracee *tracee)
{
	char parent[32];

	return !tracee_status(tracee->copy, "PPid", parent, sizeof(parent))
	       && atoi(parent) == tracee->pid;
}

/* The same, twice if it must be: what fails here leaves something behind in the process. */
static int hold_any(struct tracee *tracee)
{
	struct report silent = { 0 };

	for (int tries = 0; tries < 2; tries++) {
		tracee_go_on(tracee);
		release(tracee);
		if (!hold_one(tracee, &silent))
			return 0;
	}
	return -1;
}

/* Nobody but its parent, the process, can take a dead copy away. */
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

static void bury_copy(struct tracee *tracee)
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

void tracee_end(struct tracee *tracee)
{
	if (tracee->copy) {
		end_copy(tracee);
		bury_copy(tracee);
		tracee->copy = 0;
	}
	tracee_go_on(tracee);
	release(tracee);
}

/* Waits for the end of all threads, so that the process is gone when we are. */
static void await_end(struct tracee *tracee)
{
	int status;

	for (size_t i = tracee->count; i-- > 0;) {
		pid_t tid = tracee->threads[i].tid, got;

		do {
			got = waitpid(tid, &status, __WALL);
			if (got > 0 && !has_ended(status))
				ptrace(PTRACE_CONT, tid, 0, 0);
		} while (got > 0 ? !has_ended(status) : errno == EINTR);
		tracee->threads[i].held = false;
	}
	if (tracee->copy)
		end_copy(tracee);
	tracee->copy = 0;
	tracee_go_on(tracee);
	release(tracee);
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
