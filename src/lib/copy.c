/* SPDX-License-Identifier: MIT
 *
 * The frozen copy: a process with the same memory that does nothing while the writer reads it.
 * It uses only raw system calls: libc's locks may be held, and libc's copies of IDs are the
 * original's.
 *
 *   original                copy                                writer
 *   clone ───────────────►  finds the content of shared memory
 *   reads the answers       zeroes excluded ranges
 *                           reads the kernel's state
 *                           sends itself a signal; in the
 *                           handler, above the frame:
 *                             vfork ─────────────────────────►  exec unexec @write
 *                             waits                             reads the copy, writes the file
 *                             _exit
 *
 * In the dump, the restarter returns from the signal, and copy_start() returns there.
 */
#define _GNU_SOURCE
#include <alloca.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/membarrier.h>
#include <linux/rseq.h>
#include <sched.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "arch_context.h"
#include "arch_machine.h"
#include "arch_syscall.h"
#include "arch_thread.h"
#include "arch_vectors.h"
#include "park.h"
#include "state.h"

#ifndef MEMBARRIER_CMD_GET_REGISTRATIONS
#define MEMBARRIER_CMD_GET_REGISTRATIONS (1 << 9) /* since 6.3 */
#endif

#ifndef PR_GET_MEMORY_MERGE
#define PR_GET_MEMORY_MERGE 68 /* since 6.4 */
#endif

#ifndef PR_GET_MDWE
#define PR_GET_MDWE 66 /* since 6.3 */
#endif

/* glibc >= 2.35 */
extern const ptrdiff_t __rseq_offset __attribute__((weak));
extern const unsigned int __rseq_size __attribute__((weak));

/* ---- Read in the original ---------------------------------------------------------------- */

/* Touches the stack below this frame, where the copy's signal frame will be. The writer reads the
 * stack's mapping from the original, so the mapping must have its full length before the copy is
 * made. */
static void grow_stack(void)
{
	size_t room = getauxval(AT_MINSIGSTKSZ) + 32768, page = page_size();
	volatile char *bottom = alloca(room);

	for (size_t at = room; at > page; at -= page)
		bottom[at - 1] = 0;
	bottom[0] = 0;
}

/* A periodic itimer reads zero between expiry and signal delivery. */
static void read_itimer(int which, struct plan_itimer *timer)
{
	sys(SYS_getitimer, which, timer);
	if (!timer->value_s && !timer->value_us) {
		timer->value_s = timer->interval_s;
		timer->value_us = timer->interval_us;
	}
}

/* Repeats until no signal has become pending: a timer is dumped either as running or as
 * expired, not both. */
static void read_itimers(struct handoff *handoff)
{
	uint64_t before;

	do {
		sys(SYS_rt_sigpending, &before, sizeof(before));
		for (int i = 0; i < 3; i++)
			read_itimer(i, &handoff->itimers[i]);
		sys(SYS_rt_sigpending, &handoff->pending, sizeof(handoff->pending));
	} while (handoff->pending != before);
}

/* /proc does not show mlockall()'s flags for future memory. A new page shows them: it is
 * locked. */
