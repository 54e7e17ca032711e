/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Globals of the program, of libc and of another shared library keep their values.
 */
#define _GNU_SOURCE
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/roundtrip.h"
#include "../lib/test_library.h"

static int initialised = 5, zero, many[100000];
static const char *volatile text = "constant";
int (*pointer)(int) = abs;

int main(void)
{
	int expected[8];

	roundtrip_begin();
	initialised = 6;
	zero = 7;
	for (int i = 0; i < 100000; i++)
		many[i] = i;
	optind = 17;
	srandom(42);
	for (int i = 0; i < 4; i++)
		random();
	test_library_counter = 99;
	CHECK_EQUAL(test_library_next(), 1);
	CHECK_EQUAL(test_library_next(), 2);
	test_library_keep("kept by the library");
	roundtrip_cut();
	CHECK_EQUAL(initialised, 6);
	CHECK_EQUAL(zero, 7);
	for (int i = 0; i < 100000; i++)
		CHECK_EQUAL(many[i], i);
	CHECK_STRING(text, "constant");
	CHECK_EQUAL(pointer(-3), 3);
	CHECK_EQUAL(optind, 17);
	CHECK_EQUAL(test_library_counter, 99);
	CHECK_EQUAL(test_library_next(), 3);
	CHECK_STRING(test_library_kept(), "kept by the library");
	for (int i = 0; i < 8; i++)
		expected[i] = (int)random();
	srandom(42);
	for (int i = 0; i < 4; i++)
		random();
	for (int i = 0; i < 8; i++)
		CHECK_EQUAL(random(), expected[i]);
	return 0;
}
