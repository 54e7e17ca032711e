/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A process that does not run, as a source of captures. It is read through descriptors of its
 * directory in /proc: those of a frozen copy, which the library has made and which has opened
 * them with its own rights (no ptrace, no privilege), or of any process that is held by ptrace
 * (sources/pid.c).
 */
#ifndef PROCESS_PROCESS_H
#define PROCESS_PROCESS_H

#include "capture/capture.h"
#include "process/inherited.h"
#include "process/objects.h"
#include "shared/handoff.h"

/* The source, and the state that its parts share. */
struct process {
	struct capture capture; /* first: callers see only this */
	struct report *report;
	const char *dump; /* its path; NULL: unknown, or a stream */
	struct handoff handoff; /* facts that only the process itself can query; pid.c
				 * queries them by system calls in the process */
	/* Copies of lists, of which the handoff has the addresses. */
	struct handoff_thread *threads;
	struct handoff_timer *timers;
	struct handoff_queued *queued;
	struct handoff_policy *policies;
	size_t policy_count;
	struct inherited inherited;
	int pidfd; /* a pidfd to fetch descriptors through; -1: the descriptors have been
		    * inherited */
	/* Fetches a descriptor where pidfd_getfd is forbidden; -1 with errno. NULL if
	 * descriptors have been inherited. */
	int (*fetch_fd)(void *context, int number);
	void *fetch_context;
	struct plan_vdso vdso; /* as collected so far; complete ones go into the image */
	struct objects objects;  /* of shared memory */
	struct range *excluded;  /* ranges of shared memory that the program has excluded */
	size_t excluded_count;
	struct range *resident;  /* existing pages of shared memory, sorted by address, if
				  * known */
	size_t resident_count;
	bool resident_known;
	struct range *not_dumped; /* memory with content and MADV_DONTDUMP; see shadows.c */
	size_t not_dumped_count, not_dumped_room;
};

/* The thread's TID in /proc, which can differ from the TID that the process itself sees. */
static inline uint32_t process_task(const struct handoff_thread *thread)
{
	return thread->task ? thread->task : thread->tid;
}

/* Reads a NUL-terminated string of the process; NULL with errno. The caller frees it. */
char *process_read_string(int mem, uint64_t address);

/* Can files of the original in /proc be opened, besides those that it has opened itself? If a
 * process is not dumpable, they belong to root (proc(5)). */
bool process_is_readable(const struct process *process);

/* Makes a source with an empty image. */
struct process *process_new(const struct handoff *handoff, struct report *report);

#endif
