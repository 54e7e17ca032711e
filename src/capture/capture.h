/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A source of images. Each kind (a frozen copy, later a process by ptrace, a core file)
 * fills in an image and leaves a way to read memory.
 */
#ifndef CAPTURE_CAPTURE_H
#define CAPTURE_CAPTURE_H

#include "image/image.h"
#include "image/report.h"

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

/* ---- Steps that all sources take, when regions and threads are in the image -------------- */

/* vdso_proxy.c: makes the old vDSO, at `vdso`, a bridge; `slots`: those of an earlier dump, or 0.
 * vdso 0: the process has none. */
void capture_build_vdso_proxy(struct capture *capture, uint64_t vdso, uint64_t slots,
			  struct report *report);

/* renewals.c: has the restarter write the new process's values over those of the old one
 * that the program remembers: environ, program_invocation_name, where malloc believes brk to
 * be; and the auxiliary vector at the top of the old stack. Where the former are is looked up
 * in the symbols of the program and its libraries unless `known` says so; 0: not there. */
struct renewals {
	uint64_t environment, name, short_name, brk;
	uint64_t stack; /* of the first program: where argc is */
};
void capture_add_renewals(struct capture *capture, const struct renewals *known,
			  struct report *report);

/* The same for a thread that is about to begin a function like main: its arguments. */
void capture_renew_arguments(struct capture *capture, size_t thread);

/* What the auxiliary vector at the top of the old stack says; 0: nothing. Needs image->mm. */
uint64_t capture_auxv(struct capture *capture, uint64_t type);

/* The end of that vector, where names and strings begin; 0: it is not there. */
uint64_t capture_auxv_end(struct capture *capture);

/* scrub.c: what functions that have returned left on the main stack becomes zero. Comes when
 * the frames of all threads are known. */
void capture_clear_freed_stack(struct capture *capture);

/* So do the strings of arguments and environment; pointers to them lead to empty strings. What
 * the program has copied stays. An error (MAPPING) says that they cannot be found. */
void capture_scrub(struct capture *capture, struct report *report);

/* stack.c: calls visit(context, address, word) for each word of the stack from this stack pointer
 * on; stops at a nonzero return and returns it. -1: it is no stack, or cannot be read. */
int capture_each_on_stack(struct capture *capture, uint64_t stack,
			  int (*visit)(void *context, uint64_t address, uint64_t word),
			  void *context);
/* The region if there is code, or NULL. */
const struct region *capture_code_at(struct capture *capture, uint64_t address);
/* Whether the word is what a signal handler returns to; behind it is the frame of the code that
 * it has interrupted. */
bool capture_returns_from_handler(struct capture *capture, uint64_t word);

/* registers.c: adds to what the image needs the states of vector registers that its threads are
 * in, and mends frames that would not be taken. Needs image->registers; when all frames are
 * known. */
void capture_settle_registers(struct capture *capture, struct report *report);

/* redirect.c: redirects the system calls in which anonymous memory differs from a private mapping
 * of the dump's file to code that stays in the dump. Comes when all regions and the frames of
 * the threads are known. */
void capture_redirect_calls(struct capture *capture, struct report *report);

/* forget.c: has the dump not call what the program itself has given to atexit() and on_exit(). A
 * warning says if libc's list of these functions is not known. */
struct forget {
	uint64_t mark, function; /* the library has called __cxa_atexit(function, mark, mark) */
	uint64_t fs_base;        /* of the thread that has */
};
void capture_forget_functions(struct capture *capture, const struct forget *forget,
			      struct report *report);

/* tids.c: makes sure that the threads' tid_address is where libc keeps their TIDs; otherwise it
 * becomes 0, with a warning. */
void capture_settle_tids(struct capture *capture, struct report *report);

/* lock_code.c: the TID that a thread remembers while it takes a lock or gives it back. */
void capture_fixup_lock_code(struct capture *capture);

/* memory.c: has all private memory be anonymous in the dump, since the program depends on that;
 * a note says why. A region alone gets the flag REGION_ANONYMOUS. */
void capture_need_anonymous(struct capture *capture, struct report *report, const char *why);

/* Decides it in the end: what was asked for counts more. Names what is not as it was. */
void capture_choose_memory(struct capture *capture, enum image_memory asked,
			   struct report *report);

#endif
