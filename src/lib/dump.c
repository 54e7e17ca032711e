/* SPDX-License-Identifier: MIT
 *
 * unexec_dump: checks, flushes, starts the frozen copy and listens to the writer.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arch_lib.h"
#include "park.h"
#include "state.h"

static int check(const char *path, const struct unexec_options *options,
		 struct unexec_report *report)
{
	if (!path || !*path)
		return report_fail(report, UNEXEC_CODE_ARGUMENT, 0, "the path is empty");
	if (!options)
		return 0;
	if (options->size != sizeof(*options))
		return report_fail(report, UNEXEC_CODE_ARGUMENT, 0,
				   "options: size is not sizeof(struct unexec_options)");
	if (options->entry > UNEXEC_FUNCTION)
		return report_fail(report, UNEXEC_CODE_ARGUMENT, 0, "options: unknown entry");
	if (options->threads > UNEXEC_THREADS_LEAVE)
		return report_fail(report, UNEXEC_CODE_ARGUMENT, 0, "options: unknown threads");
	if (options->descriptors > UNEXEC_FD_KEEP)
		return report_fail(report, UNEXEC_CODE_ARGUMENT, 0,
				   "options: unknown policy of descriptors");
	if (options->entry == UNEXEC_FUNCTION && !options->function)
		return report_fail(report, UNEXEC_CODE_ARGUMENT, 0,
				   "options: UNEXEC_FUNCTION without a function");
	return 0;
}

/* ---- Answers of the writer --------------------------------------------------------------- */

struct answers {
	int descriptor;
	struct unexec_report *report;
	uint64_t mask;  /* of signals: see go_on */
	bool going_on;
	bool done;
	int status;
	int error; /* the first errno of an error */
};

/* Reads `length` bytes; false at the end of the pipe. */
static bool read_all(int descriptor, void *buffer, size_t length)
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
		/* From the copy, which cannot use strerror. */
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

/* All but memory, of which there is a copy, has been captured: the process may go on. */
static void go_on(struct answers *answers)
{
	if (answers->going_on)
		return;
	answers->going_on = true;
	park_release();
	set_mask(answers->mask);
}

static void take_answer(struct answers *answers, const struct handoff_record *record)
{
	if (record->answer == HANDOFF_CAPTURED)
		go_on(answers);
	if (record->answer == HANDOFF_DONE) {
		answers->done = true;
		answers->status = record->error;
	}
	if (record->answer == HANDOFF_DIAGNOSTIC)
		take_diagnostic(answers, record);
}

