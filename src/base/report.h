/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Diagnostics of the unexec program. A report passes each to a sink as it comes: the
 * process that asked for a dump, or stderr.
 */
#ifndef BASE_REPORT_H
#define BASE_REPORT_H

#include <stdint.h>

#include <unexec.h>

struct report {
	/* Takes one diagnostic; its text is good during the call. */
	void (*sink)(void *context, const struct unexec_diagnostic *diagnostic);
	void *context;
	enum unexec_stage stage;
	enum unexec_status status; /* of the first error, or 0 */
	/* Is told how long work is going on, if not NULL: `what` ("writing") has done so many
	 * bytes of `all`. Is called often. */
	void (*progress)(void *context, const char *what, uint64_t done, uint64_t all);
};

/* Reports with printf's format; `start`, `end` are 0 for none, `error` an errno or 0.
 * An error sets report->status to what the code stands for, unless one is set. With an
 * `error`, ": " and its text are appended. */
void report_add(struct report *report, enum unexec_severity severity, enum unexec_code code,
		int error, uint64_t start, uint64_t end, const char *format, ...)
	__attribute__((format(printf, 7, 8)));

#define report_error(report, code, ...) \
	report_add(report, UNEXEC_ERROR, UNEXEC_CODE_##code, 0, 0, 0, __VA_ARGS__)
#define report_errno(report, code, ...) \
	report_add(report, UNEXEC_ERROR, UNEXEC_CODE_##code, errno, 0, 0, __VA_ARGS__)
#define report_note(report, code, ...) \
	report_add(report, UNEXEC_NOTE, UNEXEC_CODE_##code, 0, 0, 0, __VA_ARGS__)
#define report_warning(report, code, ...) \
	report_add(report, UNEXEC_WARNING, UNEXEC_CODE_##code, 0, 0, 0, __VA_ARGS__)

static inline void report_progress(const struct report *report, const char *what,
				   uint64_t done, uint64_t all)
{
	if (report->progress)
		report->progress(report->context, what, done, all);
}

/* Prints one line on stderr: "unexec: SUBJECT: SEVERITY: TEXT". All messages of the program have
 * this form. `subject` is what the user named, a file or a process, or NULL. */
void report_line(const char *subject, enum unexec_severity severity, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* A sink that prints such a line; the context is the subject, a string, or NULL. */
void report_to_stderr(void *subject, const struct unexec_diagnostic *diagnostic);

#endif
