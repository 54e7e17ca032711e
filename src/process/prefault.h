/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finds the pages that a run of a dump has written to.
 */
#ifndef PROCESS_PREFAULT_H
#define PROCESS_PREFAULT_H

#include <sys/types.h>

#include "image/image.h"
#include "image/runs.h"
#include "base/report.h"

/* Finds the pages of process `pid`, which runs a dump of that image and does not run now. 0, or -1 with an error (READ) in the report. */
int prefault_find(struct runs *ret, pid_t pid, const struct image *image,
		  struct report *report);

#endif
