/* SPDX-License-Identifier: MIT
 *
 * The library's state, which each generation passes to the next, and its parts.
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

#include "arch_syscall.h"
#include "shared/handoff.h"
#include "shared/proc_maps.h"
#include "shared/plan.h"

struct noted_output {
	bool libcs_choice; /* libc has chosen the mode, not the program */
	bool line_buffered;
};

struct noted_zone {
	char name[64]; /* of TZ; NUL-terminated unless it is truncated */
	uint64_t device, inode; /* of /etc/localtime, if TZ is not set */
	struct timespec changed;
};

#define GENERATORS 8 /* libraries with a random generator; one may be loaded twice */

/* The state that several files use. Like the static variables of each file, it is part of the
 * program's data, and so of every dump. */
struct library_state {
	int generation;
	int busy; /* the PID of the process that makes a dump; a child has another */
	struct boot boot;       /* the restarter fills it in */
	struct handoff handoff; /* the writer reads it */

	/* This process's arguments, and the address of the first program's. */
	int argc;
	char **argv, **envp;
	uint64_t first_stack;   /* address of the first program's argc */

	uint32_t inherited_filters; /* see struct handoff */

	/* State at the time of the dump: see resume.c. */
	bool stdin_used;
	struct noted_output outputs[3];
	struct noted_zone zone;

	/* Addresses of functions that seed random generators: random.c. */
	uint64_t generators[GENERATORS];
	uint32_t generator_count;
	uint32_t generator_sometimes; /* these first ones: only if the PID may be known */
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
	char subject[REPORT_SUBJECT]; /* the dump's path; empty: none; a long one is truncated */
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
void hooks_after_dump(int status); /* in the original, for any result of hooks_before_dump() */
void hooks_after_resume(void);
/* The first function that the library registers identifies libc's list of functions for
 * exit() to the writer. */
void hooks_mark_exit(struct handoff *handoff);
void hooks_unmark_exit(void);

/* exclude.c. In the original: returns a status, with an error in the report if a range is not
 * writable memory of this process alone. In the copy: zeroes the ranges; `maps` is its
 * /proc/self/maps. Returns 0 or -errno. */
uint64_t exclude_first(void); /* address of the first struct handoff_excluded, or 0 */
int exclude_check(struct unexec_report *report);
long exclude_zero(const struct handoff_fds *fds, int maps);

/* policy.c */
uint64_t policy_first(void); /* address of the first struct handoff_policy, or 0 */
void policy_after_resume(void); /* calls the hooks for descriptors */
/* In the copy: lets the writer inherit all descriptors and records their FD_CLOEXEC. Returns
 * 0 or -errno. */
long policy_make_inheritable(struct handoff *handoff);

/* random.c. Finds generators and seeds them, before and after a dump. Takes locks. Returns
 * true if other threads have generators of their own, which cannot be seeded. */
bool random_prepare(void);
void random_after_resume(void);

/* filters.c. Counts the seccomp filters of this process: they are its starter's. */
void filters_note(void);

/* inherited.c. Hands over which descriptors are the starter's; lists those of a new start. */
void inherited_prepare(struct handoff *handoff);
void inherited_after_resume(void);

/* timers.c. Reads the remaining time of POSIX timers. Returns 0 or -errno. */
long timers_prepare(struct handoff *handoff);

/* dontfork.c. Removes MADV_DONTFORK, returns 0 or -errno; restores it, in the original;
 * waits for that, in the copy. */
long dontfork_lift(void);
void dontfork_put_back(void);
void dontfork_wait(void);

/* shared.c. Is it shared memory without a file, which the writer reads? In the copy: lists
 * its existing pages; `maps` is its /proc/self/maps. Returns 0 or -errno. */
bool shared_is_object(const struct maps_entry *entry);
long shared_find_resident(struct handoff *handoff, int maps);

/* vdso.c. Records the addresses of vDSOs: the one that libc knows and, in a dump, the
 * process's own. Does one of them contain an address? */
void vdso_note(void);
bool vdso_contains(uint64_t address);

/* copy.c. Reads state that only the original can read. Then makes a frozen copy of this
 * process, which starts the writer and never returns here. Only the dump returns, with
 * `true` in *ret_resumed. All signals must be blocked. Returns the copy's PID or -errno. */
void copy_prepare(struct handoff *handoff);
long copy_start(struct handoff *handoff, const char *writer, char **environment,
		bool *ret_resumed);

/* resume.c. Prepares a dump, and completes it at its start. resume_prepare() flushes stdio and
 * records libc's choices; with other threads, it waits for no lock. */
void resume_prepare(bool others);
void resume_note_addresses(struct handoff *handoff); /* of libc's variables */
void resume_note_input(struct handoff *handoff);
void resume_flush_parked(void); /* flushes more, while other threads are parked */
void resume(void);
/* Calls fn near the top of the first stack, then exit(). With `stay`, calls it on the
 * caller's stack: another thread of the dump uses the first. */
void resume_call(int (*fn)(int, char **, char **), bool stay) __attribute__((noreturn));
/* The address of main, or NULL. */
int (*resume_find_main(void))(int, char **, char **);

#endif
