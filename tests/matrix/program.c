/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A small program with one of everything: memory, thread-local storage, threads, a mutex, a
 * buffered file, a handler: program LINES [DUMP]. The file LINES has two lines, "first" and
 * "second". Dumps itself to DUMP; the dump checks all of it and prints 42. Without that it waits
 * for standard input, to be dumped from outside.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <unexec.h>

#define CHECK(condition) ((condition) ? (void)0 : wrong(#condition))
#define BLOCKS 1000

static __thread int own = 1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int turns, go_on;
static volatile sig_atomic_t signals;
static char *blocks[BLOCKS];

static void wrong(const char *what)
{
	printf("wrong: %s (errno %d)\n", what, errno);
	exit(1);
}

static void count(int number)
{
	(void)number;
	signals = signals + 1;
}

/* Waits through the dump. */
static void *turn(void *argument)
{
	own = *(int *)argument;
	CHECK(!pthread_mutex_lock(&lock));
	turns++;
	while (!go_on)
		pthread_cond_wait(&changed, &lock);
	turns--;
	pthread_mutex_unlock(&lock);
	CHECK(own == *(int *)argument);
	return argument;
}

static void fill(void)
{
	for (int i = 0; i < BLOCKS; i++) {
		size_t size = (size_t)(i % 100 + 1) * (i % 97 ? 16 : 4096);

		blocks[i] = malloc(size);
		CHECK(blocks[i]);
		memset(blocks[i], i, size);
	}
}

static void check_memory(void)
{
	for (int i = 0; i < BLOCKS; i++) {
		CHECK((unsigned char)blocks[i][0] == (unsigned char)i);
		blocks[i] = realloc(blocks[i], (size_t)(i % 100 + 1) * 8192);
		CHECK(blocks[i] && (unsigned char)blocks[i][15] == (unsigned char)i);
	}
	for (int i = 0; i < BLOCKS; i++)
		free(blocks[i]);
	CHECK(own == 7);
}

static void check_threads(pthread_t *threads)
{
	static int number = 3;
	pthread_t another;
	void *result;

	CHECK(!pthread_mutex_lock(&lock));
	CHECK(turns == 2);
	go_on = 1;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
	for (int i = 0; i < 2; i++)
		CHECK(!pthread_join(threads[i], &result) && *(int *)result == i + 1);
	CHECK(!pthread_create(&another, NULL, turn, &number));
	CHECK(!pthread_join(another, NULL) && turns == 1 - 1);
}

static void check_kernel(FILE *file)
{
	struct timespec before, after;
	char text[16] = "";

	raise(SIGUSR1);
	CHECK(signals == 1);
	CHECK(!clock_gettime(CLOCK_MONOTONIC, &before) && !clock_gettime(CLOCK_MONOTONIC, &after));
	CHECK(after.tv_sec >= before.tv_sec && time(NULL) > 0);
	CHECK(fgets(text, sizeof(text), file) && !strcmp(text, "second\n"));
	fclose(file);
	CHECK(getpid() > 0 && unexec_generation() <= 1);
}

static void dump(const char *path)
{
	struct unexec_options options = { .size = sizeof(options) };
	int status;

	if (!path) {
		getchar();
		return;
	}
	status = unexec_dump(path, &options, NULL);
	if (status != UNEXEC_RESUMED)
		exit(status < 0);
}

int main(int argc, char **argv)
{
	static int numbers[] = { 1, 2 };
	pthread_t threads[2];
	FILE *file = fopen(argc > 1 ? argv[1] : "/lines", "re");
	char text[16];

	CHECK(file && fgets(text, sizeof(text), file) && !strcmp(text, "first\n"));
	own = 7;
	signal(SIGUSR1, count);
	fill();
	for (int i = 0; i < 2; i++)
		CHECK(!pthread_create(&threads[i], NULL, turn, &numbers[i]));
	for (int waiting = 0; waiting < 2;) {
		pthread_mutex_lock(&lock);
		waiting = turns;
		pthread_mutex_unlock(&lock);
	}
	dump(argc > 2 ? argv[2] : NULL);
	check_memory();
	check_threads(threads);
	check_kernel(file);
	printf("42\n");
	return 0;
}
