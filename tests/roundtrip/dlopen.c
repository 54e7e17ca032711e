/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Modules that dlopen loaded before the dump work after it, with their globals and
 * their thread-local variables; new ones can be loaded, searched and closed.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>

#include "../lib/roundtrip.h"

typedef int (*function)(void);

static void *load(const char *name)
{
	void *handle = dlopen(roundtrip_built(name), RTLD_NOW | RTLD_LOCAL);

	if (!handle)
		fprintf(stderr, "%s\n", dlerror());
	CHECK(handle);
	return handle;
}

static function find(void *handle, const char *name)
{
	function found = (function)dlsym(handle, name);

	CHECK(found);
	return found;
}

static void *check_new_thread(void *handle)
{
	CHECK_EQUAL(find(handle, "module_touched")(), 1001);
	CHECK_EQUAL(find(handle, "module_untouched")(), 2001);
	return NULL;
}

int main(void)
{
	void *old, *new, *math;
	function next, touched;
	double (*cosine)(double);
	pthread_t thread;

	roundtrip_begin();
	old = load("tests/lib/.libs/module_one.so");
	next = find(old, "module_next");
	touched = find(old, "module_touched");
	CHECK_EQUAL(next(), 1);
	CHECK_EQUAL(touched(), 1001);
	CHECK_EQUAL(touched(), 1002);
	roundtrip_cut();
	CHECK_EQUAL(next(), 2);
	CHECK_EQUAL(touched(), 1003);
	CHECK(find(old, "module_touched") == touched);
	CHECK_EQUAL(find(old, "module_untouched")(), 2001);
	CHECK_EQUAL(pthread_create(&thread, NULL, check_new_thread, old), 0);
	CHECK_EQUAL(pthread_join(thread, NULL), 0);
	CHECK(dlopen(roundtrip_built("tests/lib/.libs/module_one.so"), RTLD_NOW) == old);
	new = load("tests/lib/.libs/module_two.so");
	CHECK_EQUAL(find(new, "module_next")(), 1);
	CHECK_EQUAL(find(new, "module_touched")(), 1001);
	CHECK_EQUAL(next(), 3);
	CHECK_EQUAL(dlclose(new), 0);
	CHECK_EQUAL(dlclose(old), 0);
	CHECK_EQUAL(dlclose(old), 0);
	CHECK(!dlopen(roundtrip_built("tests/lib/.libs/module_one.so"),
		      RTLD_NOW | RTLD_NOLOAD));
	math = dlopen("libm.so.6", RTLD_NOW);
	CHECK(math);
	cosine = (double (*)(double))dlsym(math, "cos");
	CHECK(cosine && cosine(0) == 1);
	CHECK(!dlopen("/nonexistent.so", RTLD_NOW) && dlerror());
	return 0;
}
