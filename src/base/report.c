/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Diagnostics of the unexec program: formats each one and passes it to the report's sink.
 */
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/report.h"

/* Longer texts are cut, because a text must fit in a record of shared/handoff.h. */
#define TEXT_MAX 960

static enum unexec_status status_of(enum unexec_code code)
{
	switch (code) {
#define CASE(name, number, status, text) case UNEXEC_CODE_##name: return status;
	UNEXEC_DIAGNOSTICS(CASE)
#undef CASE
	case UNEXEC_CODE_NONE:
		break;
	}
	return UNEXEC_SYSTEM;
}

/* File names may contain any character; a diagnostic is one line. */
void report_make_line(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

void report_add(struct report *report, enum unexec_severity severity, enum unexec_code code,
		int error, uint64_t start, uint64_t end, const char *format, ...)
{
	struct unexec_diagnostic diagnostic = {
		.severity = severity,
		.code = code,
		.error = error,
		.start = start,
		.end = end,
	};
	char text[TEXT_MAX];
	va_list arguments;
	size_t length;

	if (!report)
		return;
	va_start(arguments, format);
	if (vsnprintf(text, sizeof(text), format, arguments) < 0)
		text[0] = '\0';
	va_end(arguments);
	length = strlen(text);
	if (error)
		snprintf(text + length, sizeof(text) - length, ": %s", strerror(error));
	report_make_line(text);

	if (severity == UNEXEC_ERROR && !report->status)
		report->status = status_of(code);
	diagnostic.stage = report->stage;
	diagnostic.text = text;
	if (report->sink)
		report->sink(report->context, &diagnostic);
}

/* One write, so that lines of several processes do not mix. */
static void print_line(const char *subject, enum unexec_severity severity, const char *text)
{
	static const char *const words[] = {
		[UNEXEC_NOTE] = "note",
		[UNEXEC_WARNING] = "warning",
		[UNEXEC_ERROR] = "error",
	};
	char line[PATH_MAX + TEXT_MAX + 64];

	snprintf(line, sizeof(line) - 1, "unexec: %s%s%s: %s", subject ? subject : "",
		 subject ? ": " : "", words[severity], text);
	report_make_line(line);
	strcat(line, "\n");
	fputs(line, stderr);
}

void report_line(const char *subject, enum unexec_severity severity, const char *format, ...)
{
	char text[TEXT_MAX];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	print_line(subject, severity, text);
}

void report_to_stderr(void *context, const struct unexec_diagnostic *diagnostic)
{
	print_line(context, diagnostic->severity, diagnostic->text);
}
