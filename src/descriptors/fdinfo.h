/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * /proc/PID/fdinfo: what the kernel reports about a descriptor.
 */
#ifndef DESCRIPTORS_FDINFO_H
#define DESCRIPTORS_FDINFO_H

#include "process/process.h"

/* Reads the descriptor's file in fdinfo. Returns the text, as far as it could be read; errors
 * are in the report. The caller frees the text. */
char *fdinfo_read(struct process *process, int proc, int number);
/* The number after `key` in that text, in the base of sscanf's conversion 'd', 'o' or 'x';
 * `otherwise` if the key is missing. */
uint64_t fdinfo_number(const char *info, const char *key, int conversion, uint64_t otherwise);

#endif
