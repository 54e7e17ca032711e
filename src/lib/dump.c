/* SPDX-License-Identifier: MIT
 *
 * unexec_dump(): checks, flushes, starts the frozen copy and reads the writer's answers.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arch_syscall.h"
#include "park.h"
#include "state.h"

/* Padding at the end of a struct may hold anything. A new member must begin at or after this
 * offset, so that it is never read from the padding of an earlier version's struct. */
_Static_assert(sizeof(struct unexec_options) == 80, "struct unexec_options of 0.1.0");

/* Copies the members that the caller's struct has; the others are zero. UNEXEC_INVALID if the
 * struct is too short for `size`, or a member that this version does not know is set. */
static int copy_options(const struct unexec_options *from, struct unexec_report *report,
			struct unexec_options *ret_options)
{
	const char *bytes = (const char *)from;
	size_t known = from->size < sizeof(*from) ? from->size : sizeof(*from);
	char text[160];

	if (from->size < sizeof(from->size)) {
		snprintf(text, sizeof(text), "options: size is %zu: set it to "
			 "sizeof(struct unexec_options)", from->size);
		return report_fail(report, UNEXEC_CODE_ARGUMENT, 0, text);
	}
	for (size_t i = sizeof(*from); i < from->size; i++)
		if (bytes[i]) {
			snprintf(text, sizeof(text), "options: libunexec " UNEXEC_VERSION
				 " does not know the option at byte %zu of %zu: set it to zero",
				 i, from->size);
			return report_fail(report, UNEXEC_CODE_ARGUMENT, 0, text);
		}
	memset(ret_options, 0, sizeof(*ret_options));
	memcpy(ret_options, from, known);
	return 0;
}

static int check_arguments(const char *path, const struct unexec_options *options,
		 struct unexec_report *report)
{
	if (!path || !*path)
		return report_fail(report, UNEXEC_CODE_ARGUMENT, 0, "the path is empty");
	if (options->entry > UNEXEC_FUNCTION)
		return report_fail(report, UNEXEC_CODE_ARGUMENT, 0, "options: unknown entry");
	if (options->threads > UNEXEC_THREADS_LEAVE)
		return report_fail(report, UNEXEC_CODE_ARGUMENT, 0, "options: unknown threads");
	if (options->descriptors > UNEXEC_FD_HANGUP)
		return report_fail(report, UNEXEC_CODE_ARGUMENT, 0,
				   "options: unknown policy of descriptors");
	if (options->files > UNEXEC_FILES_TRUNCATE)
		return report_fail(report, UNEXEC_CODE_ARGUMENT, 0, "options: unknown files");
	if (options->memory > UNEXEC_MEMORY_COPY)
		return report_fail(report, UNEXEC_CODE_ARGUMENT, 0, "options: unknown memory");
	if (options->lose >= UNEXEC_LOSE_RIGHTS << 1)
		return report_fail(report, UNEXEC_CODE_ARGUMENT, 0, "options: unknown lose");
	if (options->children > UNEXEC_CHILDREN_IGNORE)
		return report_fail(report, UNEXEC_CODE_ARGUMENT, 0, "options: unknown children");
	if (options->standard_input > UNEXEC_STDIN_OFFSET)
		return report_fail(report, UNEXEC_CODE_ARGUMENT, 0,
				   "options: unknown policy of standard input");
	if (options->environment > UNEXEC_ENVIRONMENT_KEEP)
		return report_fail(report, UNEXEC_CODE_ARGUMENT, 0,
				   "options: unknown policy of the environment");
	if (options->prefault > UNEXEC_PREFAULT_NONE)
		return report_fail(report, UNEXEC_CODE_ARGUMENT, 0, "options: unknown prefault");
	if (options->pid > UNEXEC_PID_KEEP)
		return report_fail(report, UNEXEC_CODE_ARGUMENT, 0, "options: unknown pid");
	if (options->directory > UNEXEC_DIRECTORY_KEEP)
		return report_fail(report, UNEXEC_CODE_ARGUMENT, 0,
				   "options: unknown policy of the working directory");
	if (options->argv0 > UNEXEC_ARGV0_KEEP)
		return report_fail(report, UNEXEC_CODE_ARGUMENT, 0, "options: unknown argv0");
	if (options->entry == UNEXEC_FUNCTION && !options->function)
		return report_fail(report, UNEXEC_CODE_ARGUMENT, 0,
				   "options: UNEXEC_FUNCTION without a function");
	return 0;
}

