/* SPDX-License-Identifier: MIT
 *
 * Reports: an ordered list of diagnostics with all its room reserved at once.
 */
#include <stdlib.h>
#include <string.h>

#include "state.h"

#define REPORT_ENTRIES 256
#define REPORT_TEXT 65536

struct report_entries {
	size_t count, dropped;
	size_t text_used;
	struct unexec_diagnostic list[REPORT_ENTRIES + 1]; /* the last counts dropped ones */
	char last_text[64];
	char text[REPORT_TEXT];
};

static const char *const severities[] = { "note", "warning", "error" };

enum unexec_status status_of_code(enum unexec_code code)
{
	switch (code) {
#define CASE(name, number, status, text) \
	case UNEXEC_CODE_##name: return status;
		UNEXEC_DIAGNOSTICS(CASE)
#undef CASE
	case UNEXEC_CODE_NONE: break;
	}
	return UNEXEC_MALFORMED;
}

const char *unexec_status_name(int status)
{
	switch (status) {
	case UNEXEC_DUMPED: return "UNEXEC_DUMPED";
	case UNEXEC_RESUMED: return "UNEXEC_RESUMED";
	case UNEXEC_INVALID: return "UNEXEC_INVALID";
	case UNEXEC_NOMEM: return "UNEXEC_NOMEM";
	case UNEXEC_SYSTEM: return "UNEXEC_SYSTEM";
	case UNEXEC_UNSUPPORTED: return "UNEXEC_UNSUPPORTED";
	case UNEXEC_MALFORMED: return "UNEXEC_MALFORMED";
	case UNEXEC_VETOED: return "UNEXEC_VETOED";
	case UNEXEC_BUSY: return "UNEXEC_BUSY";
	}
	return "unknown status";
}

struct unexec_report *unexec_report_new(void)
{
	struct whole {
		struct unexec_report report;
		struct report_entries entries;
	} *whole = calloc(1, sizeof(*whole));

	if (!whole)
		return NULL;
	whole->report.entries = &whole->entries;
	return &whole->report;
}

void unexec_report_free(struct unexec_report *report)
{
	free(report);
}

size_t unexec_report_count(const struct unexec_report *report)
{
	return report ? report->entries->count + !!report->entries->dropped : 0;
}

int unexec_report_get(const struct unexec_report *report, size_t index,
		      struct unexec_diagnostic *ret_diagnostic)
{
	if (!ret_diagnostic || index >= unexec_report_count(report))
		return UNEXEC_INVALID;
	*ret_diagnostic = report->entries->list[index];
	return 0;
}

static void print_diagnostic(const struct unexec_report *report,
			     const struct unexec_diagnostic *diagnostic, FILE *stream)
{
	fprintf(stream, "unexec: %s%s%s: %s\n", report->subject, report->subject[0] ? ": " : "",
		severities[diagnostic->severity], diagnostic->text);
}

void unexec_report_print(const struct unexec_report *report, FILE *stream)
{
	for (size_t i = 0; i < unexec_report_count(report); i++)
		print_diagnostic(report, &report->entries->list[i], stream);
}

/* Diagnostics are one line each, and names of files may contain any character. */
static void set_subject(struct unexec_report *report, const char *subject)
{
	size_t length = strlen(subject);

	if (length > sizeof(report->subject) - 1)
		length = sizeof(report->subject) - 1;
	memcpy(report->subject, subject, length);
	report->subject[length] = '\0';
	for (char *at = report->subject; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = '?';
}

void report_begin(struct unexec_report *report, const char *subject)
{
	set_subject(report, subject ? subject : "");
	if (report->entries)
		report->entries->count = report->entries->dropped = report->entries->text_used = 0;
}

static void drop_entry(struct report_entries *entries, const struct unexec_diagnostic *diagnostic)
{
	struct unexec_diagnostic *last = &entries->list[entries->count];

	if (!entries->dropped++)
		*last = (struct unexec_diagnostic){ .severity = diagnostic->severity,
						    .stage = diagnostic->stage,
						    .text = entries->last_text };
	if (diagnostic->severity > last->severity)
		last->severity = diagnostic->severity;
	snprintf(entries->last_text, sizeof(entries->last_text), "… and %zu more",
		 entries->dropped);
}

static void add_entry(struct report_entries *entries, const struct unexec_diagnostic *diagnostic)
{
	size_t length = strlen(diagnostic->text) + 1;
	struct unexec_diagnostic *entry;

	if (entries->dropped || entries->count == REPORT_ENTRIES
	    || length > REPORT_TEXT - entries->text_used) {
		drop_entry(entries, diagnostic);
		return;
	}
	entry = &entries->list[entries->count++];
	*entry = *diagnostic;
	entry->text = memcpy(entries->text + entries->text_used, diagnostic->text, length);
	entries->text_used += length;
}

void report_put(struct unexec_report *report, const struct unexec_diagnostic *diagnostic)
{
	if (report->entries)
		add_entry(report->entries, diagnostic);
	else if (diagnostic->severity >= UNEXEC_WARNING)
		print_diagnostic(report, diagnostic, stderr);
}

int report_fail(struct unexec_report *report, enum unexec_code code, int error,
		const char *text)
{
	char line[512];

	if (error)
		snprintf(line, sizeof(line), "%s: %s", text, strerror(error));
	else
		snprintf(line, sizeof(line), "%s", text);
	report_put(report, &(struct unexec_diagnostic){ .severity = UNEXEC_ERROR,
							.code = code,
							.stage = UNEXEC_STAGE_PREPARE,
							.error = error,
							.text = line });
	return status_of_code(code);
}
