/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Random generators of a process that has no library in it: which there are, and whether they
 * can be seeded in each start before the process goes on. (Where there is one, it does that:
 * src/lib/random.c.)
 */
#ifndef LIBC_GENERATORS_H
#define LIBC_GENERATORS_H

#include "arch_tool.h"
#include "capture/capture.h"

#define GENERATORS_MAX 8

struct generators {
	size_t count;
	size_t sometimes; /* the first, which are called where the process ID may be the same */
	uint64_t seed[GENERATORS_MAX]; /* functions that take random bytes */
	const char *names[GENERATORS_MAX]; /* of their files; the image's */
	uint64_t random; /* where random bytes are that each start has anew */
};

/* What there is that can be called before the process goes on; `states` are those of its
 * threads. It can where the one thread holds no lock of the generator's nor of malloc's: it
 * waits or is in the midst of code that has no such thing, and no signal handler's frame nor
 * one of the generator's is on its stack. Otherwise a warning says what that means, and there
 * is nothing. */
struct generators generators_find(struct capture *capture,
				     const struct arch_thread_state *states,
				     struct report *report);

#endif
