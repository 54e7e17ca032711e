/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finds the system calls in a process's code that a dump redirects.
 */
#ifndef ANALYSIS_REDIRECT_SITES_H
#define ANALYSIS_REDIRECT_SITES_H

#include "arch_calls.h"
#include "capture/capture.h"

struct redirect_sites {
	struct arch_call_site *list; /* can be redirected; sorted by address */
	size_t count, room;
	struct arch_call_site *lost; /* cannot be redirected */
	size_t lost_count, lost_room;
};

extern const struct arch_call_numbers redirect_numbers;

/* Searches all mapped code. In libc, only the function syscall() is taken for one that makes any
 * call: its callers may pass any number. All other calls of libc contain their numbers. */
struct redirect_sites redirect_sites_find(struct capture *capture);
void redirect_sites_free(struct redirect_sites *sites);

#endif
