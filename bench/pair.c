/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Times two commands in turn, A B A B, and prints a row of the table that bench prints.
 *
 *   pair NAME GOAL PAIRS A… -- B…
 *
 * GOAL is the ratio A/B to reach, 0 for none. The commands are paths, not looked for in PATH.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rows.h"

int main(int argc, char **argv)
{
	long pairs = argc > 3 ? strtol(argv[3], NULL, 10) : 0;
	int split = 4;

	while (split < argc && strcmp(argv[split], "--"))
		split++;
	if (pairs < 1 || pairs > PAIRS_MAX || split == 4 || split + 1 >= argc)
		return 2;
	argv[split] = NULL;
	closefrom(3);
	row_of_pairs(argv[1], strtod(argv[2], NULL), (size_t)pairs, time_to_exit,
		     (const char *const *)argv + 4, (const char *const *)argv + split + 1);
	return 0;
}
