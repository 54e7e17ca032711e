/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A process held by ptrace as a source of captures. The library would query the kernel from
 * inside; this file makes one of the process's threads do the same system calls. It reads the
 * state of each thread from outside.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/membarrier.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "arch_frame.h"
#include "arch_machine.h"
#include "arch_registers.h"
#include "arch_syscall.h"
#include "arch_vectors.h"
#include "base/task.h"
#include "base/xalloc.h"
#include "analysis/analysis.h"
#include "sources/process_capture.h"
#include "sources/pid.h"
#include "process/proc_files.h"
#include "process/kernel_state.h"
#include "process/process.h"
#include "libc/libc.h"
#include "sources/pid_resident.h"

#ifndef MEMBARRIER_CMD_GET_REGISTRATIONS
#define MEMBARRIER_CMD_GET_REGISTRATIONS (1 << 9) /* since 6.3 */
#endif

#ifndef PR_GET_MEMORY_MERGE
#define PR_GET_MEMORY_MERGE 68 /* since 6.4 */
#endif

#ifndef PR_GET_MDWE
#define PR_GET_MDWE 66 /* since 6.3 */
#endif

struct pid {
	struct tracee *tracee;
	struct process *process;
	struct report *report;
	size_t queued_room;
	bool rseq_unknown; /* the kernel does not report it */
};

/* ---- /proc ------------------------------------------------------------------------------- */

/* Reads a set of signals from the status file. */
static uint64_t signal_set(struct pid *pid, const char *key)
{
	char value[64];

	if (task_status(pid->tracee->pid, key, value, sizeof(value)))
		report_errno(pid->report, READ, "cannot read /proc/%d/status", (int)pid->tracee->pid);
	return strtoull(value, NULL, 16);
}

static int open_part(struct pid *pid, const char *name, int flags)
{
	int fd = openat(pid->process->handoff.fds.proc, name, flags | O_CLOEXEC);

	if (fd < 0)
		report_errno(pid->report, NO_PROC, "cannot open /proc/%d/%s",
			     (int)pid->tracee->pid, name);
	return fd;
}

#define OWN_DESCRIPTORS 64

/* This program will hold copies of all descriptors of the process, besides its own, so it raises
 * its limit. Only root can exceed the hard limit. */
static void allow_descriptors(void)
{
	struct rlimit limit, more;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	more.rlim_cur = more.rlim_max = limit.rlim_max + OWN_DESCRIPTORS;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &more))
		setrlimit(RLIMIT_NOFILE, &limit);
}

static int open_proc_files(struct pid *pid)
{
	struct handoff_fds *fds = &pid->process->handoff.fds;

	allow_descriptors();
	fds->mem = open_part(pid, "mem", O_RDONLY);
	fds->pagemap = open_part(pid, "pagemap", O_RDONLY);
	fds->smaps = open_part(pid, "smaps", O_RDONLY);
	pid->process->pidfd = (int)syscall(SYS_pidfd_open, pid->tracee->pid, 0);
	if (pid->process->pidfd < 0)
		report_errno(pid->report, NO_PROC, "cannot open process %d",
			     (int)pid->tracee->pid);
	return pid->report->status ? -1 : 0;
}

/* ---- Calls in the process ----------------------------------------------------------------- */

/* Checks a call that fails only in a process that has been killed. */
static long expect_result(struct pid *pid, const char *what, long result)
{
	if (result < 0)
		report_add(pid->report, UNEXEC_ERROR, UNEXEC_CODE_READ, (int)-result, 0, 0,
			   "cannot ask process %d for %s", (int)pid->tracee->pid, what);
	return result;
}

/* The same, then copies the result from the scratch page. */
static long fetch_answer(struct pid *pid, const char *what, void *to, size_t size, long result)
{
	if (result >= 0 && tracee_read(pid->tracee, pid->tracee->scratch, to, size))
		result = -errno;
	return expect_result(pid, what, result);
}

