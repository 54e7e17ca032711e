/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runtimes of languages that remember their process ID.
 */
#ifndef LIBC_RUNTIMES_H
#define LIBC_RUNTIMES_H

#include "capture/capture.h"

struct runtimes {
	uint32_t id, thread;  /* the process ID, and the index of the thread that has it */
	uint64_t holder_type; /* of Python's objects that hold a running loop; 0: unknown */
};

/* Finds the runtimes in the process. Adds fixups for the variables that hold the ID, and reports a
 * warning if a runtime is known to have some that are not found. */
struct runtimes runtimes_find(struct capture *capture, struct report *report);

/* Adds a fixup for each object in a block of LIBC_SCAN_BLOCK bytes that holds the ID. Reads
 * LIBC_SCAN_MARGIN bytes before it. */
void runtimes_scan(const struct runtimes *runtimes, struct image *image,
		   const unsigned char *block, uint64_t address);

#endif
