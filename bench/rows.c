/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Commands that are timed in pairs, and the rows that show them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "rows.h"

extern char **environ;

void die(const char *what)
{
	perror(what);
	exit(1);
}

char *join(const char *directory, const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", directory, name) < 0)
		die("asprintf");
	return path;
}

char *find_program(const char *name)
{
	char *path = strdup(getenv("PATH") ? getenv("PATH") : "");

	for (char *at = path, *part; at && (part = strsep(&at, ":"));) {
		char *file = join(part, name);

		if (!access(file, X_OK)) {
			free(path);
			return file;
		}
		free(file);
	}
	free(path);
	return NULL;
}

double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* ---- Commands ------------------------------------------------------------------------ */

pid_t start(const char *const *command, int output)
{
	pid_t child = vfork();

	if (child < 0)
		die("vfork");
	if (child == 0) {
		if (dup2(output, 1) >= 0)
			execve(command[0], (char *const *)command, environ);
		_exit(127);
	}
	return child;
}

void reap(pid_t child, const char *const *command)
{
	int status;

	if (waitpid(child, &status, 0) != child)
		die("waitpid");
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		fprintf(stderr, "bench: %s failed, wait status 0x%x\n", command[0], status);
		exit(1);
	}
}

void run(const char *const *command)
{
	reap(start(command, 2), command);
}

const char *const *shell(const char *format, ...)
{
	const char **command = calloc(4, sizeof(*command));
	va_list arguments;
	char *text;

	va_start(arguments, format);
	if (!command || vasprintf(&text, format, arguments) < 0)
		die("shell");
	va_end(arguments);
	command[0] = "/bin/sh";
	command[1] = "-c";
	command[2] = text;
	return command;
}

double time_to_exit(const char *const *command)
{
	static int null = -1;
	double begin;

	if (null < 0)
		null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	begin = now();
	reap(start(command, null), command);
	return now() - begin;
}

double time_to_line(const char *const *command)
{
	int ends[2];
	double begin, end;
	char buffer[4096];
	ssize_t length;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC))
		die("pipe2");
	begin = now();
	child = start(command, ends[1]);
	close(ends[1]);
	do {
		length = read(ends[0], buffer, sizeof(buffer));
		if (length <= 0)
			die("no line of output");
	} while (!memchr(buffer, '\n', (size_t)length));
	end = now();
	reap(child, command);
	close(ends[0]);
	return end - begin;
}

/* ---- Rows ---------------------------------------------------------------------------- */

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

static double median(const double *values, size_t count)
{
	double sorted[PAIRS_MAX];

	memcpy(sorted, values, count * sizeof(*values));
	qsort(sorted, count, sizeof(*sorted), compare);
	return sorted[count / 2];
}

static void print_time(double seconds)
{
	if (seconds < 1e-3)
		printf("  %8.1f us", seconds * 1e6);
	else if (seconds < 1)
		printf("  %8.2f ms", seconds * 1e3);
	else
		printf("  %8.2f s ", seconds);
}

void row_print(const struct row *row)
{
	double ratios[PAIRS_MAX], ratio;

	for (size_t i = 0; i < row->count; i++)
		ratios[i] = row->a[i] / row->b[i];
	ratio = median(ratios, row->count);
	printf("%-44s", row->name);
	print_time(median(row->a, row->count));
	print_time(median(row->b, row->count));
	printf("  %7.3f", ratio);
	if (row->goal > 0)
		printf("  %7.3f  %s", row->goal, ratio <= row->goal ? "yes" : "NO");
	putchar('\n');
	fflush(stdout);
}

void row_of_pairs(const char *name, double goal, size_t pairs,
			 double (*measure)(const char *const *), const char *const *a,
			 const char *const *b)
{
	static struct row row;

	row = (struct row){ .name = name, .goal = goal, .count = pairs };
	measure(a);
	measure(b);
	for (size_t i = 0; i < pairs; i++) {
		row.a[i] = measure(a);
		row.b[i] = measure(b);
	}
	row_print(&row);
}

void row_skipped(const char *name, const char *reason)
{
	printf("%-44s  skipped: %s\n", name, reason);
	fflush(stdout);
}
