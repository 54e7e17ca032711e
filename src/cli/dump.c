/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `unexec dump PID`: a running process becomes an executable, and goes on.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sources/pid.h"
#include "cli/cli.h"
#include "cli/descriptor_options.h"
#include "cli/save.h"

static const char help[] =
	"Usage: unexec dump PID -o FILE\n"
	"Writes the process as an executable that goes on where the process was, with all its\n"
	"threads. The process itself is stopped for a moment and goes on.\n"
	"\n"
	SAVE_HELP
	"      --kill         end the process once it is written\n"
	DESCRIPTOR_HELP
	"      --help         this text\n";

struct dump {
	pid_t pid;
	bool kill;
	struct save save;
	struct pid_options options;
};

/* ---- Options ------------------------------------------------------------------------------ */

enum { OPTION_HELP = 256, OPTION_KILL, OPTION_DESCRIPTOR };

static int wrong(const char *what)
{
	fprintf(stderr, "unexec: dump: %s; try 'unexec dump --help'\n", what);
	return CLI_USAGE;
}

static int take_pid(struct dump *dump, const char *word)
{
	char *end;
	long number;

	errno = 0;
	number = strtol(word, &end, 10);
	if (errno || *end || end == word || number <= 0 || number != (pid_t)number) {
		fprintf(stderr, "unexec: dump: '%s' is no process ID\n", word);
		return CLI_USAGE;
	}
	dump->pid = (pid_t)number;
	return CLI_OK;
}

static int take_option(struct dump *dump, int option)
{
	if (save_option(&dump->save, option, optarg))
		return CLI_OK;
	if (option == OPTION_KILL)
		dump->kill = true;
	else if (option != OPTION_DESCRIPTOR)
		return wrong("unknown option or an option without its argument");
	else if (descriptor_option(&dump->options, optarg))
		return wrong("--fd wants close, null, keep or recreate, or NUMBER=one of these");
	return CLI_OK;
}

/* CLI_OK with dump->pid 0: help was asked for. */
static int parse(struct dump *dump, int argc, char **argv)
{
	static const struct option options[] = {
		SAVE_LONG,
		{ "kill", no_argument, NULL, OPTION_KILL },
		{ "fd", required_argument, NULL, OPTION_DESCRIPTOR },
		{ "help", no_argument, NULL, OPTION_HELP },
		{ NULL, 0, NULL, 0 },
	};
	int option, status = CLI_OK;

	opterr = 0;
	while (status == CLI_OK
	       && (option = getopt_long(argc, argv, SAVE_SHORT, options, NULL)) != -1) {
		if (option == OPTION_HELP)
			return CLI_OK;
		status = take_option(dump, option);
	}
	if (status != CLI_OK)
		return status;
	if (argc - optind != 1)
		return wrong("one PID is needed");
	if (!dump->save.path)
		return wrong("-o FILE is needed");
	return take_pid(dump, argv[optind]);
}

/* ---- The dump ----------------------------------------------------------------------------- */

/* The process goes on while its copy is written. Where there can be no copy, it waits. */
static void let_go_on(struct tracee *tracee, struct capture *capture, struct report *report)
{
	pid_t copy = -1;

	if (!pid_may_copy(capture))
		report_note(report, SHARED, "the process waits until it is written: some of "
					    "its memory would not be in a copy");
	else
		copy = tracee_copy(tracee);
	if (copy > 0 && !pid_read_copy(capture, copy, report))
		tracee_go_on(tracee);
}

static int write_held(struct dump *dump, struct tracee *tracee, struct report *report)
{
	struct capture *capture = pid_capture(tracee, &dump->options, report);
	int failed;

	if (!report->status && !dump->kill)
		let_go_on(tracee, capture, report);
	failed = report->status ? -1 : save_capture(&dump->save, capture, report);
	capture->free(capture);
	return failed;
}

static int write_dump(struct dump *dump)
{
	struct report report = { 0 };
	struct tracee tracee = { 0 };
	int failed = save_begin(&dump->save, &report);

	if (!failed)
		failed = tracee_attach(&tracee, dump->pid, &report);
	if (!failed) {
		failed = write_held(dump, &tracee, &report);
		if (dump->kill && !failed)
			tracee_kill(&tracee);
		else
			tracee_end(&tracee);
	}
	save_end(&dump->save);
	return failed ? CLI_FAILED : CLI_OK;
}

int cli_dump(int argc, char **argv)
{
	struct dump dump = { 0 };
	int status = parse(&dump, argc, argv);

	if (status == CLI_OK && !dump.pid)
		fputs(help, stdout);
	else if (status == CLI_OK)
		status = write_dump(&dump);
	free(dump.options.policies);
	return status;
}
