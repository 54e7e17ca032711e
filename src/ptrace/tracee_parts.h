/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Interfaces between the parts of tracee. Only ptrace/ includes this. A file calls only files
 * above it in this list:
 *
 *   tracee_memory.c      memory
 *   tracee_registers.c   registers and signal masks
 *   tracee_wait.c        waits for stops
 *   tracee_check.c       explains why a process cannot be held
 *   tracee_rescue.c      the rescue frame
 *   tracee_rest.c        puts threads back to where they were found
 *   tracee_call.c        system calls, copies of the process
 *   tracee_scm_rights.c  fetches descriptors
 *   tracee_step.c        leaves the vDSO and rseq critical sections
 *   tracee_seize.c       seizes and holds threads
 *   tracee_end.c         lets the process continue, or ends it
 *   tracee_attach.c      holds a process
 */
#ifndef PTRACE_TRACEE_PARTS_H
#define PTRACE_TRACEE_PARTS_H

#include "ptrace/tracee.h"

/* The longest time that a thread may take to stop. */
#define TRACEE_PATIENCE_NS INT64_C(5000000000)
/* The longest time that the kernel may take to end a thread that was killed. */
#define TRACEE_REAPING_NS INT64_C(1000000000)

/* ---- tracee_registers.c ----------------------------------------------------------------- */

int tracee_set_mask(pid_t tid, uint64_t mask);

/* ---- tracee_wait.c ---------------------------------------------------------------------- */

/* Sleeps a little longer each time. */
void tracee_nap(unsigned *microseconds);
/* Parts of waitpid's status: has the process ended; the PTRACE_EVENT_… of a stop, or 0. */
bool tracee_has_ended(int status);
int tracee_event(int status);
/* The signal to continue with from a stop other than the expected one. */
int tracee_signal(const struct tracee *tracee, pid_t tid, int status);
bool tracee_is_zombie(pid_t tid);
/* Waits for a thread to stop. 1; 0 if it has ended; -1 if it did not stop in time. */
int tracee_wait(pid_t tid, int64_t deadline, int *ret_status);
/* Waits until the thread, which has been interrupted, is held. The same results. */
int tracee_wait_until_held(struct tracee *tracee, struct tracee_thread *thread,
			   int64_t deadline);

/* ---- tracee_check.c --------------------------------------------------------------------- */

/* Reports why the thread does not stop when it is interrupted. */
void tracee_explain_stuck(pid_t pid, pid_t tid, struct report *report);
/* Can a seccomp filter forbid the thread a call that this process may do? 1 or 0; -1 with errno
 * if that is unknown. */
int tracee_is_filtered(pid_t tid);

/* ---- tracee_rescue.c -------------------------------------------------------------------- */

/* Finds code to make calls with. 0, or -1 if there is none. */
int tracee_find_code(struct tracee *tracee);
/* Writes a rescue frame, and returns the stack pointer for a call of ours with which the thread
 * returns through it if this process is killed; or the thread's own stack pointer if there can be
 * no such frame. */
uint64_t tracee_make_rescue_frame(struct tracee *tracee, struct tracee_thread *thread);
/* Restores the bytes under the rescue frame in a copy of the process. 0, or -1 with errno. */
int tracee_remove_rescue_frame(const struct tracee_thread *thread, pid_t copy);
/* The same in the process itself, after the thread has been put back. */
void tracee_drop_rescue_frame(struct tracee *tracee, struct tracee_thread *thread);

/* ---- tracee_rest.c ---------------------------------------------------------------------- */

/* Blocks all of the thread's signals except those in `except` until tracee_rest. */
void tracee_mask(struct tracee *tracee, struct tracee_thread *thread, uint64_t except);

/* ---- tracee_call.c ---------------------------------------------------------------------- */

/* Runs the thread to the entry of a system call; 0 or -errno. */
int tracee_enter(struct tracee *tracee, size_t thread, long number,
		 const uint64_t arguments[6]);

/* ---- tracee_step.c ---------------------------------------------------------------------- */

/* Makes the thread leave code in which it cannot be held: the vDSO and rseq critical sections. 0,
 * or -1 with an error. */
int tracee_leave_vdso(struct tracee *tracee, struct tracee_thread *thread,
		      struct report *report);
void tracee_leave_rseq(struct tracee *tracee, struct tracee_thread *thread);

/* ---- tracee_seize.c --------------------------------------------------------------------- */

/* Seizes all threads and waits until they are held. 0, or -1 with an error. */
int tracee_hold_all(struct tracee *tracee, struct report *report);
/* Seizes and holds any one thread of the process, ready for calls. 0, or -1. */
int tracee_hold_one(struct tracee *tracee, struct report *report);
/* Suspends a seccomp filter, which could end the process for a call of ours. 0, or -1 with an
 * error. */
int tracee_suspend_filter(struct tracee *tracee, struct tracee_thread *thread,
			  struct report *report);
/* Opens /proc/PID/mem. 0, or -1 with an error. */
int tracee_open_memory(struct tracee *tracee, struct report *report);

/* ---- tracee_end.c ----------------------------------------------------------------------- */

/* Frees all that belongs to the tracee. */
void tracee_release(struct tracee *tracee);
/* Lets exit() end the tracee, unless it is released before: exit() can come from an allocation
 * that fails while the process does calls of ours. */
void tracee_end_at_exit(struct tracee *tracee);

#endif