static uint32_t probe_lock_future(void)
{
	const uint64_t size = page_size();
	long page = sys(SYS_mmap, 0, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned char resident = 1;
	bool locked;

	if (sys_failed(page)) /* above the limit of locked memory */
		return page == -EAGAIN ? MCL_FUTURE : 0;
	locked = sys(SYS_msync, page, size, MS_INVALIDATE) == -EBUSY;
	sys(SYS_mincore, page, size, &resident);
	sys(SYS_munmap, page, size);
	if (!locked)
		return 0;
	return resident & 1 ? MCL_FUTURE : MCL_FUTURE | MCL_ONFAULT;
}

void copy_prepare(struct handoff *handoff)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };
	int subreaper = 0;
	long registrations, mdwe;

	handoff->magic = HANDOFF_MAGIC;
	handoff->version = HANDOFF_VERSION;
	handoff->size = sizeof(*handoff);
	handoff->machine = ARCH_MACHINE;
	handoff->boot = (uint64_t)&library.boot;
	handoff->vdso = getauxval(AT_SYSINFO_EHDR);
	grow_stack();
	getrlimit(RLIMIT_STACK, &limit);
	handoff->stack_limit = limit.rlim_cur;

	/* A forked process inherits none of these. */
	sys(SYS_prctl, PR_GET_CHILD_SUBREAPER, &subreaper);
	handoff->subreaper = (uint32_t)subreaper;
	handoff->dumpable = (uint32_t)sys(SYS_prctl, PR_GET_DUMPABLE);
	handoff->thp_disable = (uint32_t)sys(SYS_prctl, PR_GET_THP_DISABLE);
	handoff->timer_slack = (uint64_t)sys(SYS_prctl, PR_GET_TIMERSLACK);
	registrations = sys(SYS_membarrier, MEMBARRIER_CMD_GET_REGISTRATIONS);
	handoff->memory_merge = sys(SYS_prctl, PR_GET_MEMORY_MERGE) == 1;
	mdwe = sys(SYS_prctl, PR_GET_MDWE);
	handoff->mdwe = mdwe > 0 ? (uint32_t)mdwe : 0;
	handoff->securebits = (uint32_t)sys(SYS_prctl, PR_GET_SECUREBITS);
	handoff->inherited_filters = library.inherited_filters;
	handoff->lock_future = probe_lock_future();
	read_itimers(handoff);
	handoff->permitted = arch_permitted();
	handoff->membarrier = registrations > 0 ? (uint32_t)registrations : 0;
}

/* ---- In the copy ------------------------------------------------------------------------- */

struct copy {
	struct handoff *handoff;
	const char *writer;
	char **environment;
};

/* For the signal handler, which takes no such argument. The copy has one thread. */
static struct copy *the_copy;

static void __attribute__((noreturn)) exit_copy(int status)
{
	for (;;)
		sys(SYS_exit_group, status);
}

static void send_empty(enum handoff_answer answer, int error)
{
	union {
		struct handoff_record record;
		char bytes[sizeof(struct handoff_record) + 1];
	} message = { .record = { .size = sizeof(message.bytes), .answer = answer,
				  .error = error } };

	sys(SYS_write, the_copy->handoff->fds.answer, &message, sizeof(message.bytes));
}

/* Reports an error to the original and ends the copy. */
static void __attribute__((noreturn)) give_up(enum unexec_code code, long error,
					      const char *what, const char *name)
{
	union {
		struct handoff_record record;
		char bytes[HANDOFF_RECORD];
	} message;
	struct handoff_record *record = &message.record;
	int descriptor = the_copy->handoff->fds.answer;
	size_t room = sizeof(message) - sizeof(*record);

	memset(&message, 0, sizeof(message));
	*record = (struct handoff_record){ .answer = HANDOFF_DIAGNOSTIC,
					   .severity = UNEXEC_ERROR,
					   .code = code,
					   .stage = UNEXEC_STAGE_PREPARE,
					   .error = (int32_t)-error };
	/* snprintf may take locks. */
	strncat(record->text, what, room - 1);
	strncat(record->text, name, room - 1 - strlen(record->text));
	record->size = (uint32_t)(sizeof(*record) + strlen(record->text) + 1);
	sys(SYS_write, descriptor, record, record->size);
	send_empty(HANDOFF_DONE, status_of_code(code));
	exit_copy(1);
}

static int open_proc(const char *path, int flags)
{
	long descriptor = sys(SYS_openat, AT_FDCWD, path, flags, 0);

	if (sys_failed(descriptor))
		give_up(UNEXEC_CODE_NO_PROC, descriptor, "cannot open ", path);
	return (int)descriptor;
}

