/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Processes are held by ptrace, made to do system calls, copied and released, several times.
 * Each must end as it would have ended without that.
 */
#ifndef TESTS_HOLD_H
#define TESTS_HOLD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

#include "ptrace/tracee.h"

/* A condition that must hold, in the test or in a process of it. */
#define CHECK(condition) ((condition) ? (void)0 : hold_fail(__FILE__, __LINE__, #condition))
__attribute__((noreturn)) void hold_fail(const char *file, int line, const char *text);

/* Memory that the test shares with the process. */
struct hold_shared {
	atomic_int ready; /* the process is about to be what it is held for */
	atomic_int woken; /* it has been held, and shall come to its end */
	atomic_int count, other;
	atomic_int slow;  /* it has waited for too long, or was held too late */
	int pipe[2];      /* for what it waits for */
};
extern struct hold_shared *hold_shared;

struct hold_case {
	const char *name;
	void (*run)(void);       /* in the process; that it returns is success */
	void (*wake)(pid_t pid); /* in the test, when it has been held; NULL: nothing */
	void (*hold)(pid_t pid); /* in the test; NULL: hold_thrice */
	int status;              /* waitpid's, of the process */
};

/* Ends in a case without a name. */
extern const struct hold_case hold_calls[], hold_states[], hold_refusals[];

/* Holds it, has it do some calls, copies it, lets it go on. */
void hold_once(pid_t pid);
void hold_thrice(pid_t pid);

/* It cannot be held, and this text is in the one line that says why. */
void hold_expect(pid_t pid, const char *text);

/* In the process: it is about to wait. */
void hold_ready(void);
/* Milliseconds since the process began to wait. */
double hold_elapsed(void);
/* True if the process has waited for about WAIT_MS. */
bool hold_was_a_wait(void);
#define WAIT_MS 400

/* Sleeps. */
void hold_sleep(int milliseconds);
/* The letter of the process's state in /proc. */
char hold_state(pid_t pid);
/* True if the process is in that state, or soon is. */
bool hold_becomes(pid_t pid, char state);

#endif
