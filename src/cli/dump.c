/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `unexec dump PID`: turns a running process into an executable; the process continues.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sources/pid.h"
#include "cli/cli.h"
#include "cli/children_option.h"
#include "cli/descriptor_options.h"
#include "cli/input_option.h"
#include "cli/lose_option.h"
#include "cli/policy_options.h"
#include "cli/save.h"

struct dump {
	pid_t pid;
	bool kill;
	struct save save;
	struct pid_options options;
};

static const struct cli_option dump_options[] = {
	SAVE_OPTIONS(struct dump, save),
	{ "kill", 0, NULL, NULL, "end the process once the dump is written",
	  options_take_flag, offsetof(struct dump, kill) },
	DESCRIPTOR_OPTION(struct dump, options),
	LOSE_OPTION(struct dump, options),
	CHILDREN_OPTION(struct dump, options),
	INPUT_OPTION(struct dump, options),
	FILES_OPTION(struct dump, options.files),
	DIRECTORY_OPTION(struct dump, options.directory, "keep,\n"
			 "unless it is that of the parent process"),
	ARGV0_OPTION(struct dump, options.argv0),
	ENVIRONMENT_OPTION(struct dump, options.environment),
	{ .name = NULL },
};

static int parse_pid(const char *word, pid_t *ret_pid)
{
	char *end;
	long number;

	errno = 0;
	number = strtol(word, &end, 10);
	if (errno || *end || end == word || number <= 0 || number != (pid_t)number)
		return options_wrong(&cli_dump, "%s is not a process ID", word);
	*ret_pid = (pid_t)number;
	return CLI_OK;
}

static int parse_dump(struct dump *dump, int argc, char **argv)
{
	int status;

	if (!options_parse(&cli_dump, dump, &argc, &argv, &status))
		return status;
	if (!dump->save.path)
		return options_wrong(&cli_dump, "-o FILE is missing");
	if (dump->save.stream && dump->save.tunings.count)
		return options_wrong(&cli_dump, "-o -: --tune needs a file");
	dump->save.subject = argv[0];
	return parse_pid(argv[0], &dump->pid);
}

/* ---- The dump --------------------------------------------------------------------------- */

/* Lets the process continue while a copy of it is written. Without a copy, it waits. */
static void let_go_on(struct tracee *tracee, struct capture *capture, struct report *report)
{
	pid_t copy = -1;

	if (!pid_may_copy(capture))
		report_note(report, SHARED, "the process is stopped until the dump is written: "
					    "a copy would lack some of its memory, or be in "
					    "another PID namespace");
	else
		copy = tracee_copy(tracee);
	if (copy > 0 && !pid_read_copy(capture, copy, report))
		tracee_go_on(tracee);
}

static int dump_held(struct dump *dump, struct tracee *tracee, struct report *report)
{
	struct capture *capture;
	int failed;

	dump->options.dump = dump->save.stream ? NULL : dump->save.path;
	capture = pid_capture(tracee, &dump->options, report);
	if (!report->status && !dump->kill)
		let_go_on(tracee, capture, report);
	failed = report->status ? -1 : save_capture(&dump->save, capture, report);
	capture->free(capture);
	return failed;
}

static int dump_process(struct dump *dump)
{
	struct report report = { 0 };
	struct tracee tracee = { 0 };
	int failed = save_begin(&dump->save, &report);

	if (!failed)
		failed = tracee_attach(&tracee, dump->pid, &report);
	if (!failed) {
		failed = dump_held(dump, &tracee, &report);
		if (dump->kill && !failed)
			tracee_kill(&tracee);
		else
			tracee_end(&tracee);
		failed = failed || save_tune(&dump->save, &report);
	}
	save_end(&dump->save);
	return failed ? CLI_FAILED : CLI_OK;
}

static int run_dump(int argc, char **argv)
{
	struct dump dump = { .options.standard_input = UNEXEC_STDIN_OFFSET,
			     .options.directory = HANDOFF_DIRECTORY_UNLIKE_PARENT };
	int status = parse_dump(&dump, argc, argv);

	if (dump.pid)
		status = dump_process(&dump);
	free(dump.options.policies);
	return status;
}

const struct cli_verb cli_dump = {
	.name = "dump",
	.summary = "turn a running process into an executable",
	.usage = "-o FILE PID",
	.description = "Turns process PID, with all its threads, into an executable that resumes\n"
		       "where the process was. The process is stopped only while it is copied.\n",
	.operand = "PID",
	.options = dump_options,
	.run = run_dump,
};
