/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Memory that the program excludes from core dumps.
 */
#ifndef PROCESS_SHADOWS_H
#define PROCESS_SHADOWS_H

#include "process/process.h"

/* Records memory with MADV_DONTDUMP; process_keep_shadows decides about it. */
void process_note_not_dumped(struct process *process, struct range range);

/* Warns of memory that is zero in the dump. */
void process_warn_zeroed(struct process *process, struct range range, const char *name);

#endif
