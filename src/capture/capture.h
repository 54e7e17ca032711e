/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A source of images. Each kind (a frozen copy, later a process by ptrace, a core file)
 * fills in an image and leaves a way to read memory.
 */
#ifndef CAPTURE_CAPTURE_H
#define CAPTURE_CAPTURE_H

#include "image/image.h"
#include "base/report.h"

struct capture {
	struct image *image;
	/* Reads `length` bytes of the process at `address` into `buffer`. 0, or -1 with errno.
	 * Patches (image->patches) are not applied. */
	int (*read)(struct capture *capture, uint64_t address, void *buffer, size_t length);
	void (*free)(struct capture *capture);
	/* The errno of a read that had to succeed: whoever looked for something there may have
	 * overlooked it. */
	int failed;
};

/* Reads into `buffer` what the dump shall hold there: the process's bytes, with the image's
 * patches and without a debugger's breakpoints. 0, or -1 with errno. */
int capture_read(struct capture *capture, uint64_t address, void *buffer, size_t length);
/* The same where there may be nothing: -1 then, and no failure. */
int capture_peek(struct capture *capture, uint64_t address, void *buffer, size_t length);

/* Calls visit(context, address, word) for each word of the stack from this stack pointer
 * on; stops at a nonzero return and returns it. -1: it is no stack, or cannot be read. */
int capture_each_on_stack(struct capture *capture, uint64_t stack,
			  int (*visit)(void *context, uint64_t address, uint64_t word),
			  void *context);
/* The region if there is code, or NULL. */
const struct region *capture_code_at(struct capture *capture, uint64_t address);
/* Whether the word is what a signal handler returns to; behind it is the frame of the code that
 * it has interrupted. */
bool capture_returns_from_handler(struct capture *capture, uint64_t word);

/* capture_peek for those who want a function: `context` is the struct capture. */
int capture_peek_at(void *context, uint64_t address, void *buffer, size_t length);

/* Has all private memory be anonymous in the dump, since the program depends on that;
 * a note says why. A region alone gets the flag REGION_ANONYMOUS. */
void capture_need_anonymous(struct capture *capture, struct report *report, const char *why);

#endif
