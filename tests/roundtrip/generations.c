/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A dump can dump itself, twenty generations on, and each is at most 1.05 times as large as the
 * one before.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

#define GENERATIONS 20

static __thread int local = 4;
static int counter;
static char *blocks[1000];

static void *in_thread(void *unused)
{
	CHECK_EQUAL(local, 4);
	return unused;
}

static char *name_of(int generation)
{
	char name[20];

	snprintf(name, sizeof(name), "dump%d", generation);
	return roundtrip_path(name);
}

static void check_state(int generation)
{
	struct timespec now;
	pthread_t thread;
	char expected[20], **argv;
	int argc;

	CHECK_EQUAL(unexec_generation(), generation);
	CHECK_EQUAL(counter, generation);
	CHECK_EQUAL(local, 100 + generation);
	for (int i = 0; i < 1000; i++)
		CHECK(blocks[i][0] == (char)i && blocks[i][(i + 1) * 3 - 1] == (char)i);
	snprintf(expected, sizeof(expected), "argument%d", generation);
	unexec_arguments(&argc, &argv, NULL);
	CHECK_EQUAL(argc, 2);
	CHECK_STRING(argv[1], expected);
	CHECK_STRING(getenv("GENERATION"), expected);
	CHECK(!clock_gettime(CLOCK_MONOTONIC, &now));
	CHECK_EQUAL(pthread_create(&thread, NULL, in_thread, NULL), 0);
	CHECK_EQUAL(pthread_join(thread, NULL), 0);
}

/* Runs in the original of a generation and replaces it by its dump. */
static void go_on(int next)
{
	char *path = name_of(next), argument[20];
	static long long size;
	struct stat status;

	CHECK(!stat(path, &status));
	if (next > 1) {
		CHECK(!stat(name_of(next - 1), &status));
		size = status.st_size;
		CHECK(!stat(path, &status));
		fprintf(stderr, "generation %d: %lld bytes\n", next,
			(long long)status.st_size);
		CHECK(status.st_size * 100 < size * 105);
	}
	snprintf(argument, sizeof(argument), "argument%d", next);
	setenv("GENERATION", argument, 1);
	execl(path, "dump", argument, (char *)NULL);
	CHECK(0);
}

int main(void)
{
	roundtrip_begin();
	local = 100;
	for (int i = 0; i < 1000; i++) {
		blocks[i] = malloc((size_t)(i + 1) * 3);
		memset(blocks[i], i, (size_t)(i + 1) * 3);
	}
	for (int generation = 1; generation <= GENERATIONS; generation++) {
		counter++;
		local++;
		if (roundtrip_dump(name_of(generation), NULL) == UNEXEC_DUMPED)
			go_on(generation);
		check_state(generation);
		for (int i = 0; i < 1000; i += 2) {
			free(blocks[i]);
			blocks[i] = malloc((size_t)(i + 1) * 3);
			memset(blocks[i], i, (size_t)(i + 1) * 3);
		}
	}
	return 0;
}