static void keep_over_exec(int descriptor)
{
	sys(SYS_fcntl, descriptor, F_SETFD, 0);
}

static void examine_memory(struct handoff *handoff)
{
	int maps = open_proc("/proc/self/maps", O_RDONLY);
	long failed = shared_find_resident(handoff, maps);

	if (!failed)
		failed = sys(SYS_lseek, maps, 0, SEEK_SET);
	if (failed)
		give_up(UNEXEC_CODE_NO_PROC, failed, "cannot read ", "/proc/self/maps");
	failed = exclude_zero(&handoff->fds, maps);
	if (failed)
		give_up(UNEXEC_CODE_MAPPING, failed, "cannot zero an excluded range", "");
	sys(SYS_close, maps);
}

static void read_dispositions(struct handoff *handoff)
{
	for (int i = 0; i < HANDOFF_SIGNALS; i++)
		sys(SYS_rt_sigaction, i + 1, 0, &handoff->signals[i], sizeof(uint64_t));
	park_in_copy(handoff->signals);
}

/* Returns the length of the registered area. The kernel reports no length, but it unregisters an
 * area only if the length is right, so this tries lengths. glibc registers at least 32 bytes,
 * newer versions AT_RSEQ_FEATURE_SIZE bytes, rounded up. All threads have the same length. */
static uint32_t unregister_rseq(uint64_t area)
{
	for (uint32_t length = 32; length <= 1024; length += 8)
		if (!sys(SYS_rseq, area, length, RSEQ_FLAG_UNREGISTER, ARCH_RSEQ_SIGNATURE))
			return length;
	return 0;
}

static void find_rseq_areas(struct handoff *handoff)
{
	struct handoff_thread *threads = (struct handoff_thread *)handoff->threads;
	uint64_t offset;

	if (!&__rseq_size || !&__rseq_offset || !__rseq_size)
		return;
	offset = (uint64_t)__rseq_offset;
	handoff->rseq_signature = ARCH_RSEQ_SIGNATURE;
	/* The kernel sets cpu_id, the second word, to -1 or -2 if no area is registered. */
	for (uint32_t i = 0; i < handoff->thread_count; i++)
		if (threads[i].state == HANDOFF_PARKED
		    && ((const int32_t *)(threads[i].thread_pointer + offset))[1] >= 0)
			threads[i].rseq = threads[i].thread_pointer + offset;
	handoff->rseq_length = unregister_rseq(threads[handoff->dumper].thread_pointer + offset);
}

/* Writes the digits of `number` before `end`; returns the first. */
static char *decimal(char *end, uint64_t number)
{
	*--end = 0;
	do
		*--end = (char)('0' + number % 10);
	while (number /= 10);
	return end;
}

/* Makes this process end with its parent. The kernel sends no signal if the parent has ended
 * before prctl(). */
static void die_with(long parent)
{
	sys(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL);
	if (sys(SYS_getppid) != parent)
		exit_copy(1);
}

static void start_writer(void)
{
	const struct copy *copy = the_copy;
	struct handoff *handoff = copy->handoff;
	uint64_t none = 0;
	char mem[24], address[24];
	char *arguments[] = { (char *)"unexec", (char *)HANDOFF_VERB,
			      decimal(mem + sizeof(mem), (uint64_t)handoff->fds.mem),
			      decimal(address + sizeof(address), (uint64_t)handoff), NULL };
	long self = sys(SYS_getpid), pid;
	int status = 0;

	pid = sys(SYS_clone, CLONE_VM | CLONE_VFORK | CLONE_UNTRACED);
	if (pid == 0) {
		die_with(self);
		/* The writer reads the clock. */
		sys(SYS_prctl, PR_SET_TSC, PR_TSC_ENABLE);
		sys(SYS_rt_sigprocmask, SIG_SETMASK, &none, 0, sizeof(none));
		long error = sys(SYS_execve, copy->writer, arguments, copy->environment);

		give_up(UNEXEC_CODE_NO_WRITER, error, "cannot start the writer ",
			copy->writer);
	}
	if (sys_failed(pid))
		give_up(UNEXEC_CODE_NO_WRITER, pid, "cannot start the writer ", copy->writer);
	while (sys(SYS_wait4, pid, &status, __WALL, 0) == -EINTR)
		;
	send_empty(HANDOFF_ENDED, status);
}

