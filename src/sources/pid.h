/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Captures a process that does not use the library, held by ptrace.
 */
#ifndef SOURCES_PID_H
#define SOURCES_PID_H

#include "capture/capture.h"
#include "process/inherited.h"
#include "shared/handoff.h"
#include "ptrace/tracee.h"

struct pid_options {
	uint32_t descriptors; /* handoff_fd: the policy for descriptors that cannot be
			       * restored */
	struct handoff_policy *policies; /* policies of single descriptors; ->next is not
					  * used */
	size_t policy_count;
	const struct inherited *inherited; /* what is not the process's own, or NULL */
	uint32_t lose; /* enum unexec_lose */
	uint32_t children; /* enum unexec_children */
	uint32_t standard_input; /* enum unexec_stdin */
	const char *dump; /* the path that it will be written to; NULL for a stream */
	uint32_t files; /* enum unexec_files */
	uint32_t directory; /* enum unexec_directory, handoff_directory */
	uint32_t argv0; /* enum unexec_argv0 */
	uint32_t environment; /* enum unexec_environment */
};

/* Captures all of the held process except its memory, which is read later, while the process is
 * still held or from the copy. The report names each thing that cannot be preserved. Never
 * NULL; if the report has errors, the image is incomplete. Free with capture->free(capture),
 * before the tracee. */
struct capture *pid_capture(struct tracee *tracee, const struct pid_options *options,
			    struct report *report);

/* Does a copy of the process have all memory that is read later? Memory that the program has
 * excluded from copies (MADV_DONTFORK) is missing. */
bool pid_may_copy(const struct capture *capture);

/* Switches to the copy (tracee_copy) for reading memory. 0, or -1 with an error in the
 * report. */
int pid_read_copy(struct capture *capture, pid_t copy, struct report *report);

#endif
