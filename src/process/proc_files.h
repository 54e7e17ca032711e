/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files of a process in /proc.
 */
#ifndef PROCESS_PROC_FILES_H
#define PROCESS_PROC_FILES_H

#include <stdint.h>
#include <stdio.h>

/* Opens a file of the process's directory in /proc. NULL with errno. */
FILE *process_open(int directory, const char *name);
/* The text after NAME ("State:") and blanks in task/TID/status (`tid` 0: in status), stored in
 * `line`. NULL if there is no such line, or the thread has ended. */
const char *process_thread_status(int directory, uint32_t tid, const char *name,
				  char line[256]);
/* The whole line that starts with NAME, which the caller frees; NULL if there is none. */
char *process_status_line(int directory, uint32_t tid, const char *name);
/* The target of a symbolic link there; NULL with errno. The caller frees it. */
char *process_readlink(int directory, const char *name);

#endif
