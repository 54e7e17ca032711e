/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A program of any form can be dumped: linked to libunexec statically, not
 * position-independent, loading libunexec with dlopen. Its memory is lazy in the dump, mapped
 * from its file. Built once for each form.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <string.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

#ifdef BY_DLOPEN
/* The program does not link libunexec; the few functions that the frame calls are found in it
 * with dlsym(). */
static void *find(const char *name)
{
	static void *handle;
	void *found;

	if (!handle)
		handle = dlopen(getenv("UNEXEC_LIBRARY") ? getenv("UNEXEC_LIBRARY")
				: roundtrip_built(".libs/libunexec.so.0"), RTLD_NOW);
	CHECK(handle);
	found = dlsym(handle, name);
	CHECK(found);
	return found;
}

int unexec_dump(const char *path, const struct unexec_options *options,
		struct unexec_report *report)
{
	int (*function)(const char *, const struct unexec_options *, struct unexec_report *) =
		find("unexec_dump");

	return function(path, options, report);
}

int unexec_generation(void)
{
	int (*function)(void) = find("unexec_generation");

	return function();
}

const char *unexec_status_name(int status)
{
	const char *(*function)(int) = find("unexec_status_name");

	return function(status);
}

const char *unexec_version(void)
{
	const char *(*function)(void) = find("unexec_version");

	return function();
}
#endif

static int data = 5;
static int *volatile pointer = &data;

/* Does the mapping belong to the file of the dump? */
static bool is_of_dump(const void *address)
{
	char *maps = roundtrip_read("/proc/self/maps"), *place = maps, *line, path[4096];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
	bool found = false;

	CHECK(length > 0);
	path[length] = 0;
	while ((line = strsep(&place, "\n"))) {
		unsigned long start, end;

		if (sscanf(line, "%lx-%lx", &start, &end) == 2 && (unsigned long)address >= start
		    && (unsigned long)address < end)
			found = strstr(line, path) != NULL;
	}
	free(maps);
	return found;
}

int main(void)
{
	char *heap, *maps;

	roundtrip_begin();
	maps = roundtrip_read("/proc/self/maps");
#ifdef STATIC_LIBRARY
	CHECK(!strstr(maps, "libunexec.so"));
#endif
#ifdef NOT_PIE
	CHECK((unsigned long)main < 0x10000000);
#endif
	free(maps);
	heap = strdup("in the heap");
	data = 6;
	CHECK_STRING(unexec_version(), UNEXEC_VERSION);
	roundtrip_cut();
	CHECK_EQUAL(unexec_generation(), 1);
	CHECK_STRING(unexec_version(), UNEXEC_VERSION);
	CHECK_EQUAL(*pointer, 6);
	CHECK_STRING(heap, "in the heap");
	CHECK(is_of_dump(heap));
	for (int i = 0; i < 1000; i++)
		CHECK(malloc(5000));
	return 0;
}
