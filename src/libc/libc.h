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
	uint64_t fs_base;        /* of the thread that has */
};
void libc_trim_exit_list(struct capture *capture, const struct exit_list *forget,
			      struct report *report);

/* tids.c: makes sure that the threads' tid_address is where libc keeps their TIDs; otherwise it
 * becomes 0, with a warning. */
void libc_settle_tids(struct capture *capture, struct report *report);

/* lock_code.c: the TID that a thread remembers while it takes a lock or gives it back. */
void libc_fixup_lock_code(struct capture *capture);

#endif
