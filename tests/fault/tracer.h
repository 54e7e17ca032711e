/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs a command, follows all its processes and threads, and makes one system call of one of
 * them fail, or kills one of them at the beginning of a call. It uses ptrace, because the
 * dumped process could not get rid of a seccomp filter.
 */
#ifndef TESTS_TRACER_H
#define TESTS_TRACER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Processes and threads are numbered in the order in which they appear. */
#define TRACER_ROLES 8
#define TRACER_CALLS 20000 /* of each role; further calls are not recorded */

#define FAULT_OTHER TRACER_ROLES

enum fault_kind {
	FAULT_NONE,   /* calls are counted */
	FAULT_CALL,   /* a call fails */
	FAULT_TRACEE, /* the same, but only ptrace() calls that make another process do a call
			 count; that call fails */
	FAULT_KILL,   /* SIGKILL at the beginning of a call */
	FAULT_ORPHAN  /* the same, but tasks that the kernel ends as a result end only after the
			 caller: the kernel may be that slow */
};

struct fault {
	enum fault_kind kind;
	unsigned role;
	unsigned at;     /* the number of its call, from 1 */
	unsigned victim; /* the killed task: a role, or FAULT_OTHER */
};

struct command {
	const char *const *argv;
	const char *input, *output, *errors;  /* files */
	const volatile uint32_t *armed;       /* calls count while it is not 0; NULL: always */
	bool until_return; /* only calls before a process's first rt_sigreturn count */
	pid_t other;       /* FAULT_OTHER, not our child */
	bool loads;        /* a signal may end the program before it reaches main() */
	bool leave_first;  /* the first process is not followed after its first child */
};

struct role {
	unsigned count;
	uint16_t calls[TRACER_CALLS]; /* their system call numbers */
};

struct outcome {
	int status;       /* of the first process: exit status, or 128 and the signal */
	bool done;        /* the fault has happened */
	bool hung;        /* it exceeded the time limit and was killed */
	int crash;        /* a signal except SIGKILL that has ended a process; 0: none */
	unsigned crashed; /* its role */
	char place[256];  /* the file whose code crashed; or the tasks left and their calls */
	bool stray;       /* a process was left long after the first had ended */
	long call;        /* the call that failed, or at which a process was killed */
	uint64_t argument; /* its first argument */
	int error;        /* the errno */
	char of[64];      /* the file of the descriptor in its first argument, or "" */
	unsigned role_count;
	struct role roles[TRACER_ROLES];
};

/* False for calls that never fail. */
bool tracer_can_fail(long call);

/* Runs the command. Returns false if ptrace is forbidden. */
bool trace(const struct command *command, const struct fault *fault, struct outcome *outcome);

#endif
