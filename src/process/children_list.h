/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lists the children of a process.
 */
#ifndef PROCESS_CHILDREN_LIST_H
#define PROCESS_CHILDREN_LIST_H

#include <sys/types.h>

/* Calls each(context, child) for the children of all threads of the process whose directory in
 * /proc is open as `proc`: running, or ended and not yet waited for. 0, or -1 with errno. */
int children_list(int proc, void (*each)(void *context, pid_t child), void *context);

#endif