static void listen(struct answers *answers)
{
	union {
		struct handoff_record record;
		char bytes[HANDOFF_RECORD];
	} message;
	struct handoff_record *record = &message.record;

	while (read_all(answers->descriptor, &record->size, sizeof(record->size))) {
		if (record->size <= sizeof(*record) || record->size > sizeof(message)
		    || !read_all(answers->descriptor, message.bytes + sizeof(record->size),
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

static void close_all(struct handoff *handoff)
{
	int error = errno;
	int *numbers[] = { &handoff->fds.smaps, &handoff->fds.original, &handoff->fds.answer,
			   &handoff->original_fds[0] };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		if (*numbers[i] >= 0)
			close(*numbers[i]);
		*numbers[i] = -1;
	}
	errno = error;
}

static int open_all(struct handoff *handoff, struct unexec_report *report)
{
	int ends[2];

	handoff->fds = (struct handoff_fds){ -1, -1, -1, -1, -1, -1 };
	handoff->original_fds[0] = handoff->original_fds[1] = -1;
	if (pipe2(ends, O_CLOEXEC))
		return report_fail(report, UNEXEC_CODE_NO_PROC, errno, "cannot make a pipe");
	handoff->original_fds[0] = ends[0];
	handoff->fds.answer = ends[1];
	handoff->fds.smaps = open("/proc/self/smaps", O_RDONLY | O_CLOEXEC);
	handoff->fds.original = open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (handoff->fds.smaps < 0 || handoff->fds.original < 0) {
		report_fail(report, UNEXEC_CODE_NO_PROC, errno,
			    "cannot read /proc/self (is /proc mounted?)");
		close_all(handoff);
		return UNEXEC_SYSTEM;
	}
	return 0;
}

/* In the original, while the writer works. */
static int wait_for_writer(struct handoff *handoff, long pid, struct answers *answers)
{
	close(handoff->fds.answer);
	handoff->fds.answer = -1;
	answers->descriptor = handoff->original_fds[0];
	listen(answers);
	go_on(answers);
	while (waitpid((pid_t)pid, NULL, __WALL) < 0 && errno == EINTR)
		;
	close_all(handoff);
	if (answers->done)
		return answers->status;
	return report_fail(answers->report, UNEXEC_CODE_WRITER_DIED, 0,
			   "the unexec program ended before the dump was whole");
}

/* The number of other threads; some may come and go. */
static bool has_other_threads(void)
{
	struct stat tasks;

	/* A directory for each, besides . and .. */
	return !stat("/proc/self/task", &tasks) && tasks.st_nlink > 3;
}

static int dump(const char *path, enum unexec_threads threads, struct unexec_report *report,
		int *ret_error)
{
	struct handoff *handoff = &library.handoff;
	struct answers answers = { .report = report };
	uint64_t all = ~UINT64_C(0);
	const char *writer = writer_path();
	bool others, resumed;
	long pid;
	int status;

	if (hooks_before_dump())
		return report_fail(report, UNEXEC_CODE_VETO, 0,
				   "a function given to unexec_on_dump said no");
	status = park_reserve();
	if (status)
		return report_fail(report, UNEXEC_CODE_COPY, status, "no room for threads");
	others = has_other_threads();
	resume_prepare(others);
	status = open_all(handoff, report);
	if (status)
		return status;

	handoff->path = (uint64_t)path;
	handoff->threads_wanted = threads;
	handoff->policies = policy_first();
	sys(SYS_rt_sigprocmask, SIG_BLOCK, &all, &answers.mask, sizeof(all));
	copy_prepare(handoff);
	park_threads(handoff, others && threads != UNEXEC_THREADS_REFUSE);
	timers_prepare(handoff);
	if (others)
		resume_flush_parked();
	pid = copy_start(handoff, writer, environ, &resumed);
	if (resumed) {
		resume();
		set_mask(answers.mask);
		return UNEXEC_RESUMED;
	}
	if (sys_failed(pid)) {
		go_on(&answers);
		close_all(handoff);
		return report_fail(report, UNEXEC_CODE_COPY, (int)-pid,
				   "cannot copy the process");
	}
	status = wait_for_writer(handoff, pid, &answers);
	*ret_error = answers.error;
	return status;
}

static int dump_once(const char *path, const struct unexec_options *options,
		     struct unexec_report *report, int *ret_error)
{
	enum unexec_threads threads = options ? options->threads : UNEXEC_THREADS_DEFAULT;
	int (*function)(int, char **, char **) = NULL;
	int status;

	*ret_error = 0;
	report_clear(report);
	status = check(path, options, report);
	if (status)
		return status;
	if (options && options->entry == UNEXEC_FUNCTION)
		function = options->function;
	if (options && options->entry == UNEXEC_MAIN) {
		function = resume_find_main();
		if (!function)
			return report_fail(report, UNEXEC_CODE_NO_MAIN, 0,
					   "the address of main could not be found");
	}
	if (threads == UNEXEC_THREADS_DEFAULT)
		threads = UNEXEC_THREADS_REFUSE;
	if (library.busy)
		return report_fail(report, UNEXEC_CODE_BUSY, 0,
				   "a dump of this process is being made already");
	library.busy = 1;
	library.handoff.fd_policy = options ? options->descriptors : UNEXEC_FD_REFUSE;
	status = dump(path, threads, report, ret_error);
	library.busy = 0;
	if (status == UNEXEC_RESUMED && function)
		resume_call(function);
	return status;
}

int unexec_dump(const char *path, const struct unexec_options *options,
		struct unexec_report *report)
{
	int error = errno;
	int status, ignored;

	status = dump_once(path, options, report, &ignored);
	errno = error;
	return status;
}

int unexec(const char *new_name, const char *old_name)
{
	const struct unexec_options options = { .size = sizeof(options), .entry = UNEXEC_MAIN };
	int error, status;

	(void)old_name;
	status = dump_once(new_name, &options, NULL, &error);
	if (status >= 0)
		return 0;
	switch (status) {
	case UNEXEC_INVALID: errno = EINVAL; break;
	case UNEXEC_NOMEM: errno = ENOMEM; break;
	case UNEXEC_UNSUPPORTED: errno = ENOTSUP; break;
	case UNEXEC_VETOED: errno = EPERM; break;
	case UNEXEC_BUSY: errno = EBUSY; break;
	case UNEXEC_MALFORMED: errno = EBADMSG; break;
	default: errno = error ? error : EIO; break;
	}
	return -1;
}
