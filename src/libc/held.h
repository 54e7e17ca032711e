/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What functions that are running hold of the thread's control block: compiled code loads a word
 * of it, at an offset from the thread pointer, and keeps it in a register or in its frame, as it does with
 * the stack canary and as libc's locks do with the TID.
 */
#ifndef LIBC_HELD_H
#define LIBC_HELD_H

#include "elf/unwind.h"

enum held_what {
	/* Registers that the word was loaded into and stack words that it was stored in. Only in
	 * the innermost frames, as far as they are of one file: libc's, if it is in libc. */
	HELD_ALL,
	/* Stack words that it was stored in and is compared with, in all frames: the canary. */
	HELD_COMPARED
};

struct held;
/* `offset`: of the word in the control block. */
struct held *held_new(struct capture *capture, uint64_t offset, enum held_what what);
void held_free(struct held *held);

struct held_visitor {
	/* A place where a frame of the thread may hold the word, by what its function does: a word
	 * of the stack, or where a register has been saved. The value tells whether it still does. */
	void (*found)(void *context, uint64_t address, size_t size);
	/* HELD_COMPARED: memory that holds the word nowhere else than in places that have been
	 * found: a frame whose function is known whole; with the innermost one, if its function has
	 * nothing to do with the word, its red zone and the thread's registers. NULL: not asked. */
	void (*known)(void *context, struct range range);
	void *context;
};

/* Returns how many frames of the thread have a function that loads the word. */
size_t held_each(struct held *held, const struct plan_thread *thread,
		 const struct held_visitor *visitor);

#endif
