/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The content of a large private mapping of a file that has holes.
 */
#ifndef PROCESS_FILE_HOLES_H
#define PROCESS_FILE_HOLES_H

#include "process/process.h"

/* Adds to the region as data what is not a hole of the file, and the pages in holes that the process
 * has. -1 if the file cannot be opened or does not report its holes; then nothing is added. */
int file_holes_add_data(const struct process *process, const struct smaps_entry *entry,
			struct region *region);

#endif
