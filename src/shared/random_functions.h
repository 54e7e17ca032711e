/* SPDX-License-Identifier: MIT
 *
 * Libraries' functions that seed random generators. The library finds and calls them in dumps
 * of the program that links it; the unexec program does so for other dumps.
 */
#ifndef SHARED_RANDOM_FUNCTIONS_H
#define SHARED_RANDOM_FUNCTIONS_H

#include <stdbool.h>

/* A start calls each with bytes, their number, and 0.0. A function that draws its own random
 * bytes ignores them. */
struct random_function {
	const char *name;
	bool always;     /* false: the generator reseeds itself if the process ID has changed */
	bool per_thread; /* it seeds only the calling thread's generator */
};
static const struct random_function random_functions[] = {
	{ "RAND_add", false, false },          /* OpenSSL */
	{ "gnutls_rnd_refresh", true, true },  /* GnuTLS: only pthread_atfork() */
};
#define RANDOM_FUNCTIONS (sizeof(random_functions) / sizeof(*random_functions))

#endif
