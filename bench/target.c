/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A process to be dumped from outside: target MEGABYTES idle|busy. It has that much filled
 * memory. When it is ready, it prints a line. Busy, it reads the clock in a loop, and for each
 * SIGUSR1 prints the longest gap since the last one, in nanoseconds.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t asked;

static void ask(int number)
{
	(void)number;
	asked = 1;
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static uint64_t *fill(size_t megabytes)
{
	size_t count = (megabytes << 20) / sizeof(uint64_t);
	uint64_t *memory = malloc(count * sizeof(*memory)), value = 1;

	if (!memory)
		exit(1);
	for (size_t i = 0; i < count; i++) {
		value = value * UINT64_C(6364136223846793005) + 1;
		memory[i] = value;
	}
	return memory;
}

static void watch_clock(void)
{
	uint64_t last = now(), longest = 0;

	for (;;) {
		uint64_t time = now();

		longest = time - last > longest ? time - last : longest;
		last = time;
		if (!asked)
			continue;
		asked = 0;
		printf("%" PRIu64 "\n", longest);
		fflush(stdout);
		longest = 0;
		last = now();
	}
}

int main(int argc, char **argv)
{
	uint64_t *memory;

	if (argc != 3)
		return 2;
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* sent at its parent's end */
	signal(SIGUSR1, ask);
	memory = fill(strtoul(argv[1], NULL, 10));
	puts("ready");
	fflush(stdout);
	if (strcmp(argv[2], "busy") == 0)
		watch_clock();
	for (;;)
		pause();
	free(memory);
}