static void on_signal(int number, siginfo_t *info, void *context)
{
	struct handoff_thread *threads = (struct handoff_thread *)the_copy->handoff->threads;
	ucontext_t *ucontext = context;

	(void)number;
	(void)info;
	/* In the dump, too, no signal may be delivered before the library has done its part. */
	memset(&ucontext->uc_sigmask, 0xff, sizeof(uint64_t));
	threads[the_copy->handoff->dumper].frame = arch_context_frame(context);
	start_writer();
	exit_copy(0);
}

static void take_signal_frame(void)
{
	struct {
		void (*handler)(int, siginfo_t *, void *);
		uint64_t flags;
		void (*restorer)(void);
		uint64_t mask;
	} action = { on_signal, SA_SIGINFO | ARCH_SA_RESTORER, arch_restorer, ~UINT64_C(0) };
	uint64_t only = UINT64_C(1) << (SIGUSR1 - 1);
	long pid = sys(SYS_getpid);

	sys(SYS_rt_sigaction, SIGUSR1, &action, 0, sizeof(uint64_t));
	sys(SYS_kill, pid, SIGUSR1);
	arch_forget_vectors();
	sys(SYS_rt_sigprocmask, SIG_UNBLOCK, &only, 0, sizeof(only));
	/* Only the dump gets here; its restarter has set `boot`. */
	if (!library.boot.low_end)
		give_up(UNEXEC_CODE_COPY, 0, "cannot freeze the copy", "");
}

static void run_copy(struct copy *copy)
{
	struct handoff *handoff = copy->handoff;
	struct handoff_fds *fds = &handoff->fds;
	long failed;

	the_copy = copy;
	die_with(handoff->pid);
	library.generation++;
	library.boot = (struct boot){ .gate = (uint64_t)arch_gate };
	handoff->generation = (uint32_t)library.generation;
	sys(SYS_prctl, PR_SET_DUMPABLE, 1); /* otherwise /proc/self may belong to root */
	fds->mem = open_proc("/proc/self/mem", O_RDWR);
	fds->pagemap = open_proc("/proc/self/pagemap", O_RDONLY);
	fds->proc = open_proc("/proc/self", O_RDONLY | O_DIRECTORY);
	keep_over_exec(fds->smaps);
	keep_over_exec(fds->original);
	keep_over_exec(fds->answer);
	failed = policy_make_inheritable(handoff);
	if (failed)
		give_up(UNEXEC_CODE_NO_PROC, failed, "cannot hand on the descriptors", "");

	examine_memory(handoff);
	read_dispositions(handoff);
	find_rseq_areas(handoff);
	handoff->brk = (uint64_t)sys(SYS_brk, 0);
	take_signal_frame();
}

long copy_start(struct handoff *handoff, const char *writer, char **environment,
		bool *ret_resumed)
{
	struct copy copy = { handoff, writer, environment };
	long failed = dontfork_lift(), pid;

	*ret_resumed = false;
	if (failed) {
		dontfork_put_back();
		return failed;
	}
	/* Without an exit signal, the program gets no SIGCHLD, and its wait() never returns
	 * this child. Untraced, so that a debugger of the original does not follow it. */
	pid = sys(SYS_clone, CLONE_UNTRACED);
	if (pid) {
		dontfork_put_back();
		return pid;
	}
	dontfork_wait();
	run_copy(&copy);
	*ret_resumed = true;
	return 0;
}
