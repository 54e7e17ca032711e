/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `unexec run`: starts a program and dumps it at the moment that the user names.
 *
 * This process itself becomes the program, and a detached process, the watcher, traces it. The
 * program therefore has the parent that unexec has: terminal, signals, job control and exit
 * status work without further effort.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "arch_cpu.h"
#include "libc/libc.h"
#include "process/children.h"
#include "sources/pid.h"
#include "when/when.h"
#include "cli/cli.h"
#include "cli/children_option.h"
#include "cli/descriptor_options.h"
#include "cli/input_option.h"
#include "cli/lose_option.h"
#include "cli/policy_options.h"
#include "base/xalloc.h"
#include "cli/save.h"

struct run {
	struct save save;
	struct pid_options options;
	struct when when;
	struct inherited inherited; /* by this process, so by the program */
	bool keep;
	int level; /* the level of CPUs that the dump must run on; 0: CPUs like this one */
	char **arguments; /* argv of the program */
	pid_t program;    /* the process that becomes the program */
	int channel;      /* the watcher sends it an int: 0, or an exit status */
	int terminal;     /* a copy of standard input if that is a terminal, or -1 */
	struct termios modes; /* of the terminal, before the program ran */
};

/* ---- Becoming the program --------------------------------------------------------------- */

/* A variable that is set stays: it is the user's choice. GLIBC_TUNABLES may hold unrelated
 * tunables, so ours are appended; glibc uses the last value of each. */
static void add_variable(void *context, const char *name, const char *value)
{
	const char *old = getenv(name);
	char *both = NULL;

	(void)context;
	if (old && *old && !strcmp(name, "GLIBC_TUNABLES"))
		both = xasprintf("%s:%s", old, value);
	setenv(name, both ? both : value, both != NULL);
	free(both);
}

/* Returns an exit status as shells do: 127 if the program does not exist, 126 if it cannot be
 * executed. */
static int execute_program(struct run *run)
{
	int status;

	if (run->level)
		arch_cpu_level_variables(run->level, add_variable, NULL);
	execvp(run->arguments[0], run->arguments);
	status = errno == ENOENT ? 127 : 126;
	report_line(run->save.subject, UNEXEC_ERROR, "%s", strerror(errno));
	return status;
}

/* Waits until the watcher traces this process. */
static int become_program(struct run *run, int channel)
{
	int status;
	ssize_t got;

	do
		got = read(channel, &status, sizeof(status));
	while (got < 0 && errno == EINTR);
	close(channel);
	prctl(PR_SET_PTRACER, 0);
	if (got != sizeof(status)) {
		report_line(run->save.subject, UNEXEC_ERROR,
			    "the process that was to watch the program has ended");
		return CLI_FAILED;
	}
	return status ? status : execute_program(run);
}

/* ---- Watching it ------------------------------------------------------------------------ */

static void answer_program(struct run *run, int status)
{
	if (write(run->channel, &status, sizeof(status)) < 0)
		exit(CLI_FAILED); /* the program's process was killed */
	close(run->channel);
}

/* Gives up all descriptors except standard error, so that the watcher keeps no pipe open. It
 * keeps a terminal for its modes, and standard input until when_wait() knows the program's. */
static void detach_watcher(struct run *run)
{
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

	inherited_close(&run->inherited);
	run->when.input = fcntl(0, F_DUPFD_CLOEXEC, 3);
	run->terminal = isatty(0) ? fcntl(0, F_DUPFD_CLOEXEC, 3) : -1;
	if (run->terminal >= 0 && tcgetattr(run->terminal, &run->modes)) {
		close(run->terminal);
		run->terminal = -1;
	}
	if (nothing < 0)
		return;
	dup2(nothing, 0);
	dup2(nothing, 1);
	close(nothing);
}

/* The terminal sends these to the program and the watcher. They are meant for the program. */
static const int signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU };
#define SIGNALS (sizeof(signals) / sizeof(*signals))

static void ignore_signals(struct sigaction old[SIGNALS])
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };

	for (size_t i = 0; i < SIGNALS; i++)
		sigaction(signals[i], &ignore, &old[i]);
}

/* The program is stopped while it is dumped, so a signal that would end it ends the watcher,
 * too. */
static void heed_signals(const struct sigaction old[SIGNALS])
{
	for (size_t i = 0; i < SIGNALS; i++)
		if (signals[i] != SIGTTOU && signals[i] != SIGTTIN && signals[i] != SIGTSTP)
			sigaction(signals[i], &old[i], NULL);
}

static void restore_terminal_modes(const struct run *run)
{
	if (run->terminal >= 0)
		tcsetattr(run->terminal, TCSADRAIN, &run->modes);
}

/* The program stays stopped until the dump is written, even with --keep: the dump exists when
 * the command returns. */
static int dump_program(struct run *run, struct tracee *tracee, struct report *report)
{
	struct capture *capture;
	int failed;

	run->options.dump = run->save.stream ? NULL : run->save.path;
	capture = pid_capture(tracee, &run->options, report);
	if (run->level)
		image_limit_needs(capture->image, arch_cpu_level_has, run->level);
	/* The first thread calls main(). */
	if (!report->status && run->when.kind == WHEN_CALL
	    && !strcmp(run->when.symbol, "main"))
		libc_add_arguments(capture, 0);
	failed = report->status || save_capture(&run->save, capture, report)
		 || save_tune(&run->save, report);
	capture->free(capture);
	return failed ? CLI_FAILED : CLI_OK;
}