/* ---- Answers of the writer --------------------------------------------------------------- */

struct answers {
	int descriptor;
	struct unexec_report *report;
	uint64_t mask;  /* of signals: see release_process() */
	int cancel;     /* the thread's cancellation state */
	bool going_on;
	bool done;
	int status;
	bool ended;      /* the writer ended before that; its wait status is ended_how */
	int ended_how;
	int error; /* the errno of the first error that has one */
};

/* Reads `length` bytes. Returns false at the end of the pipe. */
static bool read_fully(int descriptor, void *buffer, size_t length)
{
	for (size_t got = 0; got < length;) {
		ssize_t n = read(descriptor, (char *)buffer + got, length - got);

		if (n > 0)
			got += (size_t)n;
		else if (n == 0 || errno != EINTR)
			return false;
	}
	return true;
}

static void set_mask(uint64_t mask)
{
	sys(SYS_rt_sigprocmask, SIG_SETMASK, &mask, 0, sizeof(mask));
}

static void take_diagnostic(struct answers *answers, const struct handoff_record *record)
{
	if (record->severity == UNEXEC_ERROR && !answers->error)
		answers->error = record->error;
	if (record->stage == UNEXEC_STAGE_PREPARE) {
		/* The copy cannot use strerror(). */
		report_fail(answers->report, record->code, record->error, record->text);
		return;
	}
	report_put(answers->report, &(struct unexec_diagnostic){
		.severity = record->severity,
		.code = record->code,
		.stage = record->stage,
		.error = record->error,
		.start = record->start,
		.end = record->end,
		.text = record->text,
	});
}

/* Everything has been captured, except memory, which the copy has. The process may continue. */
static void release_process(struct answers *answers)
{
	if (answers->going_on)
		return;
	answers->going_on = true;
	park_release();
	set_mask(answers->mask);
}

static void take_answer(struct answers *answers, const struct handoff_record *record)
{
	/* After any answer, the writer has read everything that it needs of the original, or
	 * the copy has given up. Printing an answer may need a lock that a parked thread
	 * holds. */
	release_process(answers);
	if (record->answer == HANDOFF_DONE) {
		answers->done = true;
		answers->status = record->error;
	}
	if (record->answer == HANDOFF_ENDED) {
		answers->ended = true;
		answers->ended_how = record->error;
	}
	if (record->answer == HANDOFF_DIAGNOSTIC)
		take_diagnostic(answers, record);
}

static void read_answers(struct answers *answers)
{
	union {
		struct handoff_record record;
		char bytes[HANDOFF_RECORD];
	} message;
	struct handoff_record *record = &message.record;

	/* The pipe may never end: a process that was forked in the meantime may have its
	 * other end. */
	while (!answers->done && !answers->ended
	       && read_fully(answers->descriptor, &record->size, sizeof(record->size))) {
		if (record->size <= sizeof(*record) || record->size > sizeof(message)
		    || !read_fully(answers->descriptor, message.bytes + sizeof(record->size),
				 record->size - sizeof(record->size)))
			break;
		message.bytes[record->size - 1] = 0;
		take_answer(answers, record);
	}
}

/* ---- The dump ---------------------------------------------------------------------------- */

static const char *writer_path(void)
{
	const char *path = secure_getenv("UNEXEC_TOOL");

	return path && *path ? path : UNEXEC_BINDIR "/unexec";
}

static void close_one(int *number)
{
	int error = errno;

	if (*number >= 0)
		close(*number);
	*number = -1;
	errno = error;
}

