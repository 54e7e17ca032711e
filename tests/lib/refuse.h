/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * For tests of refusals: make an obstacle, check that the dump is refused with the right
 * reason, remove the obstacle, check that the dump is made and runs.
 */
#ifndef TESTS_REFUSE_H
#define TESTS_REFUSE_H

#include "roundtrip.h"

/* Calls unexec_dump for `path`; ends the test unless it is refused as UNEXEC_UNSUPPORTED,
 * nothing was written, and an existing file is unchanged. The report is printed. */
struct unexec_report *refuse_dump(const char *path);

/* Ends the test unless there is an error of that code whose text has all the words
 * (case does not matter; the list ends with NULL; "a|b" is one or the other). */
void refuse_expect(const struct unexec_report *report, enum unexec_code code, ...)
	__attribute__((sentinel));

/* Returns the number of errors in it. */
int refuse_errors(const struct unexec_report *report);

/* A dump without obstacles: made, started, ended. Returns in the dump and the original. */
void refuse_now_works(const char *path);

#endif
