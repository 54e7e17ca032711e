/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Dumps and starts, thousands of times, and nothing may grow: cycles FILE COUNT [chain].
 * Either one process dumps itself again and again and starts each dump, or, with "chain", each
 * dump is started in the place of the process that made it, and makes the next.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <unexec.h>

#define CHECK(condition) \
	((condition) ? (void)0 : wrong(#condition, __LINE__))

/* In the first rounds, libc may still allocate. */
#define WARM 10

struct amounts {
	long descriptors, mappings, pages, threads, size;
};

static struct amounts early;
static const char *path;
static long count, cycle;
static bool chain;
static int ends[2];
static char *block;

__attribute__((noreturn)) static void wrong(const char *what, int line)
{
	fprintf(stderr, "cycle %ld: line %d: check failed: %s (%s)\n", cycle, line, what,
		strerror(errno));
	_exit(1);
}

/* ---- Amounts that may not grow ----------------------------------------------------------- */

static long count_entries(const char *name)
{
	DIR *directory = opendir(name);
	long entries = -2; /* . and .. */

	CHECK(directory);
	while (readdir(directory))
		entries++;
	closedir(directory);
	return entries;
}

static long count_lines(const char *name)
{
	FILE *stream = fopen(name, "re");
	long lines = 0;

	CHECK(stream);
	for (int c; (c = getc(stream)) != EOF;)
		lines += c == '\n';
	fclose(stream);
	return lines;
}

static struct amounts look(void)
{
	struct amounts now = {
		.descriptors = count_entries("/proc/self/fd"),
		.mappings = count_lines("/proc/self/maps"),
		.threads = count_entries("/proc/self/task"),
	};
	FILE *stream = fopen("/proc/self/statm", "re");
	struct stat file;

	CHECK(stream && fscanf(stream, "%ld", &now.pages) == 1);
	fclose(stream);
	CHECK(!stat(path, &file));
	now.size = (long)file.st_blocks / 2;
	return now;
}

static void show(const struct amounts *now)
{
	printf("cycle %ld: %ld descriptors, %ld mappings, %ld threads, %ld KB, file of %ld KB\n",
	       cycle, now->descriptors, now->mappings, now->threads, now->pages * 4,
	       now->size);
	fflush(stdout);
}

static void compare(void)
{
	/* Each start keeps the strings of arguments and environment of those before it. */
	const long kept = chain ? cycle - WARM : 0;
	struct amounts now;

	if (cycle < WARM)
		return;
	if (cycle == WARM) {
		early = look();
		show(&early);
	}
	if (cycle % 50 && cycle != count)
		return;
	now = look();
	if (cycle % 1000 == 0 || cycle == count)
		show(&now);
	CHECK(now.descriptors == early.descriptors && now.threads == early.threads);
	CHECK(now.mappings <= early.mappings + kept + 2); /* a stack may have grown, or a heap */
	CHECK(now.pages <= early.pages + 4 * kept + 64);
	CHECK(now.size <= early.size + 16 * kept + 256);
	CHECK(waitpid(-1, NULL, WNOHANG | __WALL) < 0 && errno == ECHILD);
}

/* ---- Cycles ------------------------------------------------------------------------------ */

static void check_dump(void)
{
	char byte = 'a';
	char *more = malloc(100000);

	CHECK(more && !strcmp(block, "still here"));
	memset(more, 1, 100000);
	free(more);
	CHECK(write(ends[1], &byte, 1) == 1 && read(ends[0], &byte, 1) == 1 && byte == 'a');
}

static void start_and_wait(void)
{
	int status;
	pid_t pid = vfork();

	if (!pid) {
		execl(path, path, (char *)NULL);
		_exit(1);
	}
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0);
}

/* Returns only to continue with the next cycle. */
static void one(void)
{
	int status = unexec_dump(path, NULL, NULL);

	CHECK(status >= 0);
	check_dump();
	if (status == UNEXEC_RESUMED && !chain)
		_exit(0);
	if (status == UNEXEC_DUMPED && chain) {
		execl(path, path, (char *)NULL);
		wrong("execl", __LINE__);
	}
	if (!chain)
		start_and_wait();
}

static void *wait_for_ever(void *argument)
{
	for (;;)
		pause();
	return argument;
}

int main(int argc, char **argv)
{
	pthread_t thread;

	if (argc < 3)
		return 2;
	path = strdup(argv[1]);
	count = atol(argv[2]);
	chain = argc > 3;
	block = strdup("still here");
	CHECK(!pipe(ends) && !pthread_create(&thread, NULL, wait_for_ever, NULL));
	for (cycle = 1; cycle <= count; cycle++) {
		one();
		compare();
	}
	return 0;
}
