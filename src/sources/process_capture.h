/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The steps that a frozen copy and a process held by ptrace have in common.
 */
#ifndef SOURCES_PROCESS_CAPTURE_H
#define SOURCES_PROCESS_CAPTURE_H

#include "process/process.h"

/* Does all steps that are the same for all processes. Needs the lists of `process`. */
void process_capture_all(struct process *process);

/* Finds addresses in the image for the content of shared memory: struct analysis' `place`. */
void process_place_objects(struct capture *capture);

#endif
