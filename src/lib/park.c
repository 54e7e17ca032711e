/* SPDX-License-Identifier: MIT
 *
 * Parks the other threads during a dump. Each runs the handler of a signal, for which the
 * kernel has stored its registers on its stack. A dump needs only that frame to continue the
 * thread; in the original, the handler returns.
 *
 * libc does not allow anyone to block this signal (glibc: SIGSETXID; musl: SIGSYNCCALL has the
 * next number), so that helper threads that block all signals park, too. libc's own use of the
 * signal still works: the value that a signal carries identifies this library's.
 *
 * While threads are parked, this code must not take a lock of libc: a parked thread may hold
 * it.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>

#include "arch_context.h"
#include "arch_syscall.h"
#include "arch_thread.h"
#include "park.h"

/* The value that the library's signals carry. */
#define PARK_VALUE ((void *)&park)

/* More threads than a process may have by default (apart from kernel.threads-max). Only the
 * used part is ever touched. */
#define PARK_ROOM 65536

/* The time in milliseconds to wait for the next thread after the last one that parked. */
#define PARK_PATIENCE 1000

static const struct timespec millisecond = { .tv_nsec = 1000000 };

static struct park {
	struct handoff_thread *threads; /* PARK_ROOM of them, never freed; [0] is the caller */
	uint32_t count;
	uint32_t parked; /* a futex: the number of parked threads */
	uint32_t round;  /* a futex: threads wait while it is unchanged */
	uint32_t late;   /* the number of signals that may still be pending */
	uint32_t called; /* the thread that is being signalled */
	bool installed;  /* the library's handler is installed; `old` is the previous one */
	struct handoff_signal old;
	struct timespec stopped; /* CLOCK_MONOTONIC when all were parked */
} park;

/* ---- A thread's description of itself ------------------------------------------------- */

/* Does not ask in a process with a seccomp filter: the filter might kill it for this call. */
static bool has_registered_ring(void)
{
	long result = sys(SYS_prctl, PR_GET_SECCOMP) ? -EPERM : -EBADF;

	for (int slot = 0; slot < HANDOFF_RING_SLOTS && result == -EBADF; slot++)
		result = sys(SYS_io_uring_enter, slot, 0, 0, HANDOFF_ENTER_RING, 0, 0);
	return !sys_failed(result);
}

static bool has_keyring(long which)
{
	return sys(SYS_keyctl, KEYCTL_GET_KEYRING_ID, which, 0) > 0;
}

/* A system may forbid each of these calls. */
static void read_settings(struct handoff_settings *settings)
{
	int number = 0;
	long result;

	if (!sys(SYS_prctl, PR_GET_PDEATHSIG, &number))
		settings->parent_death_signal = (uint32_t)number;
	number = 0;
	if (!sys(SYS_prctl, PR_GET_TSC, &number))
		settings->tsc = (uint32_t)number;
	result = sys(SYS_prctl, PR_MCE_KILL_GET);
	settings->memory_failure = result >= 0 ? (uint32_t)result + 1 : 0;
	result = sys(SYS_personality, 0xffffffff);
	settings->personality = result >= 0 ? (uint32_t)result : 0;
	if (sys(SYS_prctl, PR_GET_SECCOMP))
		return; /* a filter might kill the process for these rare calls */
	number = 0;
	if (!sys(SYS_get_mempolicy, &number, 0, 0, 0, 0))
		settings->memory_policy = (uint32_t)number;
	if (has_keyring(KEY_SPEC_THREAD_KEYRING))
		settings->keyrings |= HANDOFF_THREAD_KEYRING;
	if (has_keyring(KEY_SPEC_PROCESS_KEYRING))
		settings->keyrings |= HANDOFF_PROCESS_KEYRING;
}

static void describe_thread(struct handoff_thread *thread)
{
	arch_get_thread_pointers(&thread->thread_pointer, &thread->thread_pointer_2);
	sys(SYS_prctl, PR_GET_TID_ADDRESS, &thread->clear_child_tid);
	sys(SYS_get_robust_list, 0, &thread->robust_list, &thread->robust_length);
	thread->has_ring = has_registered_ring();
	thread->timer_slack = (uint64_t)sys(SYS_prctl, PR_GET_TIMERSLACK);
	read_settings(&thread->settings);
	thread->policy = (uint32_t)sys(SYS_sched_getscheduler, 0);
	thread->nice = 20 - (int32_t)sys(SYS_getpriority, PRIO_PROCESS, 0);
	sys(SYS_sched_getparam, 0, &thread->priority);
	sys(SYS_sched_getaffinity, 0, sizeof(thread->affinity), thread->affinity);
}

/* ---- In each thread ---------------------------------------------------------------------- */

