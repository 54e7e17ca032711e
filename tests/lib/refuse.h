/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Checks for tests of refusals: make an obstacle, check that the dump is refused with the right
 * reason, remove the obstacle, check that the dump is made and runs.
 */
#ifndef TESTS_REFUSE_H
#define TESTS_REFUSE_H

#include "roundtrip.h"

/* Calls unexec_dump for `path`. Ends the test unless it returns UNEXEC_UNSUPPORTED, writes
 * nothing, and leaves an existing file unchanged. Prints the report. */
struct unexec_report *refuse_dump(const char *path);

/* Dumps this process by `unexec dump PID`, with --children=ignore. Ends the test unless that fails
 * and writes nothing. Prints and returns the messages, which the caller frees. */
char *refuse_outside(const char *path);

/* Ends the test unless the report has an error with that code whose text contains all the words
 * (without regard to case; the list ends with NULL; "a|b" means either word). */
void refuse_expect(const struct unexec_report *report, enum unexec_code code, ...)
	__attribute__((sentinel));

/* Returns the number of errors in the report. */
int refuse_errors(const struct unexec_report *report);

/* Dumps without obstacles, starts the dump and waits for its end. Returns in the dump and in
 * the original. */
void refuse_now_works(const char *path);

#endif
