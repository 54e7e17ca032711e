/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The steps that capture what the kernel keeps of a process, in this order.
 */
#ifndef PROCESS_KERNEL_STATE_H
#define PROCESS_KERNEL_STATE_H

#include <sys/types.h>

#include "process/process.h"

/* kernel_state.c: threads, signals, settings. */
void process_capture_state(struct process *process);

/* protection.c: what protects the process. */
void process_capture_protection(struct process *process);
/* The plan_speculation of a thread by two lines of its status, since 4.17 and 5.12
 * (kernel: fs/proc/array.c). */
uint32_t process_speculation(const char *store_bypass, const char *indirect_branch);

/* rights.c: the user IDs and capabilities, if the process has given up some. */
void process_capture_rights(struct process *process);

/* settings.c: settings that the process has changed itself. */
void process_capture_settings(struct process *process);

pid_t process_parent(struct process *process); /* 0: it has ended, or is outside of a container */

/* directory.c: the working directory and the umask, if the process has changed them itself. */
void process_capture_directory(struct process *process);
void process_capture_umask(struct process *process);

/* apart.c: refuses threads that do not share what the threads of a dump share; warns of
 * namespaces and a root directory that differ from those of the parent (0: unknown). */
void process_check_apart(struct process *process);
void process_warn_namespaces(struct process *process, pid_t parent);

/* Would a child be in another PID namespace (unshare(2))? A copy would be its PID 1. */
bool process_children_are_apart(const struct process *process);

/* queued.c: pending signals with their values. */
void process_capture_queued(struct process *process);

/* sysv.c: warns of System V semaphores and message queues. */
void process_warn_sysv(struct process *process);

/* timers.c: POSIX timers. */
void process_capture_timers(struct process *process);

/* children.c: refuses children of the process, or warns of them. */
void process_check_children(struct process *process);

#endif
