/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `unexec run`: starts a program that has never heard of us, and dumps it at the moment that
 * the user names.
 *
 * This process itself becomes the program; a detached process watches it. So whoever started
 * us is the program's parent: the terminal, signals, job control and the exit status need
 * nothing done.
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
#include "sources/pid.h"
#include "when/when.h"
#include "cli/cli.h"
#include "cli/descriptor_options.h"
#include "base/xalloc.h"
#include "cli/save.h"

struct run {
	struct save save;
	struct pid_options options;
	struct when when;
	bool keep;
	int level; /* of the CPUs that the dump shall run on; 0: those like this one */
	char **arguments; /* the program and its own */
	pid_t program;    /* which this process will be */
	int channel;      /* to it: an int, 0 or the exit status */
	int terminal;     /* a copy of standard input, if it is one; or -1 */
	struct termios modes;
};

/* ---- Becoming the program --------------------------------------------------------------- */

/* What is set already is somebody's choice; but tunables may be of other things, and of those
 * for one thing the last counts. */
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

/* As shells do it: 127 for what is not there, 126 for what cannot be executed. */
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

/* Waits until the watching process is ready. */
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
		exit(CLI_FAILED); /* it has been killed */
	close(run->channel);
}

/* We must not hold ends of pipes open, and want nothing of a terminal but its modes. What
 * standard input is, only the first moments of the program need of us. */
static void detach_watcher(struct run *run)
{
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

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

/* Signals of the terminal are the program's; what it does about them is seen. */
static const int signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU };
#define SIGNALS (sizeof(signals) / sizeof(*signals))

static void ignore_signals(struct sigaction old[SIGNALS])
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };

	for (size_t i = 0; i < SIGNALS; i++)
		sigaction(signals[i], &ignore, &old[i]);
}

/* While the dump is made the program is held, and a signal to both of us ends both. */
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

/* Writes the dump from the process, which is held meanwhile also if it goes on later: so the
 * dump is there when the command returns. */
static int dump_program(struct run *run, struct tracee *tracee, struct report *report)
{
	struct capture *capture = pid_capture(tracee, &run->options, report);
	int failed;

	if (run->level)
		image_limit_needs(capture->image, arch_cpu_level_has, run->level);
	/* main() is called by the first thread. */
	if (!report->status && run->when.kind == WHEN_CALL
	    && !strcmp(run->when.symbol, "main"))
		libc_add_arguments(capture, 0);
	failed = report->status || save_capture(&run->save, capture, report);
	capture->free(capture);
	return failed ? CLI_FAILED : CLI_OK;
}

/* The program ends with our status, which is that of the command; or goes on, and ends with
 * its own. */
static int dump_and_end(struct run *run, struct tracee *tracee, struct report *report)
{
	int status = dump_program(run, tracee, report);

	save_end(&run->save);
	if (run->keep) {
		tracee_end(tracee);
		return status;
	}
	restore_terminal_modes(run);
	tracee_exit(tracee, status);
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

/* The watcher is a child of a child, so that the program has none that it does not know. */
static int start_watched(struct run *run)
{
	int channel[2], status;
	pid_t child;

	run->program = getpid();
	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY); /* fails where Yama does not forbid it */
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
	struct run run = { .when = { .text = "stdin", .input = -1 }, .channel = -1, .terminal = -1 };
	int status = parse_run(&run, argc, argv);

	if (run.arguments) {
		char *program = xstrdup(run.arguments[0]);
		char *name = xasprintf("%s.dump", basename(program));

		if (!run.save.path)
			run.save.path = name;
		status = start_watched(&run);
		free(program);
		free(name);
	}
	free(run.options.policies);
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
