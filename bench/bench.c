/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Prints the table of figures: pairs of commands, run in turn, A B A B; medians of their
 * times and of the ratios of the pairs.
 *
 *   bench DIRECTORY PYTHON IMPORTS.PY
 *
 * DIRECTORY has the programs floor, hello, heap and target; dumps are made there.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "../tests/lib/close_from.h"
#include "rows.h"

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
	/* A dump would refuse descriptors that the starter has left open. */
	close_from(3);

	char *heap = join(directory, "heap");
	char *copy = join(directory, "heap.copy");
	const char *floor[] = { join(directory, "floor"), NULL };
	const char *hello[] = { join(directory, "hello"), NULL };
	const char *small[] = { join(directory, "heap-1.dump"), NULL };
	const char *large[] = { join(directory, "heap-1024.dump"), NULL };
	const char *dumped[] = { join(directory, "imports.dump"), NULL };
	const char *own[] = { join(directory, "imports-own.dump"), NULL };
	const char *cold[] = { python, imports, NULL };

	run((const char *[]){ heap, "1", small[0], NULL });
	run((const char *[]){ heap, "1024", large[0], NULL });
	run((const char *[]){ python, imports, dumped[0], NULL });
	run((const char *[]){ python, imports, own[0], "own", NULL });

	printf("%-44s  %11s  %11s  %7s  %7s  %s\n", "A against B", "median A", "median B",
	       "A/B", "goal", "reached");
	row_of_pairs("dump, 1 MB heap / static, no libc", 3.5, 1001, time_to_exit, small, floor);
	row_of_pairs("dump, 1 MB heap / static hello", 0.3, 1001, time_to_exit, small, hello);
	row_of_pairs("dump, 1 GB heap / dump, 1 MB heap", 1.15, 501, time_to_exit, large, small);
	row_of_pairs("dumped python, to its end / cold", 0.05, 51, time_to_exit, dumped, cold);
	row_of_pairs("the same, ending as Python itself / cold", 0.15, 51, time_to_exit, own, cold);
	row_of_pairs("dumped python, to first line / cold", 1.0 / 15, 51, time_to_line, dumped,
		     cold);
	unlink(large[0]);
	row_of_dumping("dumping 1 GB heap / write and fsync of it", 1.5,
		       (const char *[]){ heap, "1024", large[0], copy, "7", NULL });
	unlink(large[0]);
	unlink(small[0]);
	unlink(dumped[0]);
	unlink(own[0]);
	rows_of_outside(directory, python);
	return 0;
}
