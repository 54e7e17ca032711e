/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The functions of test_library.h.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "test_library.h"

int test_library_counter = 3;
static int next;
static char *kept;
static __thread int local = 33;

int test_library_next(void)
{
	return ++next;
}

void test_library_keep(const char *text)
{
	kept = strdup(text);
}

const char *test_library_kept(void)
{
	return kept;
}

int *test_library_local(void)
{
	return &local;
}

void test_library_at_exit(void (*function)(void))
{
	atexit(function);
}
