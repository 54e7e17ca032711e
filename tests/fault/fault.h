/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the test of faults and its two helpers agree on.
 */
#ifndef TESTS_FAULT_H
#define TESTS_FAULT_H

#include <stdint.h>

/* The name of a file that all map, in the environment. */
#define FAULT_SHARED "FAULT_SHARED"

/* What shall fail, and what was seen. Not in the environment: there each new value takes
 * memory for good, and the process that is dumped is to stay as large as it is. */
struct fault_shared {
	uint32_t at;   /* which occurrence fails, from 1; 0: none */
	uint32_t call; /* the system call's number */
	int32_t error; /* its errno */
	uint32_t seen; /* occurrences so far */
	uint32_t skip; /* the helper cannot work here */
};

#endif
