/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Diagnostics of the unexec program. A report passes each one at once to a sink: the process
 * that requested the dump, or stderr.
 */
#ifndef BASE_REPORT_H
#define BASE_REPORT_H

#include <stdint.h>

#include <unexec.h>

struct report {
	/* Takes one diagnostic. Its text is valid during the call. */
	void (*sink)(void *context, const struct unexec_diagnostic *diagnostic);
	void *context;
	enum unexec_stage stage;
	enum unexec_status status; /* of the first error, or 0 */
	/* Called often during long work, if not NULL: the step `what` ("writing") has processed
	 * `done` of `all` bytes. */
	void (*progress)(void *context, const char *what, uint64_t done, uint64_t all);
};

/* Reports a diagnostic. `start` and `end` are 0 for none; `error` is an errno, whose text is
 * appended after ": ", or 0. The first error sets report->status to the status of its code. */
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

/* Replaces control characters by question marks: a message is one line. */
void report_make_line(char *text);

/* Prints one line on stderr: "unexec: SUBJECT: SEVERITY: TEXT". All messages of the program have
 * this form. `subject` is what the user named, a file or a process, or NULL. */
void report_line(const char *subject, enum unexec_severity severity, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* A sink that prints such a line; the context is the subject, a string, or NULL. */
void report_to_stderr(void *subject, const struct unexec_diagnostic *diagnostic);

#endif
