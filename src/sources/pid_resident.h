/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finds the existing pages of shared memory in a held process.
 */
#ifndef SOURCES_PID_RESIDENT_H
#define SOURCES_PID_RESIDENT_H

#include "process/process.h"
#include "ptrace/tracee.h"

/* Fills in the process's list of resident pages, as far as it is needed. Uses the scratch
 * page. */
void pid_ask_resident(struct tracee *tracee, struct process *process);

#endif
