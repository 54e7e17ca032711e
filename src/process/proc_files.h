/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files of a process in /proc.
 */
#ifndef PROCESS_PROC_FILES_H
#define PROCESS_PROC_FILES_H

#include <stdio.h>

/* Opens a file of the process's directory in /proc. NULL with errno. */
FILE *process_open(int directory, const char *name);
/* The target of a symbolic link there; NULL with errno. The caller frees it. */
char *process_readlink(int directory, const char *name);

#endif
