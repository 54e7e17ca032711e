/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The stack canary: finds its value, and the words that a start may replace by a new canary.
 *
 * The value alone proves nothing: a program may have copied it, and one process in 256 has it in
 * the bytes of AT_RANDOM. So the canary is replaced only if each word in memory that has its
 * value is known to be one of these:
 *   - the canary of a thread, in its control block;
 *   - a word in a live frame that the frame's function stores the canary in and, by its code,
 *     will compare with it;
 *   - part of AT_RANDOM's bytes, which the restarter replaces anyway;
 *   - another word of a live frame whose function is known to keep its canary elsewhere or to
 *     have none: the word is stale or the program's own, and is left unchanged;
 *   - a word below a thread's stack pointer, on a stack that libc has made: nobody reads it.
 * Otherwise the dump keeps the process's canary, and a note gives the reason.
 *
 * The pointer guard is always kept: a jmp_buf may lie anywhere in the program's memory, and libc
 * has no list of them.
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
	uint32_t zero_byte; /* index of its byte that is always zero; 8: none */
	uint64_t *found;    /* addresses of words that have its value */
	size_t found_count, found_room;
};

/* Finds the canary's value if libc derives it from the kernel's random bytes, as glibc and musl
 * do. Otherwise the canary is kept, and a note says so. */
struct canary canary_find(struct capture *capture, struct report *report);

/* Adds the addresses of the words that have the canary's value to `found`. words[0] is at
 * `address`. */
void canary_scan(struct canary *canary, const uint64_t *words, size_t count, uint64_t address);

/* When all memory has been scanned: adds a fixup (CANARY) for each word that a start replaces,
 * or reports a note that says why it replaces none. Frees `found`. */
void canary_decide(struct canary *canary, struct capture *capture, struct report *report);

#endif
