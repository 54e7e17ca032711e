/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Threads that call setuid and setgid all the time are not disturbed, in the original and in
 * the dump, although for these calls libc sends every thread the signal that parking uses.
 */
#define _GNU_SOURCE
#include "threads.h"

#define CHANGERS 2
#define OTHERS 6
#define DUMPS 60

static volatile int stop;
static volatile long changes;
static pthread_t threads[CHANGERS + OTHERS];

static void *change(void *unused)
{
	while (!stop) {
		CHECK(!setgid(getgid()));
		CHECK(!setuid(getuid()));
		__atomic_add_fetch(&changes, 1, __ATOMIC_SEQ_CST);
	}
	return unused;
}

static void *sleep_and_spin(void *unused)
{
	while (!stop) {
		for (volatile int i = 0; i < 10000; i++)
			;
		usleep(100);
	}
	return unused;
}

static void go_on(int count)
{
	long before = changes;

	for (int i = 0; changes < before + count; i++) {
		CHECK(i < 5000);
		usleep(1000);
	}
}

static void finish(void)
{
	stop = 1;
	for (int i = 0; i < CHANGERS + OTHERS; i++)
		CHECK_EQUAL(pthread_join(threads[i], NULL), 0);
}

int main(void)
{
	char *path;

	roundtrip_begin();
	path = roundtrip_path("dump");
	for (int i = 0; i < CHANGERS + OTHERS; i++)
		CHECK(!pthread_create(&threads[i], NULL, i < CHANGERS ? change : sleep_and_spin,
				      NULL));
	for (int i = 0; i < DUMPS; i++) {
		go_on(3);
		if (roundtrip_dump(path, &keep_all) == UNEXEC_RESUMED) {
			go_on(20);
			finish();
			return 0;
		}
		if (i % 3 == 0)
			CHECK_EQUAL(roundtrip_run(path, &(struct roundtrip){ 0 }), 0);
	}
	finish();
	return 0;
}
