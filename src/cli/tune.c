/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `unexec tune FILE -- ARG…`: runs a dump and records which pages it writes to. Later starts
 * prefault these pages with few system calls, instead of taking a fault for each.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/tune_dump.h"

struct tune_verb {
	bool quiet, add;
};

static const struct cli_option tune_options[] = {
	{ "add", 0, NULL, NULL, "prefault the pages of earlier runs, too",
	  options_take_flag, offsetof(struct tune_verb, add) },
	{ "quiet", 'q', NULL, NULL, "print only errors",
	  options_take_flag, offsetof(struct tune_verb, quiet) },
	{ .name = NULL },
};

static void print_errors(void *context, const struct unexec_diagnostic *diagnostic)
{
	if (diagnostic->severity == UNEXEC_ERROR)
		report_to_stderr(context, diagnostic);
}

static int run_tune(int argc, char **argv)
{
	struct tune_verb verb = { 0 };
	struct report report = { 0 };
	char *path;
	int status;

	if (!options_parse(&cli_tune, &verb, &argc, &argv, &status))
		return status;
	path = argv[0];
	if (argc > 1 && !strcmp(argv[1], "--")) {
		argv++;
		argv[0] = path;
	}
	report.sink = verb.quiet ? print_errors : report_to_stderr;
	report.context = path;
	return tune_dump(path, &argv, 1, verb.add ? TUNE_ADD : 0, &report) ? CLI_FAILED : CLI_OK;
}

const struct cli_verb cli_tune = {
	.name = "tune",
	.summary = "profile one run of a dump and make later starts faster",
	.usage = "FILE [-- ARGUMENT…]",
	.description = "Runs FILE, a dump, with these arguments and records the pages that it writes\n"
		       "to. Later starts prefault these pages.\n",
	.notes = "Best is a run that does little and ends. See unexec(1).\n",
	.operand = "FILE",
	.command = true,
	.options = tune_options,
	.run = run_tune,
};
