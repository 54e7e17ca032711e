/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * By default a dump maps memory lazily, except where a program would see the difference:
 * mergeable memory (KSM), and a little memory without reserve, is anonymous.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

#define LENGTH (64UL << 10)

static char *make(size_t length, int flags)
{
	char *made = mmap(NULL, length + 8192, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

	CHECK(made != MAP_FAILED);
	CHECK(!mprotect(made, 4096, PROT_NONE) && !mprotect(made + 4096 + length, 4096, PROT_NONE));
	memset(made + 4096, 7, length);
	return made + 4096;
}

static bool is_of_file(const char *address)
{
	char *maps = roundtrip_read("/proc/self/maps"), *end;
	unsigned long from, to;

	for (char *line = maps; *line; line = end + 1) {
		end = strchr(line, '\n');
		*end = 0;
		if (sscanf(line, "%lx-%lx ", &from, &to) == 2 && (uintptr_t)address >= from
		    && (uintptr_t)address < to)
			return strchr(line, '/') != NULL;
	}
	CHECK(!"mapped");
	return false;
}

static void check_content(const char *memory)
{
	for (size_t i = 0; i < LENGTH; i++)
		CHECK_EQUAL(memory[i], 7);
}

int main(void)
{
	const struct unexec_options lazy = { .size = sizeof(lazy), .memory = UNEXEC_MEMORY_LAZY };
	const struct roundtrip plain = { 0 };
	char *ordinary, *unreserved, *mergeable, *first, *second;
	bool merged;

	roundtrip_begin();
	ordinary = make(LENGTH, 0);
	unreserved = make(LENGTH, MAP_NORESERVE);
	mergeable = make(LENGTH, 0);
	merged = !madvise(mergeable, LENGTH, MADV_MERGEABLE);
	first = roundtrip_path("first");
	second = roundtrip_path("second");
	if (roundtrip_dump(first, NULL) == UNEXEC_RESUMED) {
		CHECK(is_of_file(ordinary) && !is_of_file(unreserved));
		CHECK_EQUAL(!is_of_file(mergeable), merged);
	} else {
		CHECK_EQUAL(roundtrip_run(first, &plain), 0);
		if (roundtrip_dump(second, &lazy) != UNEXEC_RESUMED)
			_exit(roundtrip_run(second, &plain));
		CHECK(is_of_file(ordinary) && is_of_file(mergeable));
	}
	check_content(ordinary);
	check_content(unreserved);
	check_content(mergeable);
	return 0;
}
