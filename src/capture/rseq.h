/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Restartable sequences of a process whose kernel does not say where they are registered: as
 * libc's variables tell it. All regions must be in the image.
 */
#ifndef CAPTURE_RSEQ_H
#define CAPTURE_RSEQ_H

#include "capture/capture.h"

struct rseq_place {
	bool known;
	int64_t offset;  /* from the thread pointer */
	uint32_t length; /* 0: not registered */
};

struct rseq_place rseq_find(struct capture *capture);

/* Fills in what is registered for the thread whose thread pointer is `base`, if anything is. */
void rseq_of_thread(struct capture *capture, const struct rseq_place *place, uint64_t base,
		    struct plan_thread *thread);

#endif
