/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A source of captures. Each kind (a frozen copy, a process by ptrace, a core file) fills in an
 * image and provides a function that reads memory.
 */
#ifndef CAPTURE_CAPTURE_H
#define CAPTURE_CAPTURE_H

#include "image/image.h"
#include "base/report.h"

struct capture {
	struct image *image;
	/* Reads `length` bytes of the process at `address` into `buffer`, without the image's
	 * patches. Returns 0, or -1 with errno. */
	int (*read)(struct capture *capture, uint64_t address, void *buffer, size_t length);
	void (*free)(struct capture *capture);
	/* errno of a read that must not fail: a search in that memory may be incomplete. */
	int failed;
};

/* Reads memory as the dump shall contain it: the process's bytes with the image's patches,
 * without a debugger's breakpoints. Returns 0, or -1 with errno. */
int capture_read(struct capture *capture, uint64_t address, void *buffer, size_t length);
/* The same for addresses that may not exist. Then it returns -1, and capture->failed is
 * unchanged. */
int capture_peek(struct capture *capture, uint64_t address, void *buffer, size_t length);

/* Calls visit(context, address, word) for each word of the stack, from the stack pointer on.
 * Stops when visit returns nonzero, and returns that value. -1: not a stack, or unreadable. */
int capture_each_on_stack(struct capture *capture, uint64_t stack,
			  int (*visit)(void *context, uint64_t address, uint64_t word),
			  void *context);
/* Returns the region if it is executable, or NULL. */
const struct region *capture_code_at(struct capture *capture, uint64_t address);
/* Returns whether a signal handler returns to the address `word`. The frame of the interrupted
 * code follows the word on the stack. */
bool capture_returns_from_handler(struct capture *capture, uint64_t word);

/* capture_peek as a callback: `context` is the struct capture. */
int capture_peek_at(void *context, uint64_t address, void *buffer, size_t length);

/* Makes all private memory anonymous in the dump, because the program depends on that; a note
 * gives the reason `why`. For a single region, set REGION_ANONYMOUS instead. */
void capture_need_anonymous(struct capture *capture, struct report *report, const char *why);

#endif
