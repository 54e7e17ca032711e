/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A dump runs if address space randomisation is off (setarch -R, gdb) at the dump, at the
 * start, at both or at neither.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <string.h>
#include <sys/personality.h>
#include <time.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

struct node {
	struct node *next;
	int value;
};

static void fixed(void)
{
	if (personality(ADDR_NO_RANDOMIZE) < 0)
		_exit(77);
}

static void random_again(void)
{
	if (personality(0) < 0)
		_exit(77);
}

static void *in_thread(void *argument)
{
	return (char *)argument + 1;
}

static int use_stack(int depth)
{
	volatile char frame[1024];

	frame[depth] = 1;
	return depth ? use_stack(depth - 1) + frame[depth] : 0;
}

static void check_all(struct node *list)
{
	struct timespec now;
	pthread_t thread;
	void *result;

	for (int i = 9999; i >= 0; i--, list = list->next)
		CHECK_EQUAL(list->value, i);
	CHECK(!list);
	CHECK(!clock_gettime(CLOCK_MONOTONIC, &now));
	CHECK_EQUAL(pthread_create(&thread, NULL, in_thread, NULL), 0);
	CHECK_EQUAL(pthread_join(thread, &result), 0);
	CHECK_EQUAL((long)result, 1);
	CHECK(dlopen("libm.so.6", RTLD_NOW));
	CHECK_EQUAL(use_stack(1000), 1000);
	CHECK_STRING(getenv("STARTED"), "yes");
	CHECK_EQUAL(system("exit 0"), 0);
}

static void dump_self(void)
{
	static const char *const environment[] = { "STARTED=yes", "PATH=/usr/bin:/bin", NULL };
	char *dump = roundtrip_path("dump");
	struct node *list = NULL;

	for (int i = 0; i < 10000; i++) {
		struct node *node = malloc(sizeof(*node));

		*node = (struct node){ list, i };
		list = node;
	}
	if (roundtrip_dump(dump, NULL) == UNEXEC_RESUMED) {
		check_all(list);
		_exit(42);
	}
	for (int i = 0; i < 5; i++) {
		CHECK_EQUAL(roundtrip_run(dump, &(struct roundtrip){
			.environment = environment, .prepare = fixed }), 42);
		CHECK_EQUAL(roundtrip_run(dump, &(struct roundtrip){
			.environment = environment, .prepare = random_again }), 42);
	}
	_exit(0);
}

int main(int argc, char **argv)
{
	static const char *const words[] = { "again", "dump", NULL };
	int status;

	(void)argv;
	roundtrip_begin();
	if (argc > 1)
		dump_self();
	status = roundtrip_run("/proc/self/exe", &(struct roundtrip){
		.arguments = words, .prepare = fixed });
	if (status == 77)
		roundtrip_skip("personality is refused");
	CHECK_EQUAL(status, 0);
	CHECK_EQUAL(roundtrip_run("/proc/self/exe", &(struct roundtrip){
		.arguments = words, .prepare = random_again }), 0);
	return 0;
}
