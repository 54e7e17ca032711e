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

#include "cli/cli.h"
#include "shared/handoff.h"

static const struct verb {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help; /* NULL: not for people */
} verbs[] = {
	{ "dump", cli_dump, "write a running process as an executable" },
	{ "info", cli_info, "say what is inside a dump" },
	{ "run", cli_run, "start a program and write it at a certain moment" },
	{ "tune", cli_tune, "run a dump and have it start faster" },
	{ "undump", cli_undump, "make a dump of a core file" },
	{ "verify", cli_verify, "find out whether a dump is whole and can run here" },
	{ HANDOFF_VERB, cli_write, NULL },
};
#define VERB_COUNT (sizeof(verbs) / sizeof(*verbs))

static int help(void)
{
	puts("Usage: unexec VERB ARGUMENT…\n"
	     "Makes processes into executables that start already started.\n");
	for (size_t i = 0; i < VERB_COUNT; i++)
		if (verbs[i].help)
			printf("  %-10s %s\n", verbs[i].name, verbs[i].help);
	puts("\n  --help     this text; after a verb, its own\n"
	     "  --version  the version\n"
	     "\n"
	     "See unexec(1).");
	return CLI_OK;
}

static int version(void)
{
	puts("unexec " UNEXEC_VERSION " (libunexec)\n"
	     "GPL-3.0-or-later; what it puts into dumps is under the MIT licence. No warranty.");
	return CLI_OK;
}

static int run(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;

	if (!name) {
		fputs("unexec: what to do? Try 'unexec --help'\n", stderr);
		return CLI_USAGE;
	}
	if (!strcmp(name, "--help") || !strcmp(name, "-h"))
		return help();
	if (!strcmp(name, "--version") || !strcmp(name, "-V"))
		return version();
	for (size_t i = 0; i < VERB_COUNT; i++)
		if (!strcmp(name, verbs[i].name))
			return verbs[i].run(argc - 1, argv + 1);
	fprintf(stderr, "unexec: no %s '%s'; try 'unexec --help'\n",
		name[0] == '-' ? "option" : "verb", name);
	return CLI_USAGE;
}

/* No file that is opened here gets the number of a standard descriptor that is closed, and
 * with it what is printed. Using what takes its place fails as before; programs that are
 * started find it closed. */
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
	status = run(argc, argv);

	if (status == CLI_OK && (fflush(stdout) || ferror(stdout))) {
		fprintf(stderr, "unexec: standard output: %s\n", strerror(errno));
		return CLI_FAILED;
	}
	return status;
}
