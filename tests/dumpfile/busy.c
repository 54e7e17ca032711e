/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The program that perf.sh profiles: busy FILE dumps itself; the dump spends half a second in a function
 * of its own and half a second in libc's swab.
 */
#define _GNU_SOURCE
#include <time.h>
#include <unistd.h>

#include <unexec.h>

unsigned busy_function(unsigned number);

static char from[65536], to[65536];

static double processor_time(void)
{
	return (double)clock() / CLOCKS_PER_SEC;
}

__attribute__((noinline)) unsigned busy_function(unsigned number)
{
	for (int i = 0; i < 1000000; i++)
		number = number * 1664525 + 1013904223;
	return number;
}

int main(int argc, char **argv)
{
	volatile unsigned number = 1;
	double start;
	int status;

	if (argc < 2)
		return 2;
	status = unexec_dump(argv[1], NULL, NULL);
	if (status != UNEXEC_RESUMED)
		return status != UNEXEC_DUMPED;
	for (start = processor_time(); processor_time() < start + 0.5;)
		number = busy_function(number);
	for (start = processor_time(); processor_time() < start + 0.5;)
		swab(from, to, sizeof(from));
	return 0;
}
