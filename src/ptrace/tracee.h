/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A process whose threads are all held by ptrace(2). It can be made to do system calls, and
 * later continues undisturbed: the kernel itself restarts system calls that wait, with their
 * remaining time.
 *
 * While a thread does our calls, its registers are ours. From the first call until tracee_rest
 * (or a function that implies it), signals to this process are blocked, so that Ctrl-C cannot
 * leave the threads in that state. exit() puts the threads back, as tracee_end does. If this
 * process is killed, they return by a rescue frame (tracee_rescue.c). At all other times, when
 * this process ends, the kernel lets the threads continue as they were found, and ends the
 * copy.
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
	pid_t own_tid; /* as it sees itself, in its PID namespace; 0: unknown */
	bool held;     /* if not, it has ended (was killed) */
	/* As found, never those of a call of ours. For an interrupted system call: its number
	 * and -ERESTART…, with which the kernel restarts it. */
	struct arch_registers registers;
	uint64_t mask; /* blocked signals */

	/* For tracee*.c alone. */
	unsigned long options; /* ptrace options */
	bool stopped;  /* stopped by a signal when it was found */
	bool masked;   /* we have blocked all its signals */
	bool has_run;  /* it has run since it was found, and is elsewhere */
	uint64_t rescue_stack; /* the stack pointer for our calls, at the rescue frame; 0: no
			        * frame */
	struct arch_registers rescued_registers; /* the registers in the rescue frame */
	void *below;   /* the bytes that the frame has overwritten */
	size_t below_size;
};

struct tracee {
	pid_t pid;
	/* The process's first thread comes first, unless it has ended. /proc/PID then shows no
	 * memory, but /proc/TID of threads[0] does. */
	struct tracee_thread *threads;
	size_t count, room;
	int mem;          /* /proc/PID/mem, open for reading and writing */
	uint64_t scratch; /* a page of ours in the process; 0: none yet */

	/* For tracee*.c alone. */
	unsigned long options; /* ptrace options for threads that are seized */
	bool adopted;
	const uint64_t *breakpoints; /* addresses of our breakpoints */
	size_t breakpoint_count;
	uint64_t instruction;  /* address of a system call instruction; 0: not searched for
			        * yet */
	uint64_t call_return, restorer; /* addresses found by tracee_rescue.c; 0: none */
	struct plan_registers registers; /* the layout on this CPU; no states: not queried
					  * yet */
	pid_t copy, own_copy;  /* from tracee_copy; 0: none */
	struct report *report; /* from tracee_attach, for a copy that cannot be reaped */
	bool guarded;          /* signals to this process are blocked until tracee_rest */
	sigset_t guard;        /* the signals that were blocked before */
};

/* Seizes the process and holds all threads, none of them inside the vDSO or an rseq critical
 * section. 0; or -1 with an error in the report that gives the reason, and the process
 * continues as it was found. A thread that the error describes as one that cannot be stopped
 * remains traced until this process ends. */
int tracee_attach(struct tracee *tracee, pid_t pid, struct report *report);

/* The same for a process that this one traces already with these options (PTRACE_O_…). The
 * process is ended if it cannot be held. A thread that meets one of the breakpoints until then
 * is put back before it. */
int tracee_adopt(struct tracee *tracee, pid_t pid, unsigned long options,
		 const uint64_t *breakpoints, size_t breakpoint_count, struct report *report);

/* Makes threads[thread] do a system call, which must not wait, with all signals blocked.
 * Returns the kernel's result, -errno on failure; -ESRCH: the thread has been killed. */
long tracee_call(struct tracee *tracee, size_t thread, long number, uint64_t a, uint64_t b,
		 uint64_t c, uint64_t d, uint64_t e, uint64_t f);

/* tracee_do(tracee, thread, number, up to six arguments of any integer type) */
#define TRACEE_DO_6(tracee, thread, number, a, b, c, d, e, f, ...) \
	tracee_call(tracee, thread, number, (uint64_t)(a), (uint64_t)(b), (uint64_t)(c), \
		    (uint64_t)(d), (uint64_t)(e), (uint64_t)(f))
#define tracee_do(...) TRACEE_DO_6(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)

/* A page that arguments may point into, mapped at the first call: its address, or 0 with errno.
 * It is an ordinary mapping, which /proc/PID/maps shows, until tracee_drop_scratch. */
uint64_t tracee_scratch(struct tracee *tracee);
void tracee_drop_scratch(struct tracee *tracee);
#define TRACEE_SCRATCH_SIZE ARCH_PAGE_MIN

/* tracee_scm_rights.c: a copy of the descriptor, which the process sends to us in an SCM_RIGHTS
 * message, for systems that forbid pidfd_getfd. -1 with errno. Drops the scratch page. */
int tracee_fetch_fd(struct tracee *tracee, int number);

/* Reads and writes any memory, whatever its protection. 0, or -1 with errno. */
int tracee_read(struct tracee *tracee, uint64_t address, void *buffer, size_t size);
int tracee_write(struct tracee *tracee, uint64_t address, const void *bytes, size_t size);

/* The registers with which the thread can continue in a dump. If a wait had been interrupted
 * before (by SIGSTOP, by another dump), the kernel continues it by restart_syscall, which
 * cannot continue it in another process. The program's own call takes its place, if the code
 * shows which it was. */
void tracee_registers(struct tracee *tracee, size_t thread, struct arch_registers *ret);

/* The vector registers of the thread as it was found: ARCH_VECTOR_NOTE, or NT_PRFPREG. 0 and
 * memory that the caller frees, or -1 with errno. */
int tracee_vector(struct tracee *tracee, size_t thread, void **ret, size_t *ret_size);

/* Puts all threads back to where they were found. More calls may follow. */
void tracee_rest(struct tracee *tracee);

/* Makes a child with the same memory, which never runs and shares the descriptors. Drops the
 * scratch page first. Returns its PID, or -errno. Implies tracee_rest. */
pid_t tracee_copy(struct tracee *tracee);

/* Lets the process continue exactly as it was found, untraced. The copy stays. */
void tracee_go_on(struct tracee *tracee);

/* Lets an adopted process continue as it was found, and still traces it: its threads stop at their
 * system calls. Frees. */
void tracee_follow(struct tracee *tracee);

/* Ends and reaps the copy, if there is one, for which one thread of the process is stopped
 * briefly. Warns in the report of tracee_attach if the copy cannot be reaped. Lets the process
 * continue if it is held. Frees. */
void tracee_end(struct tracee *tracee);

/* Ends the process, by SIGKILL, and the copy. Frees. */
void tracee_kill(struct tracee *tracee);

/* Ends the held process with this exit status, as its own exit_group() would. Frees. */
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
