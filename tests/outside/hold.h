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

/* Fails unless the condition holds, in the test or in one of its processes. */
#define CHECK(condition) ((condition) ? (void)0 : hold_fail(__FILE__, __LINE__, #condition))
__attribute__((noreturn)) void hold_fail(const char *file, int line, const char *text);

/* Memory that the test shares with the process. */
struct hold_shared {
	atomic_int ready; /* the process is about to enter the state to be tested */
	atomic_int woken; /* the process has been held and now ends */
	atomic_int count, other;
	atomic_int slow;  /* the process waited too long, or was held too late */
	int pipe[2];      /* the event that it waits for */
};
extern struct hold_shared *hold_shared;

struct hold_case {
	const char *name;
	void (*run)(void);       /* in the process; returning is success */
	void (*wake)(pid_t pid); /* in the test, when it has been held; NULL: nothing */
	void (*hold)(pid_t pid); /* in the test; NULL: hold_thrice */
	int status;              /* waitpid's, of the process */
};

/* Ends in a case without a name. */
extern const struct hold_case hold_calls[], hold_states[], hold_refusals[];

/* Holds the process, makes it do some calls, copies it, and lets it continue. */
void hold_once(pid_t pid);
void hold_thrice(pid_t pid);

/* Checks that the process cannot be held, and that the one line of reason has this text. */
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
/* True if the process is in that state, or gets there soon. */
bool hold_becomes(pid_t pid, char state);

#endif