/* Closes the files of the copy and the writer. */
static void close_copy_files(struct handoff *handoff)
{
	close_one(&handoff->fds.smaps);
	close_one(&handoff->fds.original);
	close_one(&handoff->fds.answer);
}

/* Other threads are parked: children of theirs must not inherit these files, and no lock may be
 * waited for. Returns 0, or -1 with errno and the message. */
static int open_handoff_files(struct handoff *handoff, const char **ret_what)
{
	int ends[2];

	handoff->fds = (struct handoff_fds){ -1, -1, -1, -1, -1, -1 };
	handoff->original_fds[0] = handoff->original_fds[1] = -1;
	*ret_what = "cannot make a pipe";
	if (pipe2(ends, O_CLOEXEC))
		return -1;
	handoff->original_fds[0] = ends[0];
	handoff->fds.answer = ends[1];
	*ret_what = "cannot read /proc/self";
	handoff->fds.smaps = open("/proc/self/smaps", O_RDONLY | O_CLOEXEC);
	handoff->fds.original = open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return handoff->fds.smaps < 0 || handoff->fds.original < 0 ? -1 : 0;
}

/* `copy_how` is the copy's wait status. It is reported if the copy could not report the
 * writer's end and ended with it. */
static int report_death(const struct answers *answers, const char *writer, int copy_how)
{
	int how = answers->ended ? answers->ended_how : copy_how;
	bool by_signal = WIFSIGNALED(how);
	char text[480];

	snprintf(text, sizeof(text), "%s %s %d before the dump was complete: %s",
		 answers->ended ? "the unexec program" : "the copy of the process",
		 by_signal ? "was ended by signal" : "ended with status",
		 by_signal ? WTERMSIG(how) : WEXITSTATUS(how), writer);
	return report_fail(answers->report, UNEXEC_CODE_WRITER_DIED, 0, text);
}

/* The original waits here while the writer works. */
static int wait_for_writer(struct handoff *handoff, long pid, const char *writer,
			   struct answers *answers)
{
	int how = 0;

	answers->descriptor = handoff->original_fds[0];
	read_answers(answers);
	release_process(answers);
	while (waitpid((pid_t)pid, &how, __WALL) < 0 && errno == EINTR)
		;
	close_one(&handoff->original_fds[0]);
	return answers->done ? answers->status : report_death(answers, writer, how);
}

/* Threads are found by their numbers in /proc. */
static int check_proc(struct unexec_report *report)
{
	char number[24] = "";

	if (readlink("/proc/self", number, sizeof(number) - 1) < 0)
		return report_fail(report, UNEXEC_CODE_NO_PROC, errno,
				   "cannot read /proc/self (is /proc mounted?)");
	if (atol(number) != getpid())
		return report_fail(report, UNEXEC_CODE_NO_PROC, 0,
				   "/proc belongs to another PID namespace");
	return 0;
}

/* The copy would be PID 1 of a namespace that unshare() has made for the caller's children. Its
 * end would end the namespace: the process could not fork() any more. The kernel reports such a
 * namespace as missing until it has a PID 1. */
static int check_children(struct unexec_report *report)
{
	struct stat own, children = { 0 };

	if (stat("/proc/thread-self/ns/pid", &own)
	    || (stat("/proc/thread-self/ns/pid_for_children", &children) && errno != ENOENT)
	    || own.st_ino == children.st_ino)
		return 0;
	return report_fail(report, UNEXEC_CODE_THREAD, 0, "children of the process would be in "
			   "another PID namespace (unshare(CLONE_NEWPID))");
}

/* Threads may start and end at any time. */
static bool has_other_threads(void)
{
	struct stat tasks;

	/* The link count: one for each thread's directory, and those of . and .. */
	return !stat("/proc/self/task", &tasks) && tasks.st_nlink > 3;
}

