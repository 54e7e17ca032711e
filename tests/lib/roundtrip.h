/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The frame of every roundtrip test: set up, cut, check. At the cut the process dumps itself
 * into a private directory and starts the dump; code after the cut runs only in the start. Its
 * exit status becomes the test's: 0, 1, or 77 to skip.
 */
#ifndef TESTS_ROUNDTRIP_H
#define TESTS_ROUNDTRIP_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

#include <unexec.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Ends the test unless the condition holds. */
#define CHECK(condition) \
	((condition) ? (void)0 : roundtrip_fail(__FILE__, __LINE__, #condition))

/* Ends the test, and prints both integers, unless they are equal. */
#define CHECK_EQUAL(a, b) \
	roundtrip_equal(__FILE__, __LINE__, #a " == " #b, (long long)(a), (long long)(b))

/* Ends the test, and prints both strings, unless they are equal. */
#define CHECK_STRING(a, b) roundtrip_same(__FILE__, __LINE__, #a " is " #b, (a), (b))

__attribute__((noreturn)) void roundtrip_fail(const char *file, int line, const char *text);
void roundtrip_equal(const char *file, int line, const char *text, long long a, long long b);
void roundtrip_same(const char *file, int line, const char *text, const char *a,
		    const char *b);

/* Ends the test as skipped. */
__attribute__((noreturn)) void roundtrip_skip(const char *why);

/* Must be called first. Continues in a child with no descriptors above 2, empty standard input,
 * default signals and a private directory. The parent waits for the child, kills it and all
 * processes that it started when the time is up, and removes the directory. Does nothing in a
 * dump. */
void roundtrip_begin(void);

/* In seconds; may be changed before roundtrip_begin(). */
extern unsigned roundtrip_time_limit;

/* Options for making and starting a dump. Zero means the default. */
struct roundtrip {
	const struct unexec_options *options;
	const char *const *through;   /* words before the command: "setarch", "-R" */
	const char *const *arguments; /* the dump's; default: its path, "resumed" */
	const char *const *environment; /* the dump's; default: unchanged */
	void (*prepare)(void);          /* called in the child that starts the dump */
};

/* The cut, which returns only in the dump. With UNEXEC_TEST_BY_PID in the environment, the
 * program `unexec dump` dumps the process; it gets only the options `memory` and `children`. */
void roundtrip_cut(void);
void roundtrip_cut_with(const struct roundtrip *how);

/* The parts of a cut, for tests that need more than one.
 *
 * roundtrip_path: returns the name of a file in the private directory. Owned by the caller.
 * roundtrip_built: does the same for the build directory.
 * roundtrip_dump: calls unexec_dump and ends the test if it fails.
 * roundtrip_start: returns the PID of a new process that runs the dump.
 * roundtrip_wait: returns its exit status, or 128 + the signal that ended it. */
char *roundtrip_path(const char *name);
char *roundtrip_built(const char *name);
int roundtrip_dump(const char *path, const struct unexec_options *options);
pid_t roundtrip_start(const char *path, const struct roundtrip *how);
int roundtrip_wait(pid_t pid);
int roundtrip_run(const char *path, const struct roundtrip *how);

/* Return the content of a file, or all data from a descriptor, followed by a NUL. */
char *roundtrip_read(const char *path);
char *roundtrip_drain(int fd);

/* Makes a system call fail with EPERM in this process from now on. Returns nonzero if the
 * filter cannot be installed. */
int roundtrip_forbid(int number);

/* Returns the wrapper command, of one argument, that refuses prctl(PR_SET_MM), for
 * `through`. */
const char *const *roundtrip_without_set_mm(void);

#ifdef __cplusplus
}
#endif

#endif
