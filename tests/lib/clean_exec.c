/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs a program with no descriptors above 2 and default signals, even if make, a terminal or
 * a debugger has left descriptors open: clean_exec PROGRAM ARGUMENT…
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "close_from.h"

int main(int argc, char **argv)
{
	sigset_t none;

	if (argc < 2)
		return 99;
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	close_from(3);
	execvp(argv[1], argv + 1);
	perror(argv[1]);
	return 99;
}
