/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * closefrom(), which glibc has since 2.34, for tests and benchmarks.
 */
#ifndef TESTS_CLOSE_FROM_H
#define TESTS_CLOSE_FROM_H

#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_close_range
#define SYS_close_range 436 /* since 5.9, the same on all machines */
#endif

static inline void close_from(int first)
{
	syscall(SYS_close_range, first, ~0U, 0);
}

#endif