static int fail_freeze(struct answers *answers, enum unexec_code code, int error, const char *what)
{
	close_copy_files(&library.handoff);
	close_one(&library.handoff.original_fds[0]);
	release_process(answers);
	return report_fail(answers->report, code, error, what);
}

/* All signals are blocked, and other threads may be parked, until the writer has read
 * everything that it needs of the original. */
static int freeze(bool parked, const char *writer, struct answers *answers)
{
	struct handoff *handoff = &library.handoff;
	uint64_t all = ~UINT64_C(0);
	const char *what;
	bool resumed;
	long pid;

	sys(SYS_rt_sigprocmask, SIG_BLOCK, &all, &answers->mask, sizeof(all));
	queued_begin();
	park_threads(handoff, parked);
	queued_finish(handoff);
	if (parked)
		resume_flush_parked();
	if (open_handoff_files(handoff, &what))
		return fail_freeze(answers, UNEXEC_CODE_NO_PROC, errno, what);
	copy_prepare(handoff);
	pid = timers_prepare(handoff);
	if (pid)
		return fail_freeze(answers, UNEXEC_CODE_NO_PROC, (int)-pid,
			      "cannot read /proc/self/timers");
	resume_note_addresses(handoff);
	resume_note_input(handoff);
	pthread_setcancelstate(answers->cancel, NULL); /* the dump gets this state */
	pid = copy_start(handoff, writer, environ, &resumed);
	if (resumed) {
		resume();
		set_mask(answers->mask);
		return UNEXEC_RESUMED;
	}
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	if (sys_failed(pid))
		return fail_freeze(answers, UNEXEC_CODE_COPY, (int)-pid, "cannot copy the process");
	close_copy_files(handoff);
	return wait_for_writer(handoff, pid, writer, answers);
}

/* One call of the library. */
struct call {
	const char *path;
	const struct unexec_options *given; /* may be NULL */
	struct unexec_options options;
	bool reset_as_exec;                   /* see struct handoff */
	enum unexec_threads threads;          /* never the default */
	struct unexec_report *report;         /* never NULL after the first step */
	struct unexec_report printer;         /* if the caller has no report */
	int error; /* the errno of the first error that has one */
};

static void warn_of_random(struct unexec_report *report)
{
	report_put(report, &(struct unexec_diagnostic){
		.severity = UNEXEC_WARNING,
		.code = UNEXEC_CODE_RANDOM,
		.stage = UNEXEC_STAGE_PREPARE,
		.text = "the random generators that GnuTLS has for other threads cannot be "
			"reseeded: all starts share their state",
	});
}

/* The dump after the functions of unexec_on_dump() have been called. */
static int dump_prepared(struct call *call, int cancel)
{
	struct answers answers = { .report = call->report, .cancel = cancel };
	const char *writer = writer_path();
	bool others, per_thread;
	int status;

	status = exclude_check(call->report);
	if (status)
		return status;
	per_thread = random_prepare();
	status = park_reserve();
	if (status)
		return report_fail(call->report, UNEXEC_CODE_COPY, status,
				   "no memory to park the threads");
	others = has_other_threads();
	if (others && per_thread && call->threads == UNEXEC_THREADS_KEEP)
		warn_of_random(call->report);
	resume_prepare(others);
	library.handoff.path = (uint64_t)call->path;
	library.handoff.threads_wanted = call->threads;
	library.handoff.policies = policy_first();
	library.handoff.excluded = exclude_first();
	inherited_prepare(&library.handoff);
	library.handoff.reset_as_exec = call->reset_as_exec;
	if (call->reset_as_exec)
		hooks_mark_exit(&library.handoff);
	status = freeze(others && call->threads != UNEXEC_THREADS_REFUSE, writer, &answers);
	if (call->reset_as_exec)
		hooks_unmark_exit();
	call->error = answers.error;
	return status;
}

static int dump_with_hooks(struct call *call, int cancel)
{
	int status = check_proc(call->report);

	if (!status)
		status = check_children(call->report);
	if (status)
		return status;
	if (hooks_before_dump())
		status = report_fail(call->report, UNEXEC_CODE_VETO, 0,
				     "a function of unexec_on_dump returned nonzero");
	else
		status = dump_prepared(call, cancel);
	if (status != UNEXEC_RESUMED)
		hooks_after_dump(status);
	return status;
}

