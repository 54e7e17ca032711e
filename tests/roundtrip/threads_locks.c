/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Threads that are parked while they hold the lock of malloc, the dynamic linker or stdio block
 * neither the dump nor its report nor the resume; they release the locks in the original and in
 * the dump.
 */
#define _GNU_SOURCE
#include <dlfcn.h>

#include "threads.h"

#define EACH 3
#define DUMPS 12

static volatile int stop;
static char *module;
static FILE *file;

static void *use_malloc(void *unused)
{
	while (!stop) {
		void *blocks[50];

		for (int i = 0; i < 50; i++)
			blocks[i] = malloc((size_t)(i * i * 100 + 1));
		for (int i = 0; i < 50; i++)
			free(blocks[i]);
	}
	return unused;
}

static void *use_linker(void *unused)
{
	while (!stop) {
		void *handle = dlopen(module, RTLD_NOW);

		CHECK(handle);
		CHECK(!dlsym(handle, "there is no such symbol"));
		dlclose(handle);
	}
	return unused;
}

static void *use_stdio(void *unused)
{
	while (!stop) {
		fprintf(stderr, "%s", "");
		fprintf(file, "%d %s\n", 4711, "some text to fill a buffer");
	}
	return unused;
}

static void *hold_stderr(void *unused)
{
	while (!stop) {
		flockfile(stderr);
		usleep(3000);
		funlockfile(stderr);
		usleep(100);
	}
	return unused;
}

static void *use_time(void *unused)
{
	while (!stop) {
		time_t now = time(NULL);
		struct tm local;

		setenv("SOME_NAME", "value", 1);
		localtime_r(&now, &local);
		tzset();
	}
	return unused;
}

static void *(*const kinds[])(void *) = { use_malloc, use_linker, use_stdio, hold_stderr,
					  use_time };
#define KINDS (int)(sizeof(kinds) / sizeof(kinds[0]))
static pthread_t threads[KINDS][EACH];

static void finish(void)
{
	stop = 1;
	for (int kind = 0; kind < KINDS; kind++)
		for (int i = 0; i < EACH; i++)
			CHECK_EQUAL(pthread_join(threads[kind][i], NULL), 0);
	free(malloc(100));
	fprintf(stderr, "end\n");
}

int main(void)
{
	char *path, *tool;

	roundtrip_begin();
	tool = strdup(getenv("UNEXEC_TOOL"));
	path = roundtrip_path("dump");
	module = roundtrip_built("tests/lib/.libs/module_one.so");
	file = fopen(roundtrip_path("text"), "w");
	CHECK(file && dlopen(module, RTLD_NOW));
	for (int kind = 0; kind < KINDS; kind++)
		for (int i = 0; i < EACH; i++)
			CHECK(!pthread_create(&threads[kind][i], NULL, kinds[kind], NULL));
	for (int i = 0; i < DUMPS; i++) {
		const struct unexec_options refuse_all = { .size = sizeof(refuse_all),
							   .threads = UNEXEC_THREADS_REFUSE };

		if (roundtrip_dump(path, &keep_all) == UNEXEC_RESUMED) {
			usleep(20000);
			finish();
			return 0;
		}
		CHECK_EQUAL(roundtrip_run(path, &(struct roundtrip){ 0 }), 0);
		/* A refused dump, which reports on stderr. */
		CHECK(unexec_dump(path, &refuse_all, NULL) < 0);
		/* A dump that fails in the copy. */
		setenv("UNEXEC_TOOL", "/no/such/program", 1);
		CHECK(unexec_dump(path, &keep_all, NULL) < 0);
		setenv("UNEXEC_TOOL", tool, 1);
	}
	finish();
	return 0;
}
