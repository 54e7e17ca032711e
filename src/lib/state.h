/* SPDX-License-Identifier: MIT
 *
 * What the library remembers from one generation to the next, and the parts it is made of.
 */
#ifndef LIB_STATE_H
#define LIB_STATE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <time.h>

#include <unexec.h>

#include "shared/handoff.h"
#include "shared/proc_maps.h"
#include "shared/plan.h"

struct noted_output {
	bool libcs_choice; /* the mode is what libc chose, not the program */
	bool line_buffered;
};

struct noted_zone {
	char name[64]; /* of TZ, ends in NUL unless it is cut */
	uint64_t device, inode; /* of /etc/localtime where TZ is not set */
	struct timespec changed;
};

#define GENERATORS 8 /* libraries with a random generator, and so copies of one */

/* The whole mutable state of the library: it lies in the program's data and so is part of
 * every dump. */
struct library_state {
	int generation;
	int busy; /* the process that makes a dump: not one that it has forked meanwhile */
	struct boot boot;       /* filled in by the restarter */
	struct handoff handoff; /* read by the writer */

	/* This process's arguments; and where the first program found its own. */
	int argc;
	char **argv, **envp;
	uint64_t first_stack;   /* address of the first program's argc */

	/* How things were when the dump was made: see resume.c. */
	bool stdin_used;
	struct noted_output outputs[3];
	struct noted_zone zone;

	/* Addresses of what takes fresh randomness: random.c. */
	uint64_t generators[GENERATORS];
	uint32_t generator_count;
	uint32_t generator_sometimes; /* the first: where the process ID may be the same */
};
extern struct library_state unexec_library __attribute__((visibility("hidden")));
#define library unexec_library

/* Takes no locks. */
static inline uint64_t page_size(void)
{
	return getauxval(AT_PAGESZ);
}

/* report.c. A report without entries prints errors and warnings on stderr. */
#define REPORT_SUBJECT 1024
struct unexec_report {
	char subject[REPORT_SUBJECT]; /* the path of the dump; empty: none; a long one is cut */
	struct report_entries *entries;
};
/* Empties the report; `subject` may be NULL. */
void report_begin(struct unexec_report *report, const char *subject);
void report_put(struct unexec_report *report, const struct unexec_diagnostic *diagnostic);
/* Adds an error and returns the status that follows from its code. */
int report_fail(struct unexec_report *report, enum unexec_code code, int error,
		const char *text);
enum unexec_status status_of_code(enum unexec_code code);

/* hooks.c */
int hooks_before_dump(void); /* 0, or nonzero: vetoed */
void hooks_after_dump(int status); /* in the original, whatever hooks_before_dump returned */
void hooks_after_resume(void);
/* The writer knows libc's list of functions for exit() by what the first has registered. */
void hooks_mark_exit(struct handoff *handoff);
void hooks_unmark_exit(void);

/* exclude.c. In the original: a status, with an error in the report if a range is not all
 * writable memory of the process alone. In the copy: zeroes the ranges; `maps` is its
 * /proc/self/maps. 0 or -errno. */
uint64_t exclude_first(void); /* address of the first struct handoff_excluded, or 0 */
int exclude_check(struct unexec_report *report);
long exclude_zero(const struct handoff_fds *fds, int maps);

/* policy.c */
uint64_t policy_first(void); /* address of the first struct handoff_policy, or 0 */
void policy_after_resume(void); /* asks the hooks for descriptors */
/* In the copy: lets the writer inherit all descriptors, notes which had FD_CLOEXEC. 0 or
 * -errno. */
long policy_make_inheritable(struct handoff *handoff);

/* random.c. Finds the generators, and seeds them; seeds those in the dump. Locks are taken. True:
 * among them is one that other threads have their own of, which cannot be seeded. */
bool random_prepare(void);
void random_after_resume(void);

/* timers.c. POSIX timers: asks the kernel what they have left. 0 or -errno. */
long timers_prepare(struct handoff *handoff);

/* dontfork.c. Takes the mark MADV_DONTFORK off, 0 or -errno; puts it back, in the original;
 * waits until that is done, in the copy. */
long dontfork_lift(void);
void dontfork_put_back(void);
void dontfork_wait(void);

/* shared.c. Whether it is shared memory that is no file, and so the writer's matter. In the copy:
 * lists the pages of it that exist; `maps` is its /proc/self/maps. 0 or -errno. */
bool shared_is_object(const struct maps_entry *entry);
long shared_find_resident(struct handoff *handoff, int maps);

/* vdso.c. Notes where vDSOs lie: the one that libc knows and, in a dump, the process's own. Is an
 * address in one of them? */
void vdso_note(void);
bool vdso_contains(uint64_t address);

/* copy.c. What only the original can ask the kernel; then a frozen copy of this process,
 * which starts the writer and never returns here: what returns, with `true` in
 * *ret_resumed, is the dump. All signals must be blocked. Returns the copy's pid or
 * -errno. */
void copy_prepare(struct handoff *handoff);
long copy_start(struct handoff *handoff, const char *writer, char **environment,
		bool *ret_resumed);

/* resume.c. What must be done in the dump before the program may go on. */
void resume_prepare(bool others); /* before the dump: flushes stdio, notes what libc decided;
				     with other threads, no lock is waited for */
void resume_note_addresses(struct handoff *handoff); /* of what libc remembers of the process */
void resume_flush_parked(void); /* flushes more, while the other threads are parked */
void resume(void);
/* Calls fn near the top of the first stack, then exit(). If a thread is at home there that is
 * in the dump and not the caller's, calls it on the caller's. */
void resume_call(int (*fn)(int, char **, char **), bool stay) __attribute__((noreturn));
/* The address of main, or NULL. */
int (*resume_find_main(void))(int, char **, char **);

#endif
