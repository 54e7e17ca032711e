/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `unexec @write MEM-FD ADDRESS`: the library runs this to write a dump. It is not for users.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sources/frozen.h"
#include "cli/cli.h"
#include "cli/save.h"

/* ---- Answers ---------------------------------------------------------------------------- */

/* Sends a record with one write, so that it never mixes with a record from the copy. */
static void send_record(int descriptor, struct handoff_record *record, const char *text)
{
	size_t room = HANDOFF_RECORD - sizeof(*record) - 1;
	size_t length = strlen(text) < room ? strlen(text) : room;
	char bytes[HANDOFF_RECORD];
	ssize_t written;

	record->size = (uint32_t)(sizeof(*record) + length + 1);
	memcpy(bytes, record, sizeof(*record));
	memcpy(bytes + sizeof(*record), text, length);
	bytes[record->size - 1] = 0;
	do
		written = write(descriptor, bytes, record->size);
	while (written < 0 && errno == EINTR);
	/* EPIPE: the process that asked for the dump has ended. */
	if (written < 0 && errno == EPIPE)
		exit(1);
}

/* The answers to the library. Diagnostics are held back until the process may continue: before
 * that, its library could not take the lock that printing needs. */
struct answers {
	int descriptor;
	bool captured;
	char *kept; /* consecutive records */
	size_t kept_size;
	FILE *keep;
};

static void send_diagnostic(void *context, const struct unexec_diagnostic *diagnostic)
{
	struct answers *answers = context;
	struct handoff_record record = {
		.answer = HANDOFF_DIAGNOSTIC,
		.severity = diagnostic->severity,
		.code = diagnostic->code,
		.stage = diagnostic->stage,
		.error = diagnostic->error,
		.start = diagnostic->start,
		.end = diagnostic->end,
	};

	if (answers->captured)
		send_record(answers->descriptor, &record, diagnostic->text);
	else if (fwrite(&record, sizeof(record), 1, answers->keep) != 1
		 || fwrite(diagnostic->text, strlen(diagnostic->text) + 1, 1,
			   answers->keep) != 1)
		exit(1); /* out of memory */
}

static void send_captured(struct answers *answers)
{
	struct handoff_record record = { .answer = HANDOFF_CAPTURED };

	send_record(answers->descriptor, &record, "");
	answers->captured = true;
	/* glibc's fclose does not report that memory ran out. */
	if (fclose(answers->keep) || !answers->kept)
		exit(1);
	for (const char *at = answers->kept; at < answers->kept + answers->kept_size;) {
		memcpy(&record, at, sizeof(record));
		at += sizeof(record);
		send_record(answers->descriptor, &record, at);
		at += strlen(at) + 1;
	}
	free(answers->kept);
}

static int answers_open(struct answers *answers, int descriptor)
{
	*answers = (struct answers){ .descriptor = descriptor };
	answers->keep = open_memstream(&answers->kept, &answers->kept_size);
	return answers->keep ? 0 : -1;
}

static void send_done(int descriptor, int status)
{
	struct handoff_record record = { .answer = HANDOFF_DONE, .error = status };

	send_record(descriptor, &record, "");
}

/* ---- Out of memory ---------------------------------------------------------------------- */

/* The answers to complete if xalloc ends the program; NULL: none. */
static struct answers *unfinished;

static void finish_answers(void)
{
	struct answers *answers = unfinished;
	const struct unexec_diagnostic diagnostic = {
		.severity = UNEXEC_ERROR,
		.code = UNEXEC_CODE_MEMORY,
		.stage = UNEXEC_STAGE_WRITE,
		.text = "out of memory in the writer",
	};

	if (!answers)
		return;
	unfinished = NULL;
	if (!answers->captured)
		send_captured(answers);
	send_diagnostic(answers, &diagnostic);
	send_done(answers->descriptor, UNEXEC_NOMEM);
}

/* ---- The pipeline ----------------------------------------------------------------------- */

/* All reasons to refuse are found before anything is written. */
static void write_frozen(const struct handoff *handoff, const char *path, struct report *report)
{
	struct capture *capture = frozen_capture(handoff, path, report);
	struct save save = { .path = path, .choices = { .scrub = handoff->scrub,
							.keep_ids = handoff->keep_ids,
							.memory = handoff->memory,
							.prefault = handoff->prefault } };

	send_captured(report->context);
	if (!save_begin(&save, report))
		save_capture(&save, capture, report);
	save_end(&save);
	capture->free(capture);
}

int cli_write(int argc, char **argv)
{
	struct handoff handoff;
	struct answers answers;
	struct report report = { .sink = report_to_stderr };
	char *path;

	if (argc != 3) {
		report_line(NULL, UNEXEC_ERROR, "only libunexec may run %s", HANDOFF_VERB);
		return CLI_USAGE;
	}
	/* write() returns an error for both. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	if (frozen_read_handoff(atoi(argv[1]), strtoull(argv[2], NULL, 0), &handoff, &report))
		return 1;
	path = process_read_string(handoff.fds.mem, handoff.path);
	if (!path || answers_open(&answers, handoff.fds.answer)) {
		report_errno(&report, READ, "cannot read the path of the dump");
		return 1;
	}
	report.sink = send_diagnostic;
	report.context = &answers;
	unfinished = &answers;
	atexit(finish_answers);
	write_frozen(&handoff, path, &report);
	free(path);
	unfinished = NULL;
	send_done(handoff.fds.answer, report.status);
	return report.status ? 1 : 0;
}
