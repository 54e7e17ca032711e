/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stands in for the unexec program (UNEXEC_TOOL) and runs the real one, $REAL_TOOL, to
 * write its peak of resident memory, in KB, into $MEASURED, or to kill it after
 * $KILL_AFTER microseconds.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	const char *real = getenv("REAL_TOOL"), *measured = getenv("MEASURED");
	const char *kill_after = getenv("KILL_AFTER");
	struct rusage usage;
	int status;
	pid_t pid;

	(void)argc;
	if (!real)
		return 99;
	pid = fork();
	if (pid == 0) {
		execv(real, argv);
		_exit(99);
	}
	if (kill_after) {
		usleep((useconds_t)atoi(kill_after));
		kill(pid, SIGKILL);
	}
	if (wait4(pid, &status, 0, &usage) != pid)
		return 99;
	if (measured) {
		FILE *stream = fopen(measured, "w");

		fprintf(stream, "%ld\n", usage.ru_maxrss);
		fclose(stream);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 98;
}
