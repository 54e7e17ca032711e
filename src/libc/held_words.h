/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Copies of a control-block word that running functions hold. Compiled code loads a word of the
 * thread's control block at an offset from the thread pointer and keeps it in a register or in
 * its frame: the stack canary does so, and libc's locks with the TID.
 */
#ifndef LIBC_HELD_H
#define LIBC_HELD_H

#include "elf/unwind.h"

enum held_what {
	/* Registers that the word was loaded into and stack words that it was stored in, in the
	 * innermost frames that belong to one file: libc's, if the thread is in libc. */
	HELD_ALL,
	/* Stack words that it was stored in and is compared with, in all frames. The canary. */
	HELD_COMPARED
};

struct held;
/* `offset`: of the word from the thread pointer. */
struct held *held_new(struct capture *capture, uint64_t offset, enum held_what what);
void held_free(struct held *held);

struct held_visitor {
	/* A place where a frame of the thread may hold the word, by its function's code: a word
	 * of the stack, or the place where a register is saved. It does if it has the word's
	 * value. */
	void (*found)(void *context, uint64_t address, size_t size);
	/* HELD_COMPARED: memory that holds the word only in places that have been found. It is
	 * the frame of a function whose code is known completely; and, if the innermost function
	 * does not use the word, that function's red zone and the thread's registers. NULL: not
	 * asked. */
	void (*known)(void *context, struct range range);
	void *context;
};

/* Visits the frames of a thread. Returns how many of their functions load the word. */
size_t held_each(struct held *held, const struct plan_thread *thread,
		 const struct held_visitor *visitor);

#endif
