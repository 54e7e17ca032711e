/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Restores the threads of a process without the library: adds a region to the image, with a signal
 * frame for each thread and the code in which they wait for each other.
 */
#ifndef ANALYSIS_TRAMPOLINE_H
#define ANALYSIS_TRAMPOLINE_H

#include "arch_frame.h"
#include "capture/capture.h"

/* Adds the region, and sets image->boot and the frame and thread pointers of each of
 * image->threads, which are in the order of `states`. Needs all regions. Error: NO_ROOM. */
void trampoline_build(struct capture *capture, const struct arch_thread_state *states,
		   struct report *report);

#endif
