/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads about processes and threads from /proc.
 */
#ifndef BASE_TASK_H
#define BASE_TASK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Reads the start of /proc/TID/NAME. 0; or "" and -1 with errno. */
int task_read(pid_t tid, const char *name, char *ret, size_t size);

/* Returns the text after "KEY:" and blanks in /proc/TID/status; "" if the key is missing. 0, or
 * -1 with errno if the file cannot be read. */
int task_status(pid_t tid, const char *key, char *ret, size_t size);

/* The same as a number; -1 if it is missing. */
long task_status_number(pid_t tid, const char *key);

/* The number of its seccomp filters. Kernels before 5.9 do not count: 1 for any number. Strict mode
 * counts as one. */
uint32_t task_filters(pid_t tid);

/* The time at which it began, which distinguishes processes of one number; 0: there is none. */
uint64_t task_start(pid_t tid);

/* The name of the thread or process. */
void task_name(pid_t tid, char ret[17]);

/* The kernel's flags of a task (include/linux/sched.h), from its stat file. EXITING: it is about
 * to lose its resources, or has ended; also returned if the file cannot be read. IO_WORKER: a
 * thread of io_uring, listed among the threads of the process since Linux 5.12; it never runs the
 * program's code. */
#define PF_EXITING 0x4
#define PF_IO_WORKER 0x10
#define PF_KTHREAD 0x00200000
unsigned task_flags(int directory, const char *name);

#endif
