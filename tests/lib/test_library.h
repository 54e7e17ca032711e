/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A small shared library that test programs link with.
 */
#ifndef TESTS_TEST_LIBRARY_H
#define TESTS_TEST_LIBRARY_H

extern int test_library_counter;
int test_library_next(void);        /* returns 1, 2, 3, … */
void test_library_keep(const char *text);
const char *test_library_kept(void);
int *test_library_local(void);      /* thread-local, 33 at first */
void test_library_at_exit(void (*function)(void)); /* given to atexit by the library */

#endif
