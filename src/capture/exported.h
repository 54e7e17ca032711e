/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the objects in a process export: by the tables in memory, no file is read.
 */
#ifndef CAPTURE_EXPORTED_H
#define CAPTURE_EXPORTED_H

#include "capture/capture.h"

/* The address of the function of that name that the object exports which begins where the
 * region does; 0: it does not, or none does. */
uint64_t capture_exported_by(struct capture *capture, const struct region *region,
			     const char *name);

/* capture_peek for those who want a function: `context` is the struct capture. */
int capture_peek_at(void *context, uint64_t address, void *buffer, size_t length);

#endif
