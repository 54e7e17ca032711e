/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Recognises in memory what protects a program from being taken over: the stack canary, the
 * pointer guard, and the pointers that glibc has mangled with it. A resumed process gets new
 * ones.
 */
#ifndef CAPTURE_GUARDS_H
#define CAPTURE_GUARDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/capture.h"

struct guards {
	const struct image *image; /* tells what is code, and the program's */
	bool has_canary, has_pointer;
	uint64_t canary, pointer;
	uint32_t zero_byte; /* of the canary; 8: none */
	bool forget;        /* what the program itself has given to atexit() and on_exit() */
};

/* Memory to look at. Words in [first, last) are told what they are; of those before and
 * behind, as far as there are GUARDS_MARGIN, what belongs to a jmp_buf whose program counter
 * is in [first, last). */
struct guards_window {
	const uint64_t *words;
	size_t count;
	size_t first, last;
	uint64_t address; /* of words[0] */
};
#define GUARDS_MARGIN 8

/* What the guards are in the process, if its libc takes them from the random bytes that the
 * kernel gives: glibc and musl do. A note in the report says if that is not so; they have to
 * stay as they are then. */
struct guards capture_guards(struct capture *capture, struct report *report);

/* Calls `found` with PLAN_MEND_CANARY, PLAN_MEND_GUARD, PLAN_MEND_POINTER or PLAN_MEND_FORGET
 * for each word that is one; perhaps more than once. */
void guards_scan(const struct guards_window *window, const struct guards *guards,
		 void (*found)(void *arg, uint64_t address, uint32_t kind), void *arg);

#endif
