/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The unexec program: finds the verb and runs it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <unexec.h>

#include "cli/census.h"
#include "cli/cli.h"
#include "shared/handoff.h"

static const struct cli_verb *const verbs[] = {
	&cli_diff, &cli_dump, &cli_info, &cli_run, &cli_tune, &cli_undump, &cli_verify,
};
#define VERB_COUNT (sizeof(verbs) / sizeof(*verbs))

/* The options that stand in the place of a verb. */
static const struct cli_option own_options[] = {
	{ .name = "help", .help = "print this text; after a verb, its options" },
	{ .name = "version", .help = "print the version" },
	{ .name = NULL },
};

static int print_help(void)
{
	puts("Usage: unexec VERB [OPTION]… ARGUMENT…\n"
	     "Turns processes into executables that resume where the process was.\n");
	for (size_t i = 0; i < VERB_COUNT; i++)
		printf("  %-10s %s\n", verbs[i]->name, verbs[i]->summary);
	putchar('\n');
	options_print(own_options);
	puts("\nSee unexec(1).");
	return CLI_OK;
}

static int print_version(void)
{
	puts("unexec " UNEXEC_VERSION " (libunexec)\n"
	     "GPL-3.0-or-later. The code that it adds to dumps is under the MIT licence. "
	     "No warranty.");
	return CLI_OK;
}

/* `unexec @options`, for completion in shells: verbs and their options, one a line. A line with
 * a verb and no option names the verb's operand. */
static int list_options(void)
{
	options_list("", own_options);
	for (size_t i = 0; i < VERB_COUNT; i++) {
		printf("%s||%s||%s\n", verbs[i]->name, verbs[i]->operand, verbs[i]->summary);
		options_list(verbs[i]->name, verbs[i]->options);
		options_list(verbs[i]->name, options_of_all);
	}
	return CLI_OK;
}

static int run_verb(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;

	if (!name) {
		report_line(NULL, UNEXEC_ERROR, "VERB is missing; try 'unexec --help'");
		return CLI_USAGE;
	}
	if (!strcmp(name, "--help") || !strcmp(name, "-h"))
		return print_help();
	if (!strcmp(name, "--version") || !strcmp(name, "-V"))
		return print_version();
	if (!strcmp(name, "@options"))
		return list_options();
	if (!strcmp(name, "@census"))
		return census_list();
	if (!strcmp(name, HANDOFF_VERB))
		return cli_write(argc - 1, argv + 1);
	for (size_t i = 0; i < VERB_COUNT; i++)
		if (!strcmp(name, verbs[i]->name))
			return verbs[i]->run(argc - 1, argv + 1);
	report_line(NULL, UNEXEC_ERROR, "there is no %s %s; try 'unexec --help'",
		    name[0] == '-' ? "option" : "verb", name);
	return CLI_USAGE;
}

/* Occupies the numbers of standard descriptors that are closed, so that no file opened later
 * gets such a number and receives what is printed. The descriptors open the wrong way, so that
 * their use fails as before, and close on exec, so that other programs find them closed. */
static void hold_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)open("/dev/null",
				   (fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) | O_CLOEXEC);
}

int main(int argc, char **argv)
{
	int status;

	hold_standard_descriptors();
	status = run_verb(argc, argv);

	if (status == CLI_OK && (fflush(stdout) || ferror(stdout))) {
		report_line(NULL, UNEXEC_ERROR, "standard output: %s", strerror(errno));
		return CLI_FAILED;
	}
	return status;
}
