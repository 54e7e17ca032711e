/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writes a capture to a file (layout, ELF, commit), for all verbs that write dumps, and has the
 * options that they share. There can be only one save at a time.
 *
 *   struct save save = { 0 };
 *   struct report report = { 0 };
 *
 *   … options_parse() with a table that contains SAVE_OPTIONS …
 *   save.subject = …;
 *   if (!save_begin(&save, &report)) {
 *           … stop the process, capture it …
 *           failed = save_capture(&save, capture, &report);
 *   }
 *   save_end(&save);
 */
#ifndef CLI_SAVE_H
#define CLI_SAVE_H

#include <stdbool.h>
#include <time.h>

#include "analysis/analysis.h"
#include "capture/capture.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "base/report.h"

struct save {
	const char *subject; /* of the messages: what the user asked to dump */
	const char *path;
	bool stream;  /* "-o -": write to standard output without seeking */
	bool quiet;   /* print only errors */
	bool verbose; /* print notes too, and a summary */
	struct analysis_choices choices;
	struct tunings {
		char ***list; /* of each run: a name, its arguments, NULL */
		size_t count, room;
	} tunings;

	/* Private to save.c. */
	struct output output;
	struct progress progress;
	struct timespec began;
};

/* Entries of the table of a verb whose struct `type` has a struct save `member`. */
#define SAVE_OPTIONS(type, member) \
	{ "output", 'o', "FILE", NULL, \
	  "write the dump to FILE, or to standard output if it is -; an\n" \
	  "existing file is replaced only on success", \
	  save_take_output, offsetof(type, member) }, \
	{ "memory", 0, "MODE", "auto lazy copy", \
	  "how the dump gets its anonymous memory: lazy (mapped from\n" \
	  "the dump), copy (read at start), auto (the default)", \
	  save_take_memory, offsetof(type, member) }, \
	{ "prefault", 0, "PAGES", "auto all none", \
	  "the pages that a start prefaults: auto (those that each\n" \
	  "start writes, and all where faults are dear), all, none", \
	  save_take_prefault, offsetof(type, member) }, \
	{ "tune", 0, "ARGUMENTS", NULL, \
	  "run the dump with these arguments, and prefault the pages that\n" \
	  "it writes; pages of several runs add up", \
	  save_take_tuning, offsetof(type, member) }, \
	{ "pid", 0, "ID", "new keep", \
	  "the process ID of a start: new (the default), or keep, the one\n" \
	  "of the dumped process, with its threads' IDs: if the starter\n" \
	  "may choose it and no process has it", \
	  save_take_pid, offsetof(type, member) }, \
	{ "scrub-env", 0, NULL, NULL, \
	  "leave out the strings of the environment and the arguments", \
	  options_take_flag, offsetof(type, member.choices.scrub) }, \
	{ "map-path", 0, "OLD=NEW", NULL, \
	  "open files below the path OLD below NEW when the dump starts;\n" \
	  "may be repeated", \
	  save_take_map, offsetof(type, member) }, \
	{ "quiet", 'q', NULL, NULL, "print only errors", \
	  save_take_quiet, offsetof(type, member) }, \
	{ "verbose", 'v', NULL, NULL, "print notes too, and a summary at the end", \
	  save_take_verbose, offsetof(type, member) }

int save_take_output(void *save, const char *argument, struct report *report);
int save_take_memory(void *save, const char *argument, struct report *report);
int save_take_pid(void *save, const char *argument, struct report *report);
int save_take_prefault(void *save, const char *argument, struct report *report);
int save_take_tuning(void *save, const char *argument, struct report *report);
int save_take_map(void *save, const char *argument, struct report *report);
int save_take_quiet(void *save, const char *argument, struct report *report);
int save_take_verbose(void *save, const char *argument, struct report *report);

/* Opens the output; an existing file is replaced only when the dump is complete. It is called
 * before a process is stopped. A report without a sink gets one that prints on stderr as --quiet
 * and --verbose ask, and shows the progress of report_progress() on a terminal. Until save_end,
 * SIGHUP, SIGINT, SIGTERM and exit() leave no file behind.
 * 0, or -1 with an error (TARGET) in the report. */
int save_begin(struct save *save, struct report *report);

/* Lays out the capture and writes it; does nothing if the report already has an error. Ignores
 * SIGPIPE and SIGXFSZ from here on, for which write() returns errors. The target is replaced only
 * if this returns 0. 0, or -1 with an error in the report. */
int save_capture(struct save *save, struct capture *capture, struct report *report);

/* Once the dump is complete: runs it as --tune asks, with /dev/null as standard input and output,
 * and stores the pages to prefault. 0, or -1 with an error in the report; the dump is unchanged. */
int save_tune(const struct save *save, struct report *report);

/* Frees it and removes an incomplete file. It is also called after a failed save_begin. */
void save_end(struct save *save);

#endif
