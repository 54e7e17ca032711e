/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Memory stays at any address that the program chose: very low, at the restarter's preferred
 * address, below the libraries, near the top.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

struct place {
	uintptr_t address;
	size_t length;
	char *memory;
};

static struct place places[] = {
	{ 0x10000, 65536, NULL },            /* /proc/sys/vm/mmap_min_addr may refuse it */
	{ 0x400000, 1 << 20, NULL },         /* load address of other programs */
	{ 0x100000000, 4096, NULL },
	{ 0x100000000000, 1 << 20, NULL },   /* the restarter may be here */
	{ 0x100010000000, 64 << 20, NULL },
	{ 0x0fffffff0000, 65536, NULL },
	{ 0x2aaaaaaab000, 4096, NULL },
	{ 0x7ff000000000, 1 << 20, NULL },   /* the kernel may place the stack here */
	{ 0x7fffffff0000 - 0x100000, 4096, NULL },
	{ 0x7ffffffe0000, 4096, NULL },
	{ 0x7fffffffe000, 4096, NULL },      /* the last page */
};
#define PLACES (sizeof(places) / sizeof(places[0]))

static void check(const struct place *place)
{
	if (!place->memory)
		return;
	for (size_t i = 0; i < place->length; i += 4096)
		CHECK_EQUAL(place->memory[i], (char)((place->address >> 12) + (i >> 12)) | 1);
	place->memory[1] = 1;
}

int main(void)
{
	int taken = 0;

	roundtrip_begin();
	for (size_t p = 0; p < PLACES; p++) {
		struct place *place = &places[p];
		char *memory = mmap((void *)place->address, place->length,
				    PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

		if (memory == MAP_FAILED || memory != (char *)place->address)
			continue;
		taken++;
		place->memory = memory;
		for (size_t i = 0; i < place->length; i += 4096)
			memory[i] = (char)((place->address >> 12) + (i >> 12)) | 1;
	}
	fprintf(stderr, "%d places\n", taken);
	CHECK(taken > 6);
	roundtrip_cut();
	for (size_t p = 0; p < PLACES; p++)
		check(&places[p]);
	return 0;
}
