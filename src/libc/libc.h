/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is known of the libc in a process.
 */
#ifndef LIBC_LIBC_H
#define LIBC_LIBC_H

#include "capture/capture.h"

/* renewals.c: has the restarter write the new process's values over those of the old one
 * that the program remembers: environ, program_invocation_name, where malloc believes brk to
 * be; and the auxiliary vector at the top of the old stack. Where the former are is looked up
 * in the symbols of the program and its libraries unless `known` says so; 0: not there. */
struct startup_values {
	uint64_t environment, name, short_name, brk;
	uint64_t stack; /* of the first program: where argc is */
};
void libc_add_startup_values(struct capture *capture, const struct startup_values *known,
			  struct report *report);

/* The same for a thread that is about to begin a function like main: its arguments. */
void libc_add_arguments(struct capture *capture, size_t thread);

/* forget.c: has the dump not call what the program itself has given to atexit() and on_exit(). A
 * warning says if libc's list of these functions is not known. */
struct exit_list {
	uint64_t mark, function; /* the library has called __cxa_atexit(function, mark, mark) */
	uint64_t thread_pointer;        /* of the thread that has */
};
void libc_trim_exit_list(struct capture *capture, const struct exit_list *forget,
			      struct report *report);

/* tids.c: makes sure that the threads' tid_address is where libc keeps their TIDs; otherwise it
 * becomes 0, with a warning. */
void libc_settle_tids(struct capture *capture, struct report *report);

/* lock_code.c: the TID that a thread remembers while it takes a lock or gives it back. */
void libc_fixup_lock_code(struct capture *capture);

/* ---- scan.c: words of memory that need a fixup ------------------------------------------- */

/* A block is aligned to its size. The scan also reads this many bytes on both sides of it, so
 * that a lock that straddles its border is seen whole. */
#define LIBC_SCAN_BLOCK 4096
#define LIBC_SCAN_MARGIN 64

struct libc_scan;
struct libc_scan *libc_scan_begin(struct capture *capture, struct report *report);

/* A set of things to look for in memory of that region (NULL: of none); 0: nothing. */
unsigned libc_scan_wanted(const struct libc_scan *scan, const struct region *region);

/* Looks for these. Adds a fixup for each lock that a thread holds. */
void libc_scan_block(struct libc_scan *scan, unsigned wanted, const void *block,
		     uint64_t address);

/* When all memory has been scanned: adds the fixups of the canary, and frees the scan. */
void libc_scan_end(struct libc_scan *scan);

#endif
