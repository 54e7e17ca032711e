/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The moment at which a program is dumped that was started for it: WHEN of `unexec run`.
 */
#ifndef WHEN_WHEN_H
#define WHEN_WHEN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "arch_code.h"
#include "base/report.h"
#include "ptrace/tracee.h"

enum when_kind { WHEN_STDIN, WHEN_CALL, WHEN_SYSCALL, WHEN_SIGNAL, WHEN_AFTER };

struct when {
	enum when_kind kind;
	const char *text;   /* all of it; the caller's */
	const char *symbol; /* WHEN_CALL: the function */
	long number;        /* WHEN_SYSCALL, WHEN_SIGNAL: which */
	unsigned long nth;  /* WHEN_SYSCALL: which of those calls, from 1 */
	int64_t delay;      /* WHEN_AFTER: nanoseconds */
	int input;          /* a copy of the program's standard input, which when_wait closes
			       if there are others to be had; -1: none */
};

/* Reads "stdin", "call:SYMBOL", "syscall:NAME[:N]", "signal:NAME", "after:SECONDS". 0, or -1
 * with an error (ARGUMENT) in the report. */
int when_parse(struct when *ret, const char *text, struct report *report);

/* From now on the process is traced, and ends if this one does. 0, or -1 with an error. */
int when_seize(pid_t pid, struct report *report);

enum when_outcome {
	WHEN_CAME,
	WHEN_ENDED, /* the program; the status is in ret_status */
	WHEN_FAILED /* with an error in the report; the process has been ended */
};

/* With what a program ends that would have ended with 0, but the moment never came. */
#define WHEN_NEVER_CAME 1

/* Waits for the moment in the program that the seized process will execute, and in those that
 * it executes after that. All threads are held then, before what the moment was told by: the
 * read, the call or the function is still to be done; of the signal nothing is left. Processes
 * that the program forks are not followed. With WHEN_ENDED the program's parent can learn
 * of its end only when when_release has been called. */
enum when_outcome when_wait(struct when *when, pid_t pid, struct tracee *ret_tracee,
			    int *ret_status, struct report *report);
void when_release(pid_t pid);

/* ---- The parts ------------------------------------------------------------------------ */

struct site {
	uint64_t address;
	unsigned char code[ARCH_BREAKPOINT_LENGTH]; /* the program's own */
};

/* What is known of the program while it runs. */
struct watch {
	struct when *when;
	struct report *report;
	pid_t pid;
	int process;        /* a pidfd */
	bool started;       /* the program has been executed */
	bool is_terminal;   /* its standard input, and this is what that is: */
	uint64_t input[3];  /* device, inode, device node; 0 without one */
	unsigned long seen; /* WHEN_SYSCALL: such calls */
	int64_t deadline;   /* WHEN_AFTER */
	bool ended_well;    /* it wanted to end with status 0 */

	/* when_call.c */
	bool found;         /* there is, or was, such a function */
	bool at_entry;      /* the breakpoint is at the program's entry, not at main */
	uint64_t trap[4];   /* what the program does about SIGTRAP: the kernel's struct */
	int mem;
	struct site *sites; /* breakpoints */
	uint64_t *addresses; /* theirs */
	size_t site_count, site_room;
	uint64_t *known;    /* mappings of files with code that have been looked at */
	size_t known_count, known_room;
};

/* A system call that a thread is about to make. */
struct when_entry {
	pid_t tid;
	uint64_t number;
	uint64_t arguments[6];
};

/* when_stdin.c: notes what the program's standard input is. */
void when_note_input(struct watch *watch);
/* Whether the call would wait for standard input. */
bool when_waits_for_input(struct watch *watch, const struct when_entry *entry);

/* when_call.c: a program has been executed; looks for the function. */
void when_new_program(struct watch *watch);
/* The thread has met a breakpoint, and is put back before it. 1: this is the moment, 0: it is
 * not, -1: there was none. */
int when_met_breakpoint(struct watch *watch, pid_t tid);
/* A system call has been made, perhaps one that matters here. */
void when_after_call(struct watch *watch, pid_t tid);
/* The process, which is held, gets back what it does about SIGTRAP. */
void when_restore_trap(struct watch *watch, struct tracee *tracee);
/* Takes breakpoints out of the memory of the process, puts them in. */
void when_clear(struct watch *watch, pid_t pid);
void when_set(struct watch *watch);
void when_free(struct watch *watch);

#endif
