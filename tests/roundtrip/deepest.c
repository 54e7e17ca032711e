/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A dump can be made at the deepest point that the stack has ever reached, anywhere in a page.
 */
#define _GNU_SOURCE
#include <alloca.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

#define STEPS 17

/* Dumps 32 KB and a part of a page below the previous dump's depth. */
__attribute__((noinline)) static int dump_below(const char *path, int step)
{
	size_t size = (size_t)(step + 1) * 32768 + (size_t)step * 256;
	volatile char *room = alloca(size);

	/* Write every byte, from the top down as a stack grows. */
	for (size_t i = size; i > 0; i--)
		room[i - 1] = (char)(step + 1);
	if (roundtrip_dump(path, NULL) == UNEXEC_DUMPED)
		return 0;
	for (size_t i = 0; i < size; i++)
		if (room[i] != (char)(step + 1))
			CHECK_EQUAL(room[i], step + 1);
	return 42;
}

int main(void)
{
	char *path;

	roundtrip_begin();
	path = roundtrip_path("dump");
	for (int step = 0; step < STEPS; step++) {
		if (dump_below(path, step))
			_exit(42);
		CHECK_EQUAL(roundtrip_run(path, &(struct roundtrip){ 0 }), 42);
	}
	return 0;
}
