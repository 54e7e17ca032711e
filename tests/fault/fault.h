/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Shared by the test of faults, its subject and the preloaded library.
 */
#ifndef TESTS_FAULT_H
#define TESTS_FAULT_H

#include <stdint.h>

/* The name of a file that all map, in the environment. */
#define FAULT_SHARED "FAULT_SHARED"

/* Not in the environment: there each new value takes memory for good. */
struct fault_shared {
	uint32_t at;    /* which allocation fails, from 1; 0: none */
	uint32_t seen;  /* allocations so far */
	uint32_t armed; /* the subject is in unexec_dump(), or its dump before the end of that */
};

#endif
