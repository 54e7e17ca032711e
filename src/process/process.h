/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Capture from a process that lies still, through descriptors of its directory in /proc: of
 * a frozen copy that the library has made and that opened them in its own right (no ptrace,
 * no privilege), or of any process that is held by ptrace (pid.c).
 */
#ifndef PROCESS_PROCESS_H
#define PROCESS_PROCESS_H

#include "capture/capture.h"
#include "process/objects.h"
#include "shared/handoff.h"

/* The source and what its parts share. */
struct process {
	struct capture capture; /* first: what callers see */
	struct report *report;
	struct handoff handoff; /* what only the process itself could ask; by pid.c: in its name */
	/* What the handoff has only the addresses of. */
	struct handoff_thread *threads;
	struct handoff_timer *timers;
	struct handoff_policy *policies;
	size_t policy_count;
	int pidfd; /* descriptors are fetched through it; -1: they have been inherited */
	/* Fetches a descriptor where pidfd_getfd is forbidden: -1 with errno. NULL: inherited. */
	int (*fetch_fd)(void *context, int number);
	void *fetch_context;
	struct plan_vdso vdso; /* being put together; whole ones are in the image */
	struct objects objects;  /* of shared memory */
	struct range *excluded;  /* what the library was told to leave out of them */
	size_t excluded_count;
	struct range *resident;  /* pages of theirs that exist, by address, where it is known */
	size_t resident_count;
	bool resident_known;
	struct range *not_dumped; /* with content and MADV_DONTDUMP; see shadows.c */
	size_t not_dumped_count, not_dumped_room;
};

/* Reads a NUL-terminated string of the process; NULL with errno. The caller frees it. */
char *process_read_string(int mem, uint64_t address);

/* Can more of the original be read than what it has opened itself? (proc(5): the files of a process
 * that is not dumpable are root's.) */
bool process_is_readable(const struct process *process);

/* A source with an empty image, and what all its parts need set in it. */
struct process *process_new(const struct handoff *handoff, struct report *report);

#endif