static void pid_ask_signals(struct pid *pid)
{
	struct handoff *handoff = &pid->process->handoff;
	struct tracee *tracee = pid->tracee;
	uint64_t changed = signal_set(pid, "SigCgt") | signal_set(pid, "SigIgn")
			   | UINT64_C(1) << (SIGCHLD - 1); /* its default action can have flags */

	for (int i = 0; i < HANDOFF_SIGNALS; i++)
		if (changed >> i & 1)
			fetch_answer(pid, "its handlers of signals", &handoff->signals[i],
				     sizeof(handoff->signals[i]),
				     tracee_do(tracee, 0, SYS_rt_sigaction, i + 1, 0,
					       tracee->scratch,
					sizeof(uint64_t)));
}

/* A periodic itimer reads zero between its expiry and the delivery of its signal. */
static void pid_ask_itimer(struct pid *pid, int which)
{
	struct plan_itimer *timer = &pid->process->handoff.itimers[which];

	*timer = (struct plan_itimer){ 0 };
	fetch_answer(pid, "its timers", timer, sizeof(*timer),
		     tracee_do(pid->tracee, 0, SYS_getitimer, which, pid->tracee->scratch));
	if (!timer->value_s && !timer->value_us) {
		timer->value_s = timer->interval_s;
		timer->value_us = timer->interval_us;
	}
}

/* Timers run while a process is held. The loop makes the two facts consistent: a timer that
 * expires now either still runs or has a pending signal, not both. */
static void pid_ask_itimers(struct pid *pid)
{
	struct handoff *handoff = &pid->process->handoff;
	uint64_t before;

	do {
		before = signal_set(pid, "ShdPnd");
		for (int i = 0; i < 3; i++)
			pid_ask_itimer(pid, i);
		handoff->pending = signal_set(pid, "ShdPnd");
	} while (handoff->pending != before);
}

/* Each timer starts with a line such as "ID: 1" in /proc/PID/timers. */
static void pid_ask_timers(struct pid *pid)
{
	struct process *process = pid->process;
	FILE *stream = process_open(process->handoff.fds.original, "timers");
	size_t count = 0, room = 0;
	char line[256];
	int number;

	while (stream && fgets(line, sizeof(line), stream)) {
		struct handoff_timer *timer;

		if (sscanf(line, "ID: %d", &number) != 1)
			continue;
		xgrow(process->timers, count, room);
		timer = &process->timers[count];
		*timer = (struct handoff_timer){ .number = number };
		/* The members from interval_s on match the kernel's struct itimerspec. */
		if (!fetch_answer(pid, "its timers", &timer->interval_s, 4 * sizeof(uint64_t),
				  tracee_do(pid->tracee, 0, SYS_timer_gettime, number,
				     pid->tracee->scratch)))
			count++;
	}
	/* Kernels without CONFIG_CHECKPOINT_RESTORE have no such file. */
	if (stream ? !feof(stream) || ferror(stream) : errno != ENOENT)
		report_errno(pid->report, NO_PROC, "cannot list the timers");
	if (stream)
		fclose(stream);
	process->handoff.timer_count = (uint32_t)count;
}

/* Adds the signals that are queued for one thread or, with PTRACE_PEEKSIGINFO_SHARED, for the
 * process. */
static void pid_ask_queue(struct pid *pid, pid_t tid, uint32_t own_tid, uint32_t flags)
{
	struct handoff *handoff = &pid->process->handoff;
	struct __ptrace_peeksiginfo_args what = { .flags = flags, .nr = 1 };
	siginfo_t info;

	while (ptrace(PTRACE_PEEKSIGINFO, tid, &what, &info) == 1) {
		struct handoff_queued *queued;

		xgrow(pid->process->queued, handoff->queued_count, pid->queued_room);
		queued = &pid->process->queued[handoff->queued_count++];
		*queued = (struct handoff_queued){ .tid = own_tid };
		memcpy(queued->info, &info, sizeof(info));
		what.off++;
	}
}

static void pid_ask_queues(struct pid *pid)
{
	const struct tracee *tracee = pid->tracee;

	pid_ask_queue(pid, tracee->threads[0].tid, 0, PTRACE_PEEKSIGINFO_SHARED);
	for (size_t i = 0; i < tracee->count; i++)
		if (tracee->threads[i].held)
			pid_ask_queue(pid, tracee->threads[i].tid,
				      (uint32_t)tracee->threads[i].own_tid, 0);
}

static long pid_ask_setting(struct pid *pid, int which)
{
	return expect_result(pid, "its settings", tracee_do(pid->tracee, 0, SYS_prctl, which));
}

