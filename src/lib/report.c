/* SPDX-License-Identifier: MIT
 *
 * Reports: an ordered list of diagnostics with all its room reserved at once.
 */
#include <stdlib.h>
#include <string.h>

#include "state.h"

#define REPORT_ENTRIES 256
#define REPORT_TEXT 65536

struct unexec_report {
	size_t count, dropped;
	size_t text_used;
	struct unexec_diagnostic entries[REPORT_ENTRIES + 1]; /* the last: how many more */
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
	return calloc(1, sizeof(struct unexec_report));
}

void unexec_report_free(struct unexec_report *report)
{
	free(report);
}

size_t unexec_report_count(const struct unexec_report *report)
{
	return report ? report->count + !!report->dropped : 0;
}

int unexec_report_get(const struct unexec_report *report, size_t index,
		      struct unexec_diagnostic *ret_diagnostic)
{
	if (!ret_diagnostic || index >= unexec_report_count(report))
		return UNEXEC_INVALID;
	*ret_diagnostic = report->entries[index];
	return 0;
}

static void print(const struct unexec_diagnostic *diagnostic, FILE *stream)
{
	fprintf(stream, "unexec: %s: %s\n", severities[diagnostic->severity], diagnostic->text);
}

void unexec_report_print(const struct unexec_report *report, FILE *stream)
{
	for (size_t i = 0; i < unexec_report_count(report); i++)
		print(&report->entries[i], stream);
}

void report_clear(struct unexec_report *report)
{
	if (report)
		report->count = report->dropped = report->text_used = 0;
}

static void drop(struct unexec_report *report, const struct unexec_diagnostic *diagnostic)
{
	struct unexec_diagnostic *last = &report->entries[report->count];

	if (!report->dropped++)
		*last = (struct unexec_diagnostic){ .severity = diagnostic->severity,
						    .stage = diagnostic->stage,
						    .text = report->last_text };
	if (diagnostic->severity > last->severity)
		last->severity = diagnostic->severity;
	snprintf(report->last_text, sizeof(report->last_text), "… and %zu more",
		 report->dropped);
}

void report_put(struct unexec_report *report, const struct unexec_diagnostic *diagnostic)
{
	size_t length = strlen(diagnostic->text) + 1;
	struct unexec_diagnostic *entry;

	if (!report) {
		if (diagnostic->severity >= UNEXEC_WARNING)
			print(diagnostic, stderr);
		return;
	}
	if (report->dropped || report->count == REPORT_ENTRIES
	    || length > REPORT_TEXT - report->text_used) {
		drop(report, diagnostic);
		return;
	}
	entry = &report->entries[report->count++];
	*entry = *diagnostic;
	entry->text = memcpy(report->text + report->text_used, diagnostic->text, length);
	report->text_used += length;
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
