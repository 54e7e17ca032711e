/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The stack canary: its value, and which of the words that have this value a start may renew.
 *
 * A word that has the value proves nothing: a program may have copied it, and one process of
 * 256 has it in the bytes of AT_RANDOM. So the canary is renewed only if each word in memory
 * that has its value is known to be one of these:
 *   - the canary of a thread, in its control block;
 *   - a word in a live frame that the frame's function has stored the canary in, and will compare
 *     with it, by its code;
 *   - part of AT_RANDOM's bytes, which the restarter renews for what they are;
 *   - any other word of a live frame whose function is known to have its canary elsewhere, or
 *     none: it is left over or the program's own, and stays as it is;
 *   - below a thread's stack pointer, on a stack that libc has made: nobody reads it.
 * Otherwise the dump keeps the canary that the process had, and a note says why.
 *
 * The pointer guard is always kept. A jmp_buf may lie anywhere in the program's memory, and
 * nothing that libc knows leads to it.
 */
#ifndef LIBC_CANARY_H
#define LIBC_CANARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/capture.h"

struct canary {
	bool known;
	uint64_t value;
	uint32_t zero_byte; /* of the canary; 8: none */
	uint64_t *found;    /* addresses of words that have its value */
	size_t found_count, found_room;
};

/* Finds the value of the canary if libc takes it from the random bytes of the kernel; glibc and
 * musl do. Otherwise the canary stays, and a note says so. */
struct canary canary_find(struct capture *capture, struct report *report);

/* Adds to `found` those of `count` words, the first of which is at `address`, that have the
 * canary's value. */
void canary_scan(struct canary *canary, const uint64_t *words, size_t count, uint64_t address);

/* When all memory has been scanned: adds a mend (CANARY) for each word that is to be renewed, or
 * a note that says why none is. Frees what canary_scan has found. */
void canary_decide(struct canary *canary, struct capture *capture, struct report *report);

#endif
