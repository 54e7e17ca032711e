/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How the threads of a process come back that has no library in it: a region that is added to
 * the image, with a signal frame for each and the code that they wait in for each other.
 */
#ifndef ANALYSIS_TRAMPOLINE_H
#define ANALYSIS_TRAMPOLINE_H

#include "arch_frame.h"
#include "capture/capture.h"

/* Adds the region and makes it part of the plan: image->boot, and the frame and the bases of
 * each of image->threads, which are in the order of `states`. All regions must be there. An
 * error (NO_ROOM) is in the report. */
void trampoline_build(struct capture *capture, const struct arch_thread_state *states,
		   struct report *report);

#endif
