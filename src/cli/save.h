/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From a capture to a file, for all verbs that write dumps: layout, ELF, commit; and the
 * options that they share. One at a time.
 *
 *   struct save save = { 0 };
 *   struct report report = { 0 };
 *
 *   … getopt_long() with SAVE_SHORT and SAVE_LONG, each letter to save_option() …
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

#include "capture/capture.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "base/report.h"

struct save {
	const char *path;
	bool stream;  /* to standard output, without seeking: "-o -" */
	bool quiet;   /* only errors are told */
	enum image_memory memory; /* what was asked for */
	bool scrub;   /* without the strings of environment and arguments */
	bool verbose; /* notes, too, and at the end what was written */

	/* Of save.c alone. */
	struct output output;
	struct progress progress;
	struct timespec began;
};

#define SAVE_SCRUB 0x1000 /* none of the letters or numbers of the verbs */
#define SAVE_MEMORY 0x1001
#define SAVE_SHORT "o:qv"
#define SAVE_LONG \
	{ "memory", required_argument, NULL, SAVE_MEMORY }, \
	{ "scrub-env", no_argument, NULL, SAVE_SCRUB }, \
	{ "output", required_argument, NULL, 'o' }, \
	{ "quiet", no_argument, NULL, 'q' }, \
	{ "verbose", no_argument, NULL, 'v' }
#define SAVE_HELP \
	"  -o, --output=FILE  the dump's name, - for standard output; what is there stays\n" \
	"                     until all is written\n" \
	"      --memory=MODE  of anonymous memory: lazy (mapped from the dump), copy (read at\n" \
	"                     the start), auto (the default)\n" \
	"      --scrub-env    leave out the strings of its environment and arguments\n" \
	"  -q, --quiet        tell errors only\n" \
	"  -v, --verbose      tell more, and at the end what was written\n"

/* Takes one of these options; false if it is none of them, or its argument is wrong. */
bool save_option(struct save *save, int letter, const char *argument);

/* Finds out whether the file can be written and opens it; what is there under its name stays
 * until all of the dump is written. Comes before anything is stopped. A report without a sink
 * gets one that prints on stderr what --quiet and --verbose ask for, and shows progress on a
 * terminal: of all that calls report_progress(). Until save_end, a signal
 * that ends this program (SIGHUP, SIGINT, SIGTERM) and exit() leave no file behind.
 * 0, or -1 with an error (TARGET) in the report. */
int save_begin(struct save *save, struct report *report);

/* Lays out the capture and writes it; does nothing if the report has an error already.
 * Ignores SIGPIPE and SIGXFSZ from here on: both are errors of write(). The name is that of
 * the new dump only if 0 is returned. 0, or -1 with an error in the report. */
int save_capture(struct save *save, struct capture *capture, struct report *report);

/* Frees it; what is not complete by now vanishes. Also after a failed save_begin. */
void save_end(struct save *save);

#endif
