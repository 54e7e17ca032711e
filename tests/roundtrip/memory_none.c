/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * PROT_NONE memory keeps its content in two generations, even if it is mapped from the dump's
 * file: protected before the first dump or after its start, touched in between or not.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

#define LENGTH (1UL << 20)

static char *make(int byte)
{
	char *made = mmap(NULL, LENGTH, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(made != MAP_FAILED);
	memset(made, byte, LENGTH);
	return made;
}

static void check_content(char *memory, int byte)
{
	CHECK(!mprotect(memory, LENGTH, PROT_READ));
	for (size_t i = 0; i < LENGTH; i++)
		CHECK_EQUAL(memory[i], byte);
}

int main(void)
{
	const struct roundtrip plain = { 0 };
	char *before, *after, *touched, *first, *again;

	roundtrip_begin();
	before = make(7);
	after = make(8);
	touched = make(9);
	CHECK(!mprotect(before, LENGTH, PROT_NONE));
	first = roundtrip_path("first");
	again = roundtrip_path("again");
	if (roundtrip_dump(first, NULL) != UNEXEC_RESUMED)
		_exit(roundtrip_run(first, &plain));
	CHECK_EQUAL(touched[LENGTH / 2], 9);
	CHECK(!mprotect(after, LENGTH, PROT_NONE) && !mprotect(touched, LENGTH, PROT_NONE));
	if (roundtrip_dump(again, NULL) != UNEXEC_RESUMED)
		_exit(roundtrip_run(again, &plain));
	check_content(before, 7);
	check_content(after, 8);
	check_content(touched, 9);
	return 0;
}
