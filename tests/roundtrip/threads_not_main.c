/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A thread other than the main thread dumps, from deep in its stack, while the main thread
 * waits for it in pthread_join; both continue in the dump. With ALONE, it is the only thread.
 */
#define _GNU_SOURCE
#include "threads.h"

static char value[] = "joined";
#ifdef ALONE
static const struct unexec_options leave = {
	.size = sizeof(leave), .threads = UNEXEC_THREADS_LEAVE
};
#endif

static long deep(int depth, const struct roundtrip *how)
{
	volatile char room[4096];

	memset((char *)room, depth, sizeof(room));
	if (depth == 0)
		roundtrip_cut_with(how);
	else
		CHECK_EQUAL(deep(depth - 1, how), depth - 1);
	for (unsigned i = 0; i < sizeof(room); i++)
		CHECK_EQUAL(room[i], (char)depth);
	return depth;
}

static void *dump(void *unused)
{
	pthread_t self = pthread_self();

	(void)unused;
	usleep(100000); /* main is in pthread_join by then */
#ifdef ALONE
	deep(1500, &(struct roundtrip){ .options = &leave });
	CHECK_EQUAL(syscall(SYS_gettid), getpid());
	CHECK(pthread_equal(self, pthread_self()));
	_exit(0);
#else
	CHECK_EQUAL(deep(1500, &(struct roundtrip){ .options = &keep_all }), 1500);
	CHECK(pthread_equal(self, pthread_self()));
	CHECK(syscall(SYS_gettid) != getpid());
#endif
	return value;
}

int main(void)
{
	pthread_t thread;
	void *result;

	roundtrip_begin();
	CHECK(!pthread_create(&thread, NULL, dump, NULL));
	CHECK_EQUAL(pthread_join(thread, &result), 0);
	CHECK_EQUAL(unexec_generation(), 1);
	CHECK_STRING(result, "joined");
	CHECK_EQUAL(syscall(SYS_gettid), getpid());
	return 0;
}
