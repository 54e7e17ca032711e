/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Blocks of malloc, small and large, are intact after the dump, can be freed and resized, and
 * new ones can be allocated; the arena grows by brk as before.
 */
#define _GNU_SOURCE
#include <malloc.h>
#include <string.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

#define BLOCKS 5000

static unsigned char *blocks[BLOCKS];
static size_t sizes[BLOCKS];

static size_t size_of(int index)
{
	return index % 500 ? (size_t)(index * 37 % 900 + 1) : (size_t)index * 600 + 200000;
}

static void fill(int index)
{
	sizes[index] = size_of(index);
	blocks[index] = malloc(sizes[index]);
	CHECK(blocks[index]);
	memset(blocks[index], index & 255, sizes[index]);
}

static void check(int index)
{
	for (size_t i = 0; i < sizes[index]; i++)
		if (blocks[index][i] != (index & 255))
			CHECK_EQUAL(blocks[index][i], index & 255);
}

static void resize(int index, size_t size)
{
	size_t common = size < sizes[index] ? size : sizes[index];

	blocks[index] = realloc(blocks[index], size);
	CHECK(blocks[index]);
	sizes[index] = common;
	check(index);
	memset(blocks[index], index & 255, size);
	sizes[index] = size;
}

static void check_growth(const void *old_break)
{
	char *grown[400], *top;

	for (int i = 0; i < 400; i++) {
		grown[i] = malloc(100000);
		CHECK(grown[i]);
		memset(grown[i], i, 100000);
	}
	for (int i = 0; i < 400; i++) {
		CHECK(grown[i][0] == (char)i && grown[i][99999] == (char)i);
		free(grown[i]);
	}
	top = sbrk(0);
	CHECK(top >= (char *)old_break);
	CHECK(sbrk(1 << 20) == top);
	memset(top, 7, 1 << 20);
	CHECK(sbrk(0) == top + (1 << 20));
}

static void check_small_break(void)
{
	char *many[2000];

	mallopt(M_MMAP_THRESHOLD, 1 << 30);
	for (int i = 0; i < 2000; i++) {
		many[i] = malloc(20000);
		CHECK(many[i]);
		memset(many[i], i, 20000);
	}
	for (int i = 0; i < 2000; i++)
		CHECK(many[i][19999] == (char)i);
	for (int i = 0; i < 2000; i++)
		free(many[i]);
	malloc_trim(0);
	for (int i = 0; i < BLOCKS; i++)
		check(i);
}

int main(void)
{
	void *old_break;

	roundtrip_begin();
	for (int i = 0; i < BLOCKS; i++)
		fill(i);
	for (int i = 0; i < BLOCKS; i += 3) {
		free(blocks[i]);
		fill(i);
	}
	old_break = sbrk(0);
#ifdef WITHOUT_SET_MM
	roundtrip_cut_with(&(struct roundtrip){ .through = roundtrip_without_set_mm() });
#else
	roundtrip_cut();
#endif
	for (int i = 0; i < BLOCKS; i++)
		check(i);
	for (int i = 0; i < BLOCKS; i += 2)
		resize(i, sizes[i] * 3);
	for (int i = 1; i < BLOCKS; i += 2)
		resize(i, sizes[i] / 2 + 1);
	for (int i = 0; i < BLOCKS; i += 5) {
		free(blocks[i]);
		fill(i);
	}
	check_growth(old_break);
	check_small_break();
	for (int i = 0; i < BLOCKS; i++) {
		check(i);
		free(blocks[i]);
	}
#ifndef WITHOUT_SET_MM
	/* Cached blocks count as used. (If brk has moved, malloc counts the gap too.) */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations" /* mallinfo(), since glibc 2.33 */
	CHECK(mallinfo().uordblks < 4000000);
#pragma GCC diagnostic pop
#endif
	return 0;
}
