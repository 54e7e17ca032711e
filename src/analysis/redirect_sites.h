/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where in a process's code the system calls are that a dump redirects.
 */
#ifndef ANALYSIS_REDIRECT_SITES_H
#define ANALYSIS_REDIRECT_SITES_H

#include "arch_calls.h"
#include "capture/capture.h"

struct redirect_sites {
	struct arch_call_site *list; /* to be redirected, by address */
	size_t count, room;
	struct arch_call_site *lost; /* cannot be */
	size_t lost_count, lost_room;
};

extern const struct arch_call_numbers redirect_numbers;

/* Looks in all code that is mapped. Of libc, whose other calls have their numbers in them, the
 * function syscall() alone is one that makes any call: its callers may pass any number. */
struct redirect_sites redirect_sites_find(struct capture *capture);
void redirect_sites_free(struct redirect_sites *sites);

#endif
