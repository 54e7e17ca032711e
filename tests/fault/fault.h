/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Memory that the test of faults shares with its subject and with the preloaded library.
 */
#ifndef TESTS_FAULT_H
#define TESTS_FAULT_H

#include <stdint.h>

/* The environment variable with the name of the file that all of them map. */
#define FAULT_SHARED "FAULT_SHARED"

/* These are not environment variables, because each new value there takes memory for good. */
struct fault_shared {
	uint32_t at;    /* number of the allocation that fails, from 1; 0: none */
	uint32_t seen;  /* allocations so far */
	uint32_t armed; /* the subject, or its dump, has not yet returned from unexec_dump() */
};

#endif
