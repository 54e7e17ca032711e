/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The moment at which `unexec run` dumps a program that it has started: WHEN.
 */
#ifndef WHEN_WHEN_H
#define WHEN_WHEN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "arch_code.h"
#include "base/report.h"
#include "ptrace/tracee.h"

enum when_kind { WHEN_STDIN, WHEN_CALL, WHEN_SYSCALL, WHEN_SIGNAL, WHEN_AFTER, WHEN_NEVER };

struct when {
	enum when_kind kind;
	const char *text;   /* the whole WHEN; owned by the caller */
	const char *symbol; /* WHEN_CALL: the function */
	long number;        /* WHEN_SYSCALL, WHEN_SIGNAL: its number */
	unsigned long nth;  /* WHEN_SYSCALL: the count of the call, from 1 */
	int64_t delay;      /* WHEN_AFTER: nanoseconds */
	int input;          /* a copy of the program's standard input; -1: none. when_wait closes
			       it if it can get copies itself */
};

/* Parses "stdin", "call:SYMBOL", "syscall:NAME[:N]", "signal:NAME" or "after:SECONDS". 0, or -1
 * with an error (ARGUMENT) in the report. */
int when_parse(struct when *ret, const char *text, struct report *report);

/* Starts to trace the process, which ends if this one does. 0, or -1 with an error. */
int when_seize(pid_t pid, struct report *report);

enum when_outcome {
	WHEN_CAME,
	WHEN_ENDED, /* the program has ended; the status is in ret_status */
	WHEN_FAILED /* with an error in the report; the process has been ended */
};

/* The exit status of a program that would have exited with 0 although there is no dump. */
#define WHEN_NEVER_CAME 1

/* Waits for the moment in the program that the seized process will execute, and in programs
 * that it executes later. All threads are then held, before the event: the read, the system
 * call or the function has not run yet; the signal is discarded. Processes that the program
 * forks are not followed. With WHEN_ENDED, the program's parent can learn of its end only after
 * when_release. */
enum when_outcome when_wait(struct when *when, pid_t pid, struct tracee *ret_tracee,
			    int *ret_status, struct report *report);
void when_release(pid_t pid);

/* Follows the program from the moment to its end, if no dump was made: it does not exit with 0.
 * Returns its wait status. */
int when_follow(pid_t pid, struct report *report);

/* ---- The parts ------------------------------------------------------------------------ */

struct site {
	uint64_t address;
	unsigned char code[ARCH_BREAKPOINT_LENGTH]; /* the program's own code */
};

/* The state of the program while it is followed. */
struct watch {
	struct when *when;
	struct report *report;
	pid_t pid;
	int process;        /* a pidfd */
	bool started;       /* the program has been executed */
	bool is_terminal;   /* standard input is a terminal */
	uint64_t input[3];  /* standard input: device, inode, device node; 0: none */
	unsigned long seen; /* WHEN_SYSCALL: number of such calls so far */
	int64_t deadline;   /* WHEN_AFTER */
	bool ended_well;    /* it wanted to exit with 0 */

	/* when_call.c */
	bool found;         /* the program or a library has, or had, the function */
	bool at_entry;      /* the breakpoint is at the program's entry, not at main */
	uint64_t trap[4];   /* the disposition of SIGTRAP, as the kernel's struct */
	int mem;
	struct site *sites; /* breakpoints */
	uint64_t *addresses; /* addresses of the breakpoints */
	size_t site_count, site_room;
	uint64_t *known;    /* mappings of code that have been searched */
	size_t known_count, known_room;
};

/* A system call at its entry. */
struct when_entry {
	pid_t tid;
	uint64_t number;
	uint64_t arguments[6];
};

/* when_stdin.c: records which file is the program's standard input. */
void when_note_input(struct watch *watch);
/* Would the call wait for standard input? */
bool when_waits_for_input(struct watch *watch, const struct when_entry *entry);

/* when_call.c: searches for the function in a program that has just been executed. */
void when_new_program(struct watch *watch);
/* Puts the thread back before the breakpoint that it has met. 1: this is the moment, 0: it is
 * not, -1: there was no breakpoint of ours. */
int when_met_breakpoint(struct watch *watch, pid_t tid);
/* Handles a finished system call, which may have mapped code. */
void when_after_call(struct watch *watch, pid_t tid);
/* Restores the disposition of SIGTRAP in the held process. */
void when_restore_trap(struct watch *watch, struct tracee *tracee);
/* when_clear removes the breakpoints from the process's memory, when_set inserts them. */
void when_clear(struct watch *watch, pid_t pid);
void when_set(struct watch *watch);
void when_free(struct watch *watch);

#endif
