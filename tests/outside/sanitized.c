/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Makes one mistake, chosen by the first letter of its input, after it has read that: h, f, g
 * (memory), u (uninitialised), r (two threads). The preparation is done before.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char global[16];
static volatile int shared;

static void *touch(void *argument)
{
	shared++;
	return argument;
}

int main(void)
{
	volatile char *block = malloc(100), *freed = malloc(64);
	volatile int *unset = malloc(64);
	pthread_t thread;
	char letter = 0;
	int seen = 0;

	block[99] = 1;
	free((char *)freed);
	if (read(0, &letter, 1) != 1)
		return 1;
	if (letter == 'h')
		seen = block[100];
	if (letter == 'f')
		seen = freed[3];
	if (letter == 'g')
		seen = global[letter - 'g' + 16 + block[98]];
	if (letter == 'u' && unset[5])
		seen = 1;
	if (letter == 'r' && !pthread_create(&thread, NULL, touch, NULL)) {
		shared++;
		pthread_join(thread, NULL);
	}
	printf("the end %d\n", seen);
	return 0;
}
