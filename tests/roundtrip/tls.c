/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Thread-local variables of the program, of linked libraries and of libc (errno) keep their
 * values in the thread that continues, and have their initial values in new threads.
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "../lib/roundtrip.h"
#include "../lib/test_library.h"

static __thread int initialised = 11;
static __thread int zero;
static __thread char large[50000];
static __thread int *self = NULL;

static void *check_fresh(void *unused)
{
	(void)unused;
	CHECK_EQUAL(initialised, 11);
	CHECK_EQUAL(zero, 0);
	CHECK_EQUAL(large[49999], 0);
	CHECK_EQUAL(*test_library_local(), 33);
	CHECK(!self);
	initialised = 1000;
	*test_library_local() = 2000;
	return NULL;
}

int main(void)
{
	pthread_key_t key;
	pthread_t thread;

	roundtrip_begin();
	initialised = 12;
	zero = 13;
	memset(large, 14, sizeof(large));
	self = &zero;
	*test_library_local() = 15;
	CHECK_EQUAL(pthread_key_create(&key, NULL), 0);
	CHECK_EQUAL(pthread_setspecific(key, "specific"), 0);
	roundtrip_cut();
	CHECK_EQUAL(initialised, 12);
	CHECK_EQUAL(zero, 13);
	CHECK_EQUAL(large[0], 14);
	CHECK_EQUAL(large[49999], 14);
	CHECK(self == &zero);
	CHECK_EQUAL(*test_library_local(), 15);
	CHECK_STRING(pthread_getspecific(key), "specific");
	errno = 0;
	CHECK(!fopen("/nonexistent/file", "r"));
	CHECK_EQUAL(errno, ENOENT);
	for (int i = 0; i < 3; i++) {
		CHECK_EQUAL(pthread_create(&thread, NULL, check_fresh, NULL), 0);
		CHECK_EQUAL(pthread_join(thread, NULL), 0);
	}
	CHECK_EQUAL(initialised, 12);
	CHECK_EQUAL(*test_library_local(), 15);
	return 0;
}