/* /proc does not report whether mlockall() covers future memory, so this maps a page and looks
 * whether it is locked. */
static uint32_t pid_ask_lock(struct pid *pid)
{
	struct tracee *tracee = pid->tracee;
	long size = sysconf(_SC_PAGESIZE);
	long page = tracee_do(tracee, 0, SYS_mmap, 0, size, PROT_READ,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned char resident = 1;
	bool locked;

	if (sys_failed(page)) /* above the limit of locked memory */
		return page == -EAGAIN ? MCL_FUTURE : 0;
	locked = tracee_do(tracee, 0, SYS_msync, page, size, MS_INVALIDATE) == -EBUSY;
	if (locked && !tracee_do(tracee, 0, SYS_mincore, page, size, tracee->scratch))
		fetch_answer(pid, "its locked memory", &resident, sizeof(resident), 0);
	tracee_do(tracee, 0, SYS_munmap, page, size);
	if (!locked)
		return 0;
	return resident & 1 ? MCL_FUTURE : MCL_FUTURE | MCL_ONFAULT;
}

static void pid_ask_settings(struct pid *pid)
{
	struct handoff *handoff = &pid->process->handoff;
	struct tracee *tracee = pid->tracee;
	long registrations = tracee_do(tracee, 0, SYS_membarrier,
				       MEMBARRIER_CMD_GET_REGISTRATIONS);
	int subreaper = 0;
	long mdwe;

	fetch_answer(pid, "its settings", &subreaper, sizeof(subreaper),
		     tracee_do(tracee, 0, SYS_prctl, PR_GET_CHILD_SUBREAPER, tracee->scratch));
	handoff->subreaper = (uint32_t)subreaper;
	handoff->dumpable = (uint32_t)pid_ask_setting(pid, PR_GET_DUMPABLE);
	handoff->thp_disable = (uint32_t)pid_ask_setting(pid, PR_GET_THP_DISABLE);
	handoff->timer_slack = (uint64_t)pid_ask_setting(pid, PR_GET_TIMERSLACK);
	/* Not all kernels have this call. */
	if (!tracee_do(tracee, 0, ARCH_PERMITTED_CALL, ARCH_PERMITTED_ARGUMENT,
		       tracee->scratch))
		fetch_answer(pid, "its settings", &handoff->permitted,
			     sizeof(handoff->permitted), 0);
	handoff->permitted &= ARCH_REQUESTED_STATES;
	handoff->membarrier = registrations > 0 ? (uint32_t)registrations : 0;
	handoff->memory_merge = tracee_do(tracee, 0, SYS_prctl, PR_GET_MEMORY_MERGE) == 1;
	mdwe = tracee_do(tracee, 0, SYS_prctl, PR_GET_MDWE);
	handoff->mdwe = mdwe > 0 ? (uint32_t)mdwe : 0;
	handoff->securebits = (uint32_t)pid_ask_setting(pid, PR_GET_SECUREBITS);
	handoff->lock_future = pid_ask_lock(pid);
	handoff->brk = (uint64_t)expect_result(pid, "its brk",
					       tracee_do(tracee, 0, SYS_brk, 0));
}

/* ---- The threads --------------------------------------------------------------------------- */

/* From linux/ptrace.h, since 5.13; older headers lack it. */
struct rseq_configuration {
	uint64_t address;
	uint32_t size, signature, flags, pad;
};
#define GET_RSEQ_CONFIGURATION 0x420f

static void pid_ask_rseq(struct pid *pid, size_t index, struct handoff_thread *to)
{
	struct rseq_configuration configuration = { 0 };
	struct handoff *handoff = &pid->process->handoff;

	if (ptrace(GET_RSEQ_CONFIGURATION, pid->tracee->threads[index].tid,
		   sizeof(configuration), &configuration) <= 0)
		pid->rseq_unknown = true;
	if (!configuration.address)
		return;
	to->rseq = configuration.address;
	handoff->rseq_length = configuration.size;
	handoff->rseq_signature = configuration.signature;
}

static void pid_ask_scheduling(uint32_t tid, struct handoff_thread *to)
{
	struct sched_param parameters = { 0 };
	int policy = sched_getscheduler((pid_t)tid);

	sched_getparam((pid_t)tid, &parameters);
	to->policy = policy < 0 ? 0 : (uint32_t)policy;
	to->priority = (uint32_t)parameters.sched_priority;
	to->nice = getpriority(PRIO_PROCESS, tid);
	syscall(SYS_sched_getaffinity, tid, sizeof(to->affinity), to->affinity);
}

/* struct ptrace_sud_config of linux/ptrace.h, since 6.4. */
struct dispatch_configuration {
	uint64_t mode, selector, start, length;
};
#define GET_DISPATCH_CONFIGURATION 0x4211

/* Does the thread have its system calls dispatched (PR_SET_SYSCALL_USER_DISPATCH)? If so, stores
 * whether a call that we make it do would be, too. */
static bool pid_is_dispatched(struct pid *pid, size_t index, bool *ret_now)
{
	struct dispatch_configuration configuration = { 0 };
	char selector = 1; /* SYSCALL_DISPATCH_FILTER_BLOCK */

	if (ptrace(GET_DISPATCH_CONFIGURATION, pid->tracee->threads[index].tid,
		   sizeof(configuration), &configuration) < 0 || !configuration.mode)
		return false;
	if (configuration.selector)
		tracee_read(pid->tracee, configuration.selector, &selector, 1);
	*ret_now = selector != 0;
	return true;
}

/* To be called before all calls in the process. */
static void pid_check_dispatch(struct pid *pid)
{
	bool accepted = pid->process->handoff.lose & UNEXEC_LOSE_DISPATCH;
	const struct tracee *tracee = pid->tracee;
	char name[17];
	bool now;

	for (size_t i = 0; i < tracee->count; i++) {
		if (!tracee->threads[i].held || !pid_is_dispatched(pid, i, &now))
			continue;
		task_name(tracee->threads[i].tid, name);
		if (now)
			report_error(pid->report, PROTECTION, "thread %d (%s) has its system calls "
				     "dispatched to itself at this moment "
				     "(PR_SET_SYSCALL_USER_DISPATCH)",
				     (int)tracee->threads[i].tid, name);
		else
			report_add(pid->report, accepted ? UNEXEC_WARNING : UNEXEC_ERROR,
				   UNEXEC_CODE_PROTECTION, 0, 0, 0, "thread %d (%s) loses syscall "
				   "user dispatch (PR_SET_SYSCALL_USER_DISPATCH)%s",
				   (int)tracee->threads[i].tid, name,
				   accepted ? "" : "; --lose=dispatch accepts that");
	}
}

static bool pid_has_ring(struct tracee *tracee, size_t index)
{
	long result = -EBADF;

	for (int slot = 0; slot < HANDOFF_RING_SLOTS && result == -EBADF; slot++)
		result = tracee_do(tracee, index, SYS_io_uring_enter, slot, 0, 0,
				   HANDOFF_ENTER_RING);
	return result >= 0;
}

/* stack_t from linux/signal.h. */
struct altstack {
	uint64_t address;
	uint32_t flags, pad;
	uint64_t size;
};

/* Reads a 32-bit number that a call stores; 0 if a kernel, or a filter of the process, refuses it. */
static uint32_t stored_number(struct pid *pid, long result)
{
	uint32_t number = 0;

	if (!result)
		fetch_answer(pid, "its settings", &number, sizeof(number), 0);
	return number;
}

static bool pid_has_keyring(struct tracee *tracee, size_t index, int which)
{
	return tracee_do(tracee, index, SYS_keyctl, KEYCTL_GET_KEYRING_ID, which, 0) > 0;
}

static void pid_ask_own_settings(struct pid *pid, size_t index, struct handoff_settings *to)
{
	struct tracee *tracee = pid->tracee;
	uint64_t scratch = tracee->scratch;
	long result;

	to->parent_death_signal = stored_number(pid, tracee_do(tracee, index, SYS_prctl,
							       PR_GET_PDEATHSIG, scratch));
	to->tsc = stored_number(pid, tracee_do(tracee, index, SYS_prctl, PR_GET_TSC, scratch));
	to->memory_policy = stored_number(pid, tracee_do(tracee, index, SYS_get_mempolicy, scratch,
							 0, 0, 0, 0));
	result = tracee_do(tracee, index, SYS_prctl, PR_MCE_KILL_GET);
	to->memory_failure = result >= 0 ? (uint32_t)result + 1 : 0;
	result = tracee_do(tracee, index, SYS_personality, 0xffffffff);
	to->personality = result >= 0 ? (uint32_t)result : 0;
	if (pid_has_keyring(tracee, index, KEY_SPEC_THREAD_KEYRING))
		to->keyrings |= HANDOFF_THREAD_KEYRING;
	if (pid_has_keyring(tracee, index, KEY_SPEC_PROCESS_KEYRING))
		to->keyrings |= HANDOFF_PROCESS_KEYRING;
}

static void pid_ask_thread(struct pid *pid, size_t index, struct handoff_thread *to,
			   struct arch_thread_state *state)
{
	struct tracee *tracee = pid->tracee;
	struct tracee_thread *thread = &tracee->threads[index];
	struct arch_registers *registers = xmalloc(sizeof(*registers));
	struct arch_thread_place place;
	struct altstack altstack = { .flags = SS_DISABLE };
	void *vector = NULL;

	if (!thread->own_tid)
		report_error(pid->report, READ, "cannot read the TID of thread %d",
			     (int)thread->tid);
	tracee_registers(tracee, index, registers);
	place = arch_thread_place(registers);
	*to = (struct handoff_thread){ .tid = (uint32_t)thread->own_tid,
				       .task = (uint32_t)thread->tid, .state = HANDOFF_PARKED,
				       .thread_pointer = place.thread_pointer,
				       .thread_pointer_2 = place.thread_pointer_2 };
	/* A kernel without CONFIG_CHECKPOINT_RESTORE does not have this call. */
	if (!tracee_do(tracee, index, SYS_prctl, PR_GET_TID_ADDRESS, tracee->scratch))
		fetch_answer(pid, "its TIDs", &to->clear_child_tid, sizeof(to->clear_child_tid),
			     0);
	fetch_answer(pid, "its signal stacks", &altstack, sizeof(altstack),
		     tracee_do(tracee, index, SYS_sigaltstack, 0, tracee->scratch));
	syscall(SYS_get_robust_list, thread->tid, &to->robust_list, &to->robust_length);
	to->has_ring = pid_has_ring(tracee, index);
	to->timer_slack = (uint64_t)tracee_do(tracee, index, SYS_prctl, PR_GET_TIMERSLACK);
	pid_ask_own_settings(pid, index, &to->settings);
	pid_ask_rseq(pid, index, to);
	pid_ask_scheduling(thread->tid, to);

	if (tracee_vector(tracee, index, &vector, &state->vector_size))
		report_errno(pid->report, READ, "cannot read the vector registers of thread %u",
			     thread->tid);
	state->registers = registers;
	state->vector = vector;
	state->mask = thread->mask;
	state->altstack = altstack.address;
	state->altstack_size = altstack.size;
	state->altstack_flags = altstack.flags;
}

static struct arch_thread_state *pid_ask_threads(struct pid *pid)
{
	struct process *process = pid->process;
	size_t count = pid->tracee->count;
	struct arch_thread_state *states = xcalloc(count, sizeof(*states));

	process->threads = xcalloc(count, sizeof(*process->threads));
	process->handoff.dumper = HANDOFF_NO_DUMPER;
	process->handoff.threads_wanted = UNEXEC_THREADS_KEEP;
	for (size_t i = 0; i < count; i++)
		if (pid->tracee->threads[i].held) { /* otherwise it has just ended */
			uint32_t at = process->handoff.thread_count++;

			pid_ask_thread(pid, i, &process->threads[at], &states[at]);
		}
	process->handoff.pid = process->threads[0].tid;
	return states;
}

/* ---- The capture --------------------------------------------------------------------------- */

static void pid_ask_all(struct pid *pid)
{
	struct handoff *handoff = &pid->process->handoff;
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

	if (!tracee_scratch(pid->tracee)) {
		report_errno(pid->report, READ, "cannot map a page in the process");
		return;
	}
	pid_ask_signals(pid);
	pid_ask_itimers(pid);
	pid_ask_timers(pid);
	pid_ask_queues(pid);
	pid_ask_settings(pid);
	prlimit(pid->tracee->pid, RLIMIT_STACK, NULL, &limit);
	handoff->stack_limit = limit.rlim_cur;
	pid->process->capture.image->stack_limit = limit.rlim_cur;
}

static void free_states(struct arch_thread_state *states, size_t count)
{
	for (size_t i = 0; states && i < count; i++) {
		free((void *)states[i].registers);
		free((void *)states[i].vector);
	}
	free(states);
}

static int fetch_fd(void *tracee, int number)
{
	return tracee_fetch_fd(tracee, number);
}

static struct process *new_process(struct tracee *tracee, const struct pid_options *options,
				   struct report *report)
{
	struct handoff handoff = { .machine = ARCH_MACHINE, .fd_policy = options->descriptors,
				   .files = options->files, .directory = options->directory, .lose = options->lose,
				   .children = options->children,
				   .standard_input = options->standard_input };
	struct process *process;
	char *path = xasprintf("/proc/%d", (int)tracee->pid);

	handoff.fds = (struct handoff_fds){ -1, -1, -1, -1, -1, -1 };
	handoff.fds.proc = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	handoff.fds.original = handoff.fds.proc;
	if (handoff.fds.proc < 0)
		report_errno(report, NO_PROC, "cannot open %s", path);
	free(path);
	process = process_new(&handoff, report);
	process->policies = xmemdup(options->policies,
				    options->policy_count * sizeof(*process->policies));
	process->policy_count = options->policy_count;
	process->dump = options->dump;
	if (options->inherited)
		process->inherited = inherited_copy(options->inherited);
	process->handoff.inherited_filters = task_filters(getpid());
	return process;
}

struct capture *pid_capture(struct tracee *tracee, const struct pid_options *options,
			    struct report *report)
{
	struct pid pid = { .tracee = tracee, .report = report };
	struct arch_thread_state *states = NULL;
	struct capture *capture;

	report->stage = UNEXEC_STAGE_CAPTURE;
	if (!tracee->count || !tracee->threads[0].held || tracee->threads[0].tid != tracee->pid)
		report_error(report, THREAD, "the main thread of process %d has ended, but "
			     "other threads still run", (int)tracee->pid);
	pid.process = new_process(tracee, options, report);
	pid.process->fetch_fd = fetch_fd;
	pid.process->fetch_context = tracee;
	capture = &pid.process->capture;
	pid_check_dispatch(&pid);
	if (report->status || open_proc_files(&pid))
		return capture;
	pid_ask_all(&pid);
	if (!report->status)
		states = pid_ask_threads(&pid);
	if (!report->status)
		pid_ask_resident(tracee, pid.process);
	tracee_drop_scratch(tracee);
	/* No more calls follow: from here on, the process continues even if this one ends. */
	tracee_rest(tracee);
	if (!report->status) {
		process_capture_all(pid.process);
		if (pid.rseq_unknown)
			libc_find_rseq(capture, states, UNEXEC_CODE_READ, report);
		analysis_run(capture, &(struct analysis){
				     .vdso = pid.process->handoff.vdso,
				     .slots = pid.process->handoff.slots,
				     .choices = { options->environment, false,
						  options->argv0 == UNEXEC_ARGV0_KEEP },
				     .states = states, .place = process_place_objects }, report);
	}
	free_states(states, tracee->count);
	return capture;
}

bool pid_may_copy(const struct capture *capture)
{
	const struct image *image = capture->image;

	if (process_children_are_apart((const struct process *)capture))
		return false;
	for (size_t i = 0; i < image->region_count; i++) {
		const struct region *region = &image->regions[i];

		if (region->data_count && region->flags & REGION_DONTFORK)
			return false;
	}
	return true;
}

int pid_read_copy(struct capture *capture, pid_t copy, struct report *report)
{
	struct process *process = (struct process *)capture;
	char *path = xasprintf("/proc/%d/mem", (int)copy);
	int mem = open(path, O_RDONLY | O_CLOEXEC);

	if (mem < 0)
		report_errno(report, NO_PROC, "cannot open %s", path);
	free(path);
	if (mem < 0)
		return -1;
	close(process->handoff.fds.mem);
	process->handoff.fds.mem = mem;
	return 0;
}
