/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The steps that capture the mappings of a process, in this order.
 */
#ifndef PROCESS_REGIONS_H
#define PROCESS_REGIONS_H

#include "process/process.h"

/* regions.c: adds all mappings to the image. */
void process_capture_regions(struct process *process);

/* origins.c: in a dump that dumps itself, gives each mapping of the dump's file the name that it
 * had in the first process. */
void process_restore_origins(struct process *process);

/* shadows.c: keeps the memory of sanitizers that is marked MADV_DONTDUMP, and warns of other
 * memory that is. */
void process_keep_shadows(struct process *process);

/* numa.c: warns of memory policies. */
void process_warn_policies(struct process *process);

/* breakpoints.c: removes a debugger's breakpoints from code of a file. */
void process_remove_breakpoints(struct process *process);

#endif
