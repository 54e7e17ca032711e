/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is known of the libc in a process.
 */
#ifndef LIBC_LIBC_H
#define LIBC_LIBC_H

#include "arch_tool.h"
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

/* ---- threads.c: what is known of each thread ---------------------------------------------- */

/* The words of a thread's control block. The block may end where memory does: words after that
 * are zero. False: nothing can be read there. */
#define LIBC_BLOCK_WORDS 384
bool libc_read_block(struct capture *capture, uint64_t address,
		     uint64_t words[LIBC_BLOCK_WORDS]);

struct libc_thread_search {
	/* The source has clear_child_tid and robust_list of all threads from the kernel; 0: there is
	 * none, or, without CONFIG_CHECKPOINT_RESTORE, it is not known. Otherwise the source has
	 * neither. */
	bool from_kernel;
	/* Of the diagnostics about what is not found. */
	enum unexec_severity missing;
	enum unexec_code code;
};

/* For each thread of the image, whose thread pointer and TID are there: sets tid_address, with a
 * fixup, and clear_child_tid and robust_list if the source does not know them. All regions must
 * be in the image. */
void libc_find_threads(struct capture *capture, const struct libc_thread_search *source,
		       struct report *report);

/* rseq.c: the same of the area for restartable sequences, if the kernel has not reported it.
 * `states`: of the threads, in the order of image->threads; `code`: of a note that says that
 * it cannot be found. */
void libc_find_rseq(struct capture *capture, const struct arch_thread_state *states,
		    enum unexec_code code, struct report *report);

/* ---- Locks ------------------------------------------------------------------------------- */

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
