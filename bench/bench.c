/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Prints the table of figures: pairs of commands, run in turn, A B A B; medians of their
 * times and of the ratios of the pairs.
 *
 *   bench DIRECTORY PYTHON IMPORTS.PY
 *
 * DIRECTORY has the programs floor, hello and heap; dumps are made there.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static char *join(const char *directory, const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", directory, name) < 0)
		die("asprintf");
	return path;
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* ---- Commands ------------------------------------------------------------------------ */

/* Starts one with its output in `output`. */
static pid_t start(const char *const *command, int output)
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

static void reap(pid_t child, const char *const *command)
{
	int status;

	if (waitpid(child, &status, 0) != child)
		die("waitpid");
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		fprintf(stderr, "bench: %s failed, wait status 0x%x\n", command[0], status);
		exit(1);
	}
}

static void run(const char *const *command)
{
	reap(start(command, 2), command);
}

/* Seconds from its start until it is reaped. */
static double time_to_exit(const char *const *command)
{
	static int null = -1;
	double begin;

	if (null < 0)
		null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	begin = now();
	reap(start(command, null), command);
	return now() - begin;
}

/* Seconds from its start until the first line of its output is here. */
static double time_to_line(const char *const *command)
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

#define PAIRS_MAX 1001

struct row {
	const char *name;
	double goal; /* the ratio to reach */
	size_t count;
	double a[PAIRS_MAX], b[PAIRS_MAX];
};

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

static void row_print(const struct row *row)
{
	double ratios[PAIRS_MAX], ratio;

	for (size_t i = 0; i < row->count; i++)
		ratios[i] = row->a[i] / row->b[i];
	ratio = median(ratios, row->count);
	printf("%-44s", row->name);
	print_time(median(row->a, row->count));
	print_time(median(row->b, row->count));
	printf("  %7.3f  %7.3f  %s\n", ratio, row->goal, ratio <= row->goal ? "yes" : "NO");
	fflush(stdout);
}

/* A row of two commands: the first of each pair is not counted, it warms the caches. */
static void row_of_pairs(const char *name, double goal, size_t pairs,
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

/* The row whose pairs bench/heap measures itself. */
static void row_of_dumping(const char *name, double goal, const char *const *command)
{
	static struct row row;
	uint64_t a, b;
	int ends[2];
	pid_t child;
	FILE *lines;

	row = (struct row){ .name = name, .goal = goal };
	if (pipe2(ends, O_CLOEXEC))
		die("pipe2");
	child = start(command, ends[1]);
	close(ends[1]);
	lines = fdopen(ends[0], "r");
	if (!lines)
		die("fdopen");
	while (row.count < PAIRS_MAX && fscanf(lines, "%" SCNu64 "%" SCNu64, &a, &b) == 2) {
		row.a[row.count] = (double)a / 1e9;
		row.b[row.count++] = (double)b / 1e9;
	}
	fclose(lines);
	reap(child, command);
	row_print(&row);
}

int main(int argc, char **argv)
{
	char *directory = argv[1], *python = argv[2], *imports = argv[3];

	if (argc != 4)
		return 2;
	/* What whoever started us left open would be refused in a dump. */
	closefrom(3);

	char *heap = join(directory, "heap");
	char *copy = join(directory, "heap.copy");
	const char *floor[] = { join(directory, "floor"), NULL };
	const char *hello[] = { join(directory, "hello"), NULL };
	const char *small[] = { join(directory, "heap-1.dump"), NULL };
	const char *large[] = { join(directory, "heap-1024.dump"), NULL };
	const char *dumped[] = { join(directory, "imports.dump"), NULL };
	const char *cold[] = { python, imports, NULL };

	run((const char *[]){ heap, "1", small[0], NULL });
	run((const char *[]){ heap, "1024", large[0], NULL });
	run((const char *[]){ python, imports, dumped[0], NULL });

	printf("%-44s  %11s  %11s  %7s  %7s  %s\n", "A against B", "median A", "median B",
	       "A/B", "goal", "reached");
	row_of_pairs("dump, 1 MB heap / static, no libc", 3.5, 1001, time_to_exit, small, floor);
	row_of_pairs("dump, 1 MB heap / static hello", 0.3, 1001, time_to_exit, small, hello);
	row_of_pairs("dump, 1 GB heap / dump, 1 MB heap", 1.15, 501, time_to_exit, large, small);
	row_of_pairs("dumped python, to first line / cold", 1.0 / 15, 51, time_to_line, dumped,
		     cold);
	unlink(large[0]);
	row_of_dumping("dumping 1 GB heap / write and fsync of it", 1.5,
		       (const char *[]){ heap, "1024", large[0], copy, "7", NULL });
	unlink(small[0]);
	unlink(dumped[0]);
	return 0;
}
