/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A frozen copy of a process as a source of captures.
 */
#ifndef SOURCES_FROZEN_H
#define SOURCES_FROZEN_H

#include "process/process.h"

/* Reads the handoff at `address` through the descriptor `mem`, and checks its version and
 * machine. 0, or -1 with an error in the report. */
int frozen_read_handoff(int mem, uint64_t address, struct handoff *ret_handoff,
			 struct report *report);

/* Captures all of the process except its memory, which is read later, while the copy lives. `dump`:
 * the path that it will be written to. The
 * report names each thing that cannot be preserved. Never NULL; if the report has errors, the
 * image is incomplete. Free with capture->free(capture). */
struct capture *frozen_capture(const struct handoff *handoff, const char *dump,
			       struct report *report);

#endif
