/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A program to be linked in every way: it keeps data in memory, makes the kernel write a core,
 * and continues.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void)
{
	char *kept = malloc(1000), *more;

	strcpy(kept, "kept");
	raise(SIGABRT);
	more = malloc(500000);
	memset(more, 1, 500000);
	/* Allocated by brk, not by mmap. */
	more = malloc(100000);
	memset(more, 2, 100000);
	printf("%s %s\n", kept, getenv("WHEN"));
	return 0;
}
