/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A process all of whose threads are held still by ptrace(2). It can be made to do system
 * calls, and goes on later as if nothing had happened: calls that wait are begun again by
 * the kernel itself with what is left of their time.
 *
 * While a thread does our calls it is not where it belongs. From the first call until
 * tracee_rest (or what implies it) signals to this process wait, so that no Ctrl-C leaves
 * the threads there; exit() puts them back, as tracee_end does; if this process is killed,
 * they find home themselves (tracee_rescue.c). At all other times the kernel lets them go on as
 * they were found when this process ends, and ends the copy.
 */
#ifndef PTRACE_TRACEE_H
#define PTRACE_TRACEE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ptrace.h>
#include <sys/types.h>

#include "arch_machine.h"
#include "arch_registers.h"
#include "shared/plan.h"
#include "base/report.h"

struct tracee_thread {
	pid_t tid;     /* as this process sees it */
	pid_t own_tid; /* as it sees itself; different in another pid namespace; 0: unknown */
	bool held;     /* else it has ended (was killed) */
	/* As it was found, never those of a call of ours. In a system call that was
	 * interrupted: its number and -ERESTART…, with which the kernel begins it again. */
	struct arch_registers registers;
	uint64_t mask; /* signals that it blocked */

	/* For tracee*.c alone. */
	unsigned long options; /* of ptrace */
	bool stopped;  /* by a signal, when it was found */
	bool masked;   /* all its signals are blocked by us */
	bool has_run;  /* since it was found: it is not where it was */
	uint64_t rescue_stack; /* the stack pointer with which it does our calls; 0: none was made */
	struct arch_registers rescued_registers; /* what it leads to */
	void *below;   /* what was there before */
	size_t below_size;
};

struct tracee {
	pid_t pid;
	/* The first of the process first, unless it has ended: then /proc/PID shows no memory.
	 * /proc/TID of threads[0] does. */
	struct tracee_thread *threads;
	size_t count, room;
	int mem;          /* /proc/PID/mem, open for reading and writing */
	uint64_t scratch; /* a page of ours in the process; 0 as long as there is none */

	/* For tracee*.c alone. */
	unsigned long options; /* of ptrace, for threads that are seized */
	bool adopted;
	const uint64_t *breakpoints; /* of ours, in the code */
	size_t breakpoint_count;
	uint64_t instruction;  /* where a system call can be made; 0 until looked for */
	uint64_t call_return, restorer; /* of tracee_rescue.c; 0: there are none */
	struct plan_registers registers; /* of this CPU; no states: not asked yet */
	pid_t copy, own_copy;  /* of tracee_copy; 0 for none */
	struct report *report; /* of tracee_attach: told of a copy that is left */
	bool guarded;          /* this process has its signals blocked, until tracee_rest */
	sigset_t guard;        /* what it blocked before */
};

/* Seizes the process and holds all threads, none of them inside the vDSO or an rseq critical
 * section. 0; or -1 with an error in the report that says why, and the process goes on as it
 * was found. A thread of which is said that it cannot be stopped remains traced until this
 * process ends. */
int tracee_attach(struct tracee *tracee, pid_t pid, struct report *report);

/* The same for a process that this one traces already with these options (PTRACE_O_…); it is
 * ended if it cannot be held. Threads that meet one of the breakpoints on the way are put
 * back before it. */
int tracee_adopt(struct tracee *tracee, pid_t pid, unsigned long options,
		 const uint64_t *breakpoints, size_t breakpoint_count, struct report *report);

/* A system call made by threads[thread]: what the kernel returns, or -errno; -ESRCH: it has
 * been killed. All signals are blocked. Never one that waits. */
long tracee_call(struct tracee *tracee, size_t thread, long number, uint64_t a, uint64_t b,
		 uint64_t c, uint64_t d, uint64_t e, uint64_t f);

/* tracee_do(tracee, thread, number, up to six arguments of any integer type) */
#define TRACEE_DO_6(tracee, thread, number, a, b, c, d, e, f, ...) \
	tracee_call(tracee, thread, number, (uint64_t)(a), (uint64_t)(b), (uint64_t)(c), \
		    (uint64_t)(d), (uint64_t)(e), (uint64_t)(f))
#define tracee_do(...) TRACEE_DO_6(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)

/* A page that arguments may point into, mapped at first need: its address, or 0 with errno.
 * It is a mapping like others (/proc/PID/maps shows it) until tracee_drop_scratch. */
uint64_t tracee_scratch(struct tracee *tracee);
void tracee_drop_scratch(struct tracee *tracee);
#define TRACEE_SCRATCH_SIZE ARCH_PAGE_MIN

/* tracee_scm_rights.c: a copy of the descriptor of that number, which the process sends us: for
 * where pidfd_getfd is forbidden. -1 with errno. Drops the scratch page. */
int tracee_fetch_fd(struct tracee *tracee, int number);

/* All of its memory, whatever the protection. 0, or -1 with errno. */
int tracee_read(struct tracee *tracee, uint64_t address, void *buffer, size_t size);
int tracee_write(struct tracee *tracee, uint64_t address, const void *bytes, size_t size);

/* The registers with which the thread can go on in a dump. A wait that was interrupted before
 * (by SIGSTOP, by another dump) is continued by a system call that no other process can make;
 * in its place is the call that the program made, if its code tells. */
void tracee_registers(struct tracee *tracee, size_t thread, struct arch_registers *ret);

/* ARCH_VECTOR_NOTE, or NT_PRFPREG, of the thread as it was found. 0 and memory that the caller
 * frees, or -1 with errno. */
int tracee_vector(struct tracee *tracee, size_t thread, void **ret, size_t *ret_size);

/* Puts all threads back to where they were found. Calls may follow. */
void tracee_rest(struct tracee *tracee);

/* A child with the same memory, which never runs and shares the descriptors; drops the
 * scratch page first. Its pid, or -errno. Implies tracee_rest. */
pid_t tracee_copy(struct tracee *tracee);

/* The process goes on exactly as it was found, untraced. The copy stays. */
void tracee_go_on(struct tracee *tracee);

/* Ends and reaps the copy, if there is one; for that, one thread of the process is stopped
 * shortly. Warns of a copy that cannot be reaped, in the report of tracee_attach. Lets the
 * process go on, if it is held. Frees. */
void tracee_end(struct tracee *tracee);

/* Ends the process by SIGKILL, and the copy. Frees. */
void tracee_kill(struct tracee *tracee);

/* Ends the process, which is held, with this exit status, as if by its own exit_group().
 * Frees. */
void tracee_exit(struct tracee *tracee, int status);

/* ---- For a process that this one has started (when/) ------------------------------------ */

/* Is there a /proc in which processes can be read? 0, or -1 with an error. */
int tracee_check_proc(struct report *report);
/* Is the process one that can be dumped? 0, or -1 with an error. Changes nothing. */
int tracee_check(pid_t pid, struct report *report);
/* Reports why PTRACE_SEIZE of a thread of the process failed with `error`. */
void tracee_explain(pid_t pid, int error, struct report *report);

/* The registers that the thread has now. 0, or -1 if it has ended. */
int tracee_get_registers(pid_t tid, struct arch_registers *ret);
int tracee_set_registers(pid_t tid, const struct arch_registers *registers);
/* Lets a held thread run by the ptrace request until it stops, and returns waitpid's status;
 * -1: it has ended, and is no longer held. */
int tracee_run(struct tracee_thread *thread, enum __ptrace_request request, int signal);

/* The address of the vDSO; 0, or -1 if there is none. */
int tracee_find_vdso(pid_t pid, uint64_t *ret_start, uint64_t *ret_end);

#endif
