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

/* A condition that must hold. */
#define CHECK(condition) \
	((condition) ? (void)0 : roundtrip_fail(__FILE__, __LINE__, #condition))

/* Two integers that must be the same; says what they are. */
#define CHECK_EQUAL(a, b) \
	roundtrip_equal(__FILE__, __LINE__, #a " == " #b, (long long)(a), (long long)(b))

/* Two strings that must be the same. */
#define CHECK_STRING(a, b) roundtrip_same(__FILE__, __LINE__, #a " is " #b, (a), (b))

__attribute__((noreturn)) void roundtrip_fail(const char *file, int line, const char *text);
void roundtrip_equal(const char *file, int line, const char *text, long long a, long long b);
void roundtrip_same(const char *file, int line, const char *text, const char *a,
		    const char *b);

/* Ends the test as skipped. */
__attribute__((noreturn)) void roundtrip_skip(const char *why);

/* To be called first. Goes on in a child with no descriptors above 2, standard input empty,
 * default signals and a private directory; the parent waits for it, ends it and all that it
 * started when the time is up, and removes the directory. Does nothing in a dump. */
void roundtrip_begin(void);

/* In seconds; may be changed before. */
extern unsigned roundtrip_time_limit;

/* Options for making and starting a dump. Zero means the default. */
struct roundtrip {
	const struct unexec_options *options;
	const char *const *through;   /* words put before the command: "setarch", "-R" */
	const char *const *arguments; /* of the dump; default: its path, "resumed" */
	const char *const *environment; /* of the dump; default: as it is */
	void (*prepare)(void);          /* called in the child that starts the dump */
};

/* The cut: returns in the dump only. With UNEXEC_TEST_BY_PID in the environment the process
 * does not dump itself but has `unexec dump` do it; of the options, only `memory` and `children` count then. */
void roundtrip_cut(void);
void roundtrip_cut_with(const struct roundtrip *how);

/* The parts of a cut, for tests that need more than one.
 *
 * roundtrip_path: the name of a file in the private directory. Owned by the caller.
 * roundtrip_built: the same for the directory of the build.
 * roundtrip_dump: unexec_dump that ends the test if it fails.
 * roundtrip_start: the pid of a new process that runs the dump.
 * roundtrip_wait: its exit status, or 128 + the signal that ended it. */
char *roundtrip_path(const char *name);
char *roundtrip_built(const char *name);
int roundtrip_dump(const char *path, const struct unexec_options *options);
pid_t roundtrip_start(const char *path, const struct roundtrip *how);
int roundtrip_wait(pid_t pid);
int roundtrip_run(const char *path, const struct roundtrip *how);

/* The content of a file, or all data from a descriptor, followed by a NUL. */
char *roundtrip_read(const char *path);
char *roundtrip_drain(int fd);

/* A system call fails with EPERM in this process from now on. Returns nonzero if no filter can be
 * installed. */
int roundtrip_forbid(int number);

/* The one-argument wrapper that refuses prctl(PR_SET_MM): a value for `through`. */
const char *const *roundtrip_without_set_mm(void);

#ifdef __cplusplus
}
#endif

#endif