/* Makes one dump at a time. The thread cannot be cancelled in the middle of it. */
static int dump_alone(struct call *call)
{
	const struct unexec_options *options = &call->options;
	int self = (int)sys(SYS_getpid), busy = library.busy, cancel, status;

	if (busy == self || !__atomic_compare_exchange_n(&library.busy, &busy, self, false,
							 __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		return report_fail(call->report, UNEXEC_CODE_BUSY, 0,
				   "another dump of this process is in progress");
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	library.handoff.scrub = options->scrub_environment != 0;
	library.handoff.files = options->files;
	library.handoff.fd_policy = options->descriptors;
	library.handoff.memory = options->memory;
	library.handoff.lose = options->lose;
	library.handoff.children = options->children;
	library.handoff.standard_input = options->standard_input;
	library.handoff.environment_policy = options->environment;
	library.handoff.directory = options->directory;
	library.handoff.argv0 = options->argv0;
	library.handoff.keep_ids = options->pid;
	library.handoff.prefault = options->prefault;
	status = dump_with_hooks(call, cancel);
	__atomic_store_n(&library.busy, 0, __ATOMIC_RELEASE);
	if (status != UNEXEC_RESUMED)
		pthread_setcancelstate(cancel, NULL);
	return status;
}

static int dump_once(struct call *call)
{
	const struct unexec_options *options = &call->options;
	int (*function)(int, char **, char **) = NULL;
	bool stay;
	int status = 0;

	if (!call->report)
		call->report = &call->printer;
	report_begin(call->report, call->path);
	if (call->given)
		status = copy_options(call->given, call->report, &call->options);
	if (!status)
		status = check_arguments(call->path, options, call->report);
	if (status)
		return status;
	if (options->entry == UNEXEC_FUNCTION)
		function = options->function;
	if (options->entry == UNEXEC_MAIN) {
		function = resume_find_main();
		if (!function)
			return report_fail(call->report, UNEXEC_CODE_NO_MAIN, 0,
					   "the address of main could not be found");
	}
	call->threads = options->threads;
	if (call->threads == UNEXEC_THREADS_DEFAULT)
		call->threads = function ? UNEXEC_THREADS_REFUSE : UNEXEC_THREADS_KEEP;
	/* If this is another thread, the dump has main's thread too, on main's stack. */
	stay = call->threads == UNEXEC_THREADS_KEEP && sys(SYS_gettid) != sys(SYS_getpid);
	status = dump_alone(call);
	if (status == UNEXEC_RESUMED && function)
		resume_call(function, stay);
	return status;
}

int unexec_dump(const char *path, const struct unexec_options *options,
		struct unexec_report *report)
{
	struct call call = { .path = path, .given = options, .report = report };
	int error = errno;
	int status = dump_once(&call);

	errno = error;
	return status;
}

int unexec(const char *new_name, const char *old_name)
{
	const struct unexec_options options = { .size = sizeof(options), .entry = UNEXEC_MAIN,
						.environment = UNEXEC_ENVIRONMENT_NEW };
	struct call call = { .path = new_name, .given = &options, .reset_as_exec = true };
	int status;

	(void)old_name;
	status = dump_once(&call);
	if (status >= 0)
		return 0;
	switch (status) {
	case UNEXEC_INVALID: errno = EINVAL; break;
	case UNEXEC_NOMEM: errno = ENOMEM; break;
	case UNEXEC_UNSUPPORTED: errno = ENOTSUP; break;
	case UNEXEC_VETOED: errno = EPERM; break;
	case UNEXEC_BUSY: errno = EBUSY; break;
	case UNEXEC_MALFORMED: errno = EBADMSG; break;
	default: errno = call.error ? call.error : EIO; break;
	}
	return -1;
}
