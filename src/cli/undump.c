/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `unexec undump CORE [-e PROGRAM] -o FILE`: turns a core file into an executable.
 */
#include "cli/cli.h"
#include "cli/policy_options.h"
#include "cli/save.h"
#include "sources/core/core.h"

struct undump {
	const char *core;
	struct core_options options;
	struct save save;
};

static const struct cli_option undump_options[] = {
	{ "executable", 'e', "PROGRAM", NULL, "the program's file, if it is no longer where it was",
	  options_take_string, offsetof(struct undump, options.program) },
	ARGV0_OPTION(struct undump, options.argv0),
	ENVIRONMENT_OPTION(struct undump, options.environment),
	SAVE_OPTIONS(struct undump, save),
	{ .name = NULL },
};

static int write_undump(struct undump *undump)
{
	struct report report = { 0 };
	struct capture *capture;
	int failed = save_begin(&undump->save, &report);

	if (!failed) {
		capture = core_capture(undump->core, &undump->options, &report);
		failed = save_capture(&undump->save, capture, &report);
		capture->free(capture);
		failed = failed || save_tune(&undump->save, &report);
	}
	save_end(&undump->save);
	return failed ? CLI_FAILED : CLI_OK;
}

static int run_undump(int argc, char **argv)
{
	struct undump undump = { 0 };
	int status;

	if (!options_parse(&cli_undump, &undump, &argc, &argv, &status))
		return status;
	if (!undump.save.path)
		return options_wrong(&cli_undump, "-o FILE is missing");
	if (undump.save.stream && undump.save.tunings.count)
		return options_wrong(&cli_undump, "-o -: --tune needs a file");
	undump.core = undump.save.subject = argv[0];
	return write_undump(&undump);
}

const struct cli_verb cli_undump = {
	.name = "undump",
	.summary = "turn a core file into an executable",
	.usage = "[-e PROGRAM] -o FILE CORE",
	.description = "Turns the process that a core file describes into an executable that resumes\n"
		       "where the process was.\n",
	.notes = "CORE may be compressed by zstd or lz4. The files of the program and its\n"
		 "libraries must be the ones that the process had mapped. See unexec(1).\n",
	.operand = "CORE",
	.options = undump_options,
	.run = run_undump,
};