static bool change_state(struct handoff_thread *thread, uint32_t from, uint32_t to)
{
	return __atomic_compare_exchange_n(&thread->state, &from, to, false, __ATOMIC_ACQ_REL,
					   __ATOMIC_RELAXED);
}

/* After this, the dump or its cancellation waits for this thread. NULL: this thread has not
 * been signalled, or the dump has given up on it. */
static struct handoff_thread *answer_signal(uint32_t tid)
{
	uint32_t count = __atomic_load_n(&park.count, __ATOMIC_ACQUIRE);

	for (uint32_t i = 0; i < count; i++)
		if (park.threads[i].tid == tid
		    && change_state(&park.threads[i], HANDOFF_CALLED, HANDOFF_COMING))
			return &park.threads[i];
	return NULL;
}

static void wait_for_release(uint32_t round)
{
	while (__atomic_load_n(&park.round, __ATOMIC_ACQUIRE) == round)
		sys(SYS_futex, &park.round, FUTEX_WAIT_PRIVATE, round, NULL);
}

static bool is_park_signal(const siginfo_t *info)
{
	return info->si_code == SI_QUEUE && info->si_value.sival_ptr == PARK_VALUE;
}

/* Passes on libc's own use of the signal. */
static void pass_to_libc(siginfo_t *info, void *context)
{
	void (*old)(int, siginfo_t *, void *) = (void *)park.old.handler;

	if (park.old.handler > 1) /* neither default nor ignored */
		old(PARK_SIGNAL, info, context);
}

/* A thread may have stale park signals pending, one for each dump that gave up on it. In the
 * dump, it would take them for libc's. The thread may have been parked by a stale signal
 * while the current one is on its way. */
static void take_stale_signals(uint32_t self, void *context)
{
	const uint64_t only = UINT64_C(1) << (PARK_SIGNAL - 1);
	const struct timespec at_once = { 0 };
	siginfo_t info;

	while (__atomic_load_n(&park.late, __ATOMIC_ACQUIRE)
	       && __atomic_load_n(&park.called, __ATOMIC_ACQUIRE) == self)
		sys(SYS_nanosleep, &millisecond, NULL);
	while (__atomic_load_n(&park.late, __ATOMIC_ACQUIRE)
	       && sys(SYS_rt_sigtimedwait, &only, &info, &at_once, sizeof(only)) == PARK_SIGNAL) {
		if (is_park_signal(&info))
			__atomic_sub_fetch(&park.late, 1, __ATOMIC_RELEASE);
		else
			pass_to_libc(&info, context);
	}
}

static void on_park(int number, siginfo_t *info, void *context)
{
	struct handoff_thread *thread;
	uint32_t round;

	(void)number;
	if (!is_park_signal(info)) {
		pass_to_libc(info, context);
		return;
	}
	thread = answer_signal((uint32_t)sys(SYS_gettid));
	if (!thread) {
		__atomic_sub_fetch(&park.late, 1, __ATOMIC_RELEASE);
		return; /* the dump has given up on this thread */
	}
	take_stale_signals(thread->tid, context);
	if (vdso_contains(arch_context_counter(context))) {
		__atomic_store_n(&thread->state, HANDOFF_AWAY, __ATOMIC_RELEASE);
		return;
	}
	round = __atomic_load_n(&park.round, __ATOMIC_ACQUIRE);
	thread->frame = arch_context_frame(context);
	thread->deadline = arch_context_wait_until(context);
	describe_thread(thread);
	queued_read(thread->tid, false);
	__atomic_store_n(&thread->state, HANDOFF_PARKED, __ATOMIC_RELEASE);
	__atomic_add_fetch(&park.parked, 1, __ATOMIC_RELEASE);
	sys(SYS_futex, &park.parked, FUTEX_WAKE_PRIVATE, 1);
	wait_for_release(round);
}

/* ---- In the thread that dumps ------------------------------------------------------------ */

static void signal_thread(struct handoff_thread *thread)
{
	siginfo_t info = { 0 };
	long pid = sys(SYS_getpid), failed;

	info.si_signo = PARK_SIGNAL;
	info.si_code = SI_QUEUE;
	info.si_value.sival_ptr = PARK_VALUE;
	__atomic_store_n(&park.called, thread->tid, __ATOMIC_RELEASE);
	__atomic_store_n(&thread->state, HANDOFF_CALLED, __ATOMIC_RELEASE);
	failed = sys(SYS_rt_tgsigqueueinfo, pid, thread->tid, PARK_SIGNAL, &info);
	__atomic_store_n(&park.called, 0, __ATOMIC_RELEASE);
	if (failed == -EAGAIN) /* RLIMIT_SIGPENDING; delivered signals make room */
		change_state(thread, HANDOFF_CALLED, HANDOFF_AWAY);
	else if (failed)
		change_state(thread, HANDOFF_CALLED, HANDOFF_GONE);
}

