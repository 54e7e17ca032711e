/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The job in the examples of the manual: sleeps for three seconds in place of a computation,
 * prints that it has begun, and prints the result at the end.
 */
#include <stdio.h>
#include <time.h>

int main(void)
{
	const struct timespec moment = { 0, 10000000 };
	unsigned sum = 0;

	puts("begun");
	fflush(stdout);
	for (unsigned i = 1; i <= 300; i++) {
		sum += i;
		nanosleep(&moment, NULL);
	}
	printf("sum %u\n", sum);
	return 0;
}
