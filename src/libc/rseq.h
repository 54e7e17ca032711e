/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Restartable sequences of a process whose kernel does not say where they are registered: as
 * libc's variables tell it. All regions must be in the image.
 */
#ifndef LIBC_RSEQ_H
#define LIBC_RSEQ_H

#include "arch_tool.h"
#include "capture/capture.h"

struct rseq_place {
	bool known;
	int64_t offset;  /* from the thread pointer */
	uint32_t length; /* 0: not registered */
	uint64_t code;   /* the system call by which new threads register it; 0: not looked for */
};

struct rseq_place rseq_find(struct capture *capture);

/* Fills in what is registered for the thread that is at `at`, if anything is. */
void rseq_of_thread(struct capture *capture, struct rseq_place *place,
		    const struct arch_thread_place *at, struct plan_thread *thread);

#endif
