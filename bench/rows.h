/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Commands that are timed in pairs, and the rows of the table that show them.
 */
#ifndef BENCH_ROWS_H
#define BENCH_ROWS_H

#include <stddef.h>
#include <sys/types.h>

void die(const char *what) __attribute__((noreturn));
char *join(const char *directory, const char *name);
/* In PATH; NULL if there is none. */
char *find_program(const char *name);
double now(void); /* seconds */

/* Starts a command, a list that ends with NULL, with its output in `output`. */
pid_t start(const char *const *command, int output);
/* Waits for its end; ends this program if it failed. */
void reap(pid_t child, const char *const *command);
void run(const char *const *command);
/* A command for the shell, of printf's format. */
const char *const *shell(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Return the seconds from its start until it is reaped, or until its first line of output. */
double time_to_exit(const char *const *command);
double time_to_line(const char *const *command);

#define PAIRS_MAX 1001

struct row {
	const char *name;
	double goal; /* the ratio to reach; 0 for none */
	size_t count;
	double a[PAIRS_MAX], b[PAIRS_MAX];
};

void row_print(const struct row *row);
void row_skipped(const char *name, const char *reason);

/* A row of two commands: the first of each pair is not counted, it warms the caches. */
void row_of_pairs(const char *name, double goal, size_t pairs,
		  double (*measure)(const char *const *), const char *const *a,
		  const char *const *b);

/* outside.c: the rows of programs that do not use libunexec. */
void rows_of_outside(const char *directory, const char *python);

#endif
