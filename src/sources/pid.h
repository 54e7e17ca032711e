/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Capture from a process that has never heard of us and is held still by ptrace.
 */
#ifndef SOURCES_PID_H
#define SOURCES_PID_H

#include "capture/capture.h"
#include "shared/handoff.h"
#include "ptrace/tracee.h"

struct pid_options {
	uint32_t descriptors; /* handoff_fd: what becomes of those that cannot be made again */
	struct handoff_policy *policies; /* and of single ones; ->next is not used */
	size_t policy_count;
};

/* Captures all of the held process but its memory, which is read later, while it is still held
 * or from the copy. What cannot be kept is in the report, each thing by name. Never NULL: with
 * errors in the report, the image is incomplete. Free with capture->free(capture), before
 * the tracee. */
struct capture *pid_capture(struct tracee *tracee, const struct pid_options *options,
			    struct report *report);

/* Whether a copy of the process has all of the memory that is read later: what is not copied
 * because the program told the kernel so is not in it. */
bool pid_may_copy(const struct capture *capture);

/* Reads memory from the copy (tracee_copy) from now on. 0, or -1 with an error in the report. */
int pid_read_copy(struct capture *capture, pid_t copy, struct report *report);

#endif