/* Children of the program do not end with it. */
static void warn_of_children(const struct run *run)
{
	char children[CHILDREN_TEXT];

	if (!run->save.quiet && children_describe(run->program, &run->inherited, children))
		report_line(run->save.subject, UNEXEC_WARNING,
			    "the program is ended and leaves %s, running", children);
}

/* Ends the program with the status of the dump, which becomes the status of the command. With
 * --keep, the program continues and ends with its own status, except 0 if there is no dump. */
static int dump_and_end(struct run *run, struct tracee *tracee, struct report *report)
{
	struct sigaction old[SIGNALS];
	int status = dump_program(run, tracee, report);

	save_end(&run->save);
	if (!run->keep) {
		warn_of_children(run);
		restore_terminal_modes(run);
		tracee_exit(tracee, status);
	} else if (status == CLI_OK) {
		tracee_end(tracee);
	} else {
		ignore_signals(old);
		tracee_follow(tracee);
		when_follow(run->program, report);
	}
	return status;
}

static int watch_program(struct run *run)
{
	struct report report = { 0 };
	struct sigaction old[SIGNALS];
	struct tracee tracee;
	int status = CLI_FAILED;

	if (save_begin(&run->save, &report) || when_seize(run->program, &report)) {
		save_end(&run->save);
		answer_program(run, CLI_FAILED);
		return CLI_FAILED;
	}
	ignore_signals(old);
	detach_watcher(run);
	answer_program(run, 0);
	switch (when_wait(&run->when, run->program, &tracee, &status, &report)) {
	case WHEN_CAME:
		heed_signals(old);
		return dump_and_end(run, &tracee, &report);
	case WHEN_ENDED:
	case WHEN_FAILED:
		save_end(&run->save);
		when_release(run->program);
		break;
	}
	return status;
}

/* ---- Two processes ---------------------------------------------------------------------- */

/* The watcher is a grandchild, so that the program gets no child that it did not make. */
static int start_watched(struct run *run)
{
	int channel[2], status;
	pid_t child;

	run->program = getpid();
	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY); /* fails without Yama, which is fine */
	if (pipe2(channel, O_CLOEXEC) || (child = fork()) < 0) {
		report_line(run->save.subject, UNEXEC_ERROR, "cannot start a process: %s",
			    strerror(errno));
		return CLI_FAILED;
	}
	if (!child) {
		child = fork();
		if (child)
			_exit(child < 0);
		close(channel[0]);
		run->channel = channel[1];
		exit(watch_program(run));
	}
	close(channel[1]);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return become_program(run, channel[0]);
}

/* ---- Options ---------------------------------------------------------------------------- */

static int take_when(void *target, const char *argument, struct report *report)
{
	return when_parse(target, argument, report);
}

static int take_level(void *target, const char *argument, struct report *report)
{
	int level = arch_cpu_level(argument);

	(void)report;
	if (!level)
		return -1;
	*(int *)target = level;
	return 0;
}

static const struct cli_option run_options[] = {
	SAVE_OPTIONS(struct run, save),
	{ "when", 0, "WHEN", "stdin call: syscall: signal: after:",
	  "the moment to dump at: stdin (the program waits for standard\n"
	  "input, the default), call:FUNCTION, syscall:NAME[:N],\n"
	  "signal:NAME, after:SECONDS", take_when, offsetof(struct run, when) },
	{ "cpu", 0, "LEVEL", ARCH_CPU_LEVELS,
	  "choose code that runs on all CPUs of a level:\n" ARCH_CPU_LEVELS,
	  take_level, offsetof(struct run, level) },
	{ "keep", 0, NULL, NULL, "let the program continue after the dump",
	  options_take_flag, offsetof(struct run, keep) },
	DESCRIPTOR_OPTION(struct run, options),
	LOSE_OPTION(struct run, options),
	CHILDREN_OPTION(struct run, options),
	INPUT_OPTION(struct run, options),
	FILES_OPTION(struct run, options.files),
	DIRECTORY_OPTION(struct run, options.directory, "keep if\n"
			 "the program has changed it"),
	ARGV0_OPTION(struct run, options.argv0),
	ENVIRONMENT_OPTION(struct run, options.environment),
	{ .name = NULL },
};

static int parse_run(struct run *run, int argc, char **argv)
{
	int status;

	if (!options_parse(&cli_run, run, &argc, &argv, &status))
		return status;
	if (run->save.stream)
		return options_wrong(&cli_run, "-o -: standard output belongs to the program");
	run->arguments = argv;
	run->save.subject = argv[0];
	return CLI_OK;
}

static int run_run(int argc, char **argv)
{
	struct run run = { .when = { .text = "stdin", .input = -1 }, .channel = -1, .terminal = -1,
			   .options.standard_input = UNEXEC_STDIN_OFFSET,
			   .options.directory = HANDOFF_DIRECTORY_UNLIKE_OURS };
	int status = parse_run(&run, argc, argv);

	if (run.arguments) {
		char *program = xstrdup(run.arguments[0]);
		char *name = xasprintf("%s.dump", basename(program));

		if (!run.save.path)
			run.save.path = name;
		run.options.inherited = &run.inherited;
		inherited_list(&run.inherited);
		status = start_watched(&run);
		free(program);
		free(name);
	}
	free(run.options.policies);
	inherited_free(&run.inherited);
	return status;
}

const struct cli_verb cli_run = {
	.name = "run",
	.summary = "start a program and dump it at a given moment",
	.usage = "[--] PROGRAM [ARGUMENT]…",
	.description = "Starts the program, turns it into an executable at a given moment, and ends it.\n",
	.notes = "Without -o, the dump is PROGRAM.dump in the current directory.\n",
	.operand = "PROGRAM",
	.command = true,
	.options = run_options,
	.run = run_run,
};
