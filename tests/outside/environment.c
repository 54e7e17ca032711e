/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Changes its environment as its arguments ask, waits for a line of standard input, and has a
 * child print some variables:
 *
 *   set NAME=VALUE, unset NAME   setenv, unsetenv
 *   put NAME=VALUE               putenv, with memory of the program's own
 *   clear                        clearenv
 *   own                          an array of the program's own
 *   ready                        prints a line
 *   name                         prints the program's names, and runs no child
 *   core                         ends with a core
 *   overwrite                    overwrites the strings of arguments and environment, as programs
 *                                do that show their state in the list of processes
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static char **duplicate(char **from)
{
	size_t count = 0;
	char **to;

	while (from[count])
		count++;
	to = calloc(count + 1, sizeof(*to));
	for (size_t i = 0; i < count; i++)
		to[i] = strdup(from[i]);
	return to;
}

static void overwrite(void)
{
	char *start = environ[0], *end = start;

	for (char **at = environ; *at; at++) {
		end = *at + strlen(*at);
		*at = strdup(*at);
	}
	memset(start, 'x', (size_t)(end - start));
}

static void set(const char *variable)
{
	char *name = strdup(variable), *value = strchr(name, '=');

	*value++ = 0;
	setenv(name, value, 1);
	free(name);
}

static int print_name(void)
{
	char name[16] = "";

	prctl(PR_GET_NAME, name);
	printf("%s %s %s\n", program_invocation_name, program_invocation_short_name, name);
	return 0;
}

int main(int argc, char **argv)
{
	bool name = false;
	char line[100];

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "set"))
			set(argv[++i]);
		else if (!strcmp(argv[i], "unset"))
			unsetenv(argv[++i]);
		else if (!strcmp(argv[i], "put"))
			putenv(strdup(argv[++i]));
		else if (!strcmp(argv[i], "clear"))
			clearenv();
		else if (!strcmp(argv[i], "own"))
			environ = duplicate(environ);
		else if (!strcmp(argv[i], "overwrite"))
			overwrite();
		else if (!strcmp(argv[i], "ready"))
			puts("ready");
		else if (!strcmp(argv[i], "name"))
			name = true;
		else if (!strcmp(argv[i], "core"))
			raise(SIGQUIT);
	}
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin))
		;
	if (name)
		return print_name();
	/* A change after the start must work in any array. */
	setenv("LATER", "1", 1);
	return system("echo A=$A B=$B NEW=$NEW SET=$SET LATER=$LATER") != 0;
}
