/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * With other threads, main and a function as entry are refused by name without an option. The
 * threads are preserved with UNEXEC_THREADS_KEEP and, by default, with UNEXEC_CONTINUE, and
 * dropped with UNEXEC_THREADS_LEAVE, even if a thread other than the main thread dumps.
 */
#define _GNU_SOURCE
#include <dirent.h>

#include "../lib/refuse.h"
#include "threads.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static int turn, threads_expected;
static struct thread helpers[2];
static bool by_helper;
static volatile char *mains; /* memory on main's stack, while it waits */
#define MAINS 65536

static int count_threads(void)
{
	DIR *list = opendir("/proc/self/task");
	int count = -2;

	CHECK(list);
	while (readdir(list))
		count++;
	closedir(list);
	return count;
}

static void *help(void *name)
{
	pthread_setname_np(pthread_self(), name);
	pthread_mutex_lock(&mutex);
	while (!turn)
		pthread_cond_wait(&condition, &mutex);
	pthread_mutex_unlock(&mutex);
	return name;
}

/* Called by all entries. */
static int finish(int argc)
{
	CHECK_EQUAL(argc, 2);
	CHECK_EQUAL(count_threads(), threads_expected);
	pthread_mutex_lock(&mutex);
	turn = 1;
	pthread_cond_broadcast(&condition);
	pthread_mutex_unlock(&mutex);
	for (int i = 0; i < 2 && threads_expected > 1; i++)
		CHECK(thread_join(&helpers[i]) == helpers[i].argument);
	return 40 + threads_expected;
}

static int function(int argc, char **argv, char **envp)
{
	(void)argv, (void)envp;
	/* This is far more stack than the helper has above it. */
	volatile char room[20000];

	memset((char *)room, 1, sizeof(room));
	for (int i = 0; mains && threads_expected > 1 && i < MAINS; i++)
		CHECK_EQUAL(mains[i], 77);
	return finish(argc);
}

static void refuse(struct unexec_options options, const char *path)
{
	struct unexec_report *report = unexec_report_new();

	CHECK_EQUAL(unexec_dump(path, &options, report), UNEXEC_UNSUPPORTED);
	refuse_expect(report, UNEXEC_CODE_THREAD, "first helper", NULL);
	refuse_expect(report, UNEXEC_CODE_THREAD, "second", NULL);
	CHECK_EQUAL(refuse_errors(report), 2 + by_helper);
	CHECK(access(path, F_OK));
	unexec_report_free(report);
}

static void keep(struct unexec_options options, const char *path, enum unexec_threads threads)
{
	options.threads = threads;
	threads_expected = threads == UNEXEC_THREADS_LEAVE ? 1 : 3 + by_helper;
	if (roundtrip_dump(path, &options) == UNEXEC_RESUMED)
		_exit(finish(2));
	CHECK_EQUAL(roundtrip_run(path, &(struct roundtrip){ 0 }), 40 + threads_expected);
	unlink(path);
}

static void *try_all(void *unused)
{
	char *path = roundtrip_path("dump");

	for (int entry = UNEXEC_CONTINUE; entry <= UNEXEC_FUNCTION; entry++) {
		struct unexec_options options = { .size = sizeof(options),
						  .entry = (enum unexec_entry)entry,
						  .function = function };

		if (entry == UNEXEC_CONTINUE) {
			keep(options, path, UNEXEC_THREADS_DEFAULT);
			options.threads = UNEXEC_THREADS_REFUSE;
		}
		refuse(options, path);
		keep(options, path, UNEXEC_THREADS_KEEP);
		keep(options, path, UNEXEC_THREADS_LEAVE);
	}
	free(path);
	return unused;
}

/* Main's own frames lie far down on the stack. */
static void try_in_helper(void)
{
	volatile char room[MAINS];
	struct thread dumper;

	memset((char *)room, 77, sizeof(room));
	mains = room;
	by_helper = true;
	thread_start(&dumper, try_all, NULL);
	thread_join(&dumper);
	mains = NULL;
}

int main(int argc, char **argv)
{
	(void)argv;
	if (unexec_generation())
		return finish(argc);
	roundtrip_begin();
	thread_start_sleeper(&helpers[0], help, (void *)"first helper");
	thread_start_sleeper(&helpers[1], help, (void *)"second");
	try_all(NULL);
	try_in_helper();
	return 0;
}