static bool is_signalled(uint32_t tid)
{
	for (uint32_t i = 0; i < park.count; i++)
		if (park.threads[i].tid == tid && park.threads[i].state != HANDOFF_GONE)
			return true;
	return false;
}

/* Visits each thread in /proc/self/task. */
static void visit_tasks(void (*visit)(uint32_t tid))
{
	char buffer[2048];
	long directory = sys(SYS_openat, AT_FDCWD, "/proc/self/task",
			     O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	long length;

	if (sys_failed(directory))
		return; /* the copy will report that /proc cannot be read */
	while ((length = sys(SYS_getdents64, directory, buffer, sizeof(buffer))) > 0) {
		for (long at = 0; at < length;) {
			const struct dirent64 *entry = (const void *)(buffer + at);
			uint32_t tid = 0;

			for (const char *c = entry->d_name; *c >= '0' && *c <= '9'; c++)
				tid = tid * 10 + (uint32_t)(*c - '0');
			if (tid)
				visit(tid);
			at += entry->d_reclen;
		}
	}
	sys(SYS_close, directory);
}

/* A worker thread of io_uring never runs the program's code. The kernel's flags are the
 * seventh number after the name, which may contain any characters (proc(5)). */
static bool is_io_worker(uint32_t tid)
{
	char path[48] = "/proc/self/task/", text[512], *at = text, digits[12];
	size_t digit = sizeof(digits);
	uint64_t flags = 0;
	long descriptor, got;

	digits[--digit] = 0;
	do
		digits[--digit] = (char)('0' + tid % 10);
	while (tid /= 10);
	strcat(strcat(path, digits + digit), "/stat");
	descriptor = sys(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	if (sys_failed(descriptor))
		return false;
	got = sys(SYS_read, descriptor, text, sizeof(text) - 1);
	sys(SYS_close, descriptor);
	text[got > 0 ? got : 0] = 0;
	at = strrchr(text, ')');
	for (int i = 0; at && i < 7; i++)
		at = strchr(at + 1, ' ');
	for (; at && *++at >= '0' && *at <= '9';)
		flags = flags * 10 + (uint64_t)(*at - '0');
	return flags & 0x10 /* PF_IO_WORKER, since 5.12 */;
}

static void signal_if_new(uint32_t tid)
{
	struct handoff_thread *thread;

	if (is_signalled(tid) || park.count == PARK_ROOM || is_io_worker(tid))
		return;
	thread = &park.threads[park.count];
	*thread = (struct handoff_thread){ .tid = tid };
	__atomic_store_n(&park.count, park.count + 1, __ATOMIC_RELEASE);
	signal_thread(thread);
}

static bool is_on_its_way(const struct handoff_thread *thread)
{
	uint32_t state = __atomic_load_n(&thread->state, __ATOMIC_ACQUIRE);

	return state != HANDOFF_GONE && state != HANDOFF_PARKED;
}

static bool all_have_come(void)
{
	for (uint32_t i = 0; i < park.count; i++)
		if (is_on_its_way(&park.threads[i]))
			return false;
	return true;
}

/* A thread may have ended after it was signalled. A thread that could not park is signalled
 * again. */
static void recheck_thread(struct handoff_thread *thread)
{
	uint32_t state = __atomic_load_n(&thread->state, __ATOMIC_ACQUIRE);

	if (state == HANDOFF_AWAY)
		signal_thread(thread);
	else if (state == HANDOFF_CALLED && sys(SYS_tgkill, sys(SYS_getpid), thread->tid, 0))
		change_state(thread, HANDOFF_CALLED, HANDOFF_GONE);
}

/* Waits until all signalled threads are parked. Returns false after PARK_PATIENCE. */
static bool wait_for_all(void)
{
	uint32_t before = __atomic_load_n(&park.parked, __ATOMIC_ACQUIRE), waited = 0;

	while (!all_have_come()) {
		uint32_t now = __atomic_load_n(&park.parked, __ATOMIC_ACQUIRE);

		if (now != before)
			waited = 0;
		before = now;
		if (waited++ > PARK_PATIENCE)
			return false;
		if (sys(SYS_futex, &park.parked, FUTEX_WAIT_PRIVATE, now, &millisecond)
		    != -ETIMEDOUT)
			continue;
		for (uint32_t i = 0; i < park.count; i++)
			recheck_thread(&park.threads[i]);
	}
	return true;
}

static void set_action(const struct handoff_signal *action, struct handoff_signal *old)
{
	sys(SYS_rt_sigaction, PARK_SIGNAL, action, old, sizeof(action->mask));
}

/* Stores the program's action in `park.old`. */
static void install_handler(bool handler)
{
	const struct handoff_signal action = {
		.handler = (uint64_t)on_park,
		.flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK | ARCH_SA_RESTORER,
		.restorer = (uint64_t)arch_restorer,
		.mask = ~UINT64_C(0),
	};

	if (park.installed) /* since a dump that gave up on a thread */
		return;
	set_action(handler ? &action : NULL, &park.old);
	park.installed = handler;
}

int park_reserve(void)
{
	long memory;

	vdso_note();
	if (park.threads)
		return 0;
	memory = sys(SYS_mmap, 0, PARK_ROOM * sizeof(*park.threads), PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (sys_failed(memory))
		return (int)-memory;
	park.threads = (struct handoff_thread *)memory;
	return 0;
}

void park_threads(struct handoff *handoff, bool others)
{
	uint32_t known;

	park.threads[0] = (struct handoff_thread){ .tid = (uint32_t)sys(SYS_gettid),
						   .state = HANDOFF_PARKED };
	describe_thread(&park.threads[0]);
	__atomic_store_n(&park.count, 1, __ATOMIC_RELEASE);
	install_handler(others);
	/* Parked threads start no new ones; the others may, until all are parked. */
	do {
		known = park.count;
		if (others)
			visit_tasks(signal_if_new);
	} while (park.count != known && wait_for_all());
	sys(SYS_clock_gettime, CLOCK_MONOTONIC, &park.stopped);

	handoff->threads = (uint64_t)park.threads;
	handoff->thread_count = park.count;
	handoff->dumper = 0;
	handoff->pid = (uint32_t)sys(SYS_getpid);
}

/* Returns the number of threads that have not answered, and waits until the others are
 * parked. */
static uint32_t cancel_signals(void)
{
	uint32_t late = 0;

	for (uint32_t i = 0; i < park.count; i++) {
		struct handoff_thread *thread = &park.threads[i];

		late += change_state(thread, HANDOFF_CALLED, HANDOFF_GONE);
		while (__atomic_load_n(&thread->state, __ATOMIC_ACQUIRE) == HANDOFF_COMING)
			sys(SYS_nanosleep, &millisecond, NULL);
	}
	return late;
}

void park_release(void)
{
	/* A thread that answers now has already subtracted itself, so the sum is right. */
	uint32_t late = cancel_signals();

	late = __atomic_add_fetch(&park.late, late, __ATOMIC_ACQ_REL);
	__atomic_store_n(&park.count, 0, __ATOMIC_RELEASE);
	__atomic_add_fetch(&park.round, 1, __ATOMIC_RELEASE);
	sys(SYS_futex, &park.round, FUTEX_WAKE_PRIVATE, INT32_MAX);
	/* A thread that did not answer may have the signal pending, which kills it if libc
	 * has no handler. The signal could be consumed only together with libc's own. So the
	 * handler stays. */
	if (park.installed && !late) {
		set_action(&park.old, NULL);
		park.installed = false;
	}
}

void park_in_copy(struct handoff_signal signals[HANDOFF_SIGNALS])
{
	signals[PARK_SIGNAL - 1] = park.old;
	park.installed = false;
	park.late = 0;
	park.count = 0;
}

void park_await_all(struct boot *boot)
{
	/* The restarter runs until all have arrived. */
	for (;;) {
		uint32_t arrived = __atomic_load_n(&boot->arrived, __ATOMIC_ACQUIRE);

		if (arrived == boot->expected)
			break;
		sys(SYS_futex, &boot->arrived, FUTEX_WAIT_PRIVATE, arrived, NULL);
	}
}

/* The monotonic clock starts at 0 when a machine boots. Deadlines of threads might then be
 * years away, so they expire. */
static void expire_deadlines(void)
{
	struct handoff_thread *threads = park.threads;
	struct timespec now;

	sys(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
	if (now.tv_sec > park.stopped.tv_sec
	    || (now.tv_sec == park.stopped.tv_sec && now.tv_nsec >= park.stopped.tv_nsec))
		return;
	for (uint32_t i = 0; i < library.handoff.thread_count; i++)
		if (threads[i].state == HANDOFF_PARKED && threads[i].deadline)
			*(int64_t *)threads[i].deadline = -ETIMEDOUT;
}

void park_let_go(struct boot *boot)
{
	if (boot->expected)
		expire_deadlines();
	__atomic_store_n(&boot->open, 1, __ATOMIC_RELEASE);
	if (boot->expected)
		sys(SYS_futex, &boot->open, FUTEX_WAKE_PRIVATE, INT32_MAX);
}
