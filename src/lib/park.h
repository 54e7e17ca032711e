/* SPDX-License-Identifier: MIT
 *
 * The other threads of the process: parked during a dump, restored in it.
 */
#ifndef LIB_PARK_H
#define LIB_PARK_H

#include "state.h"

#define PARK_SIGNAL 33

/* Reserves memory for parking, once, before anything is stopped. Returns 0 or an errno. */
int park_reserve(void);

/* Describes the calling thread and, if `others`, parks all other threads and describes them
 * in the handoff. A thread that does not park in time is not HANDOFF_PARKED; the writer
 * reports it. Takes no locks; until park_release(), no code may. */
void park_threads(struct handoff *handoff, bool others);

/* queued.c. Reads signals that are queued for this thread and, with `shared`, for the process.
 * queued_begin() comes before park_threads(), queued_finish() after it: it reads the caller's and
 * the process's. */
void queued_begin(void);
void queued_read(uint32_t tid, bool shared);
void queued_finish(struct handoff *handoff);

/* Releases the parked threads of the original. */
void park_release(void);

/* In the copy: makes the program's previous action of the parking signal the dump's. */
void park_in_copy(struct handoff_signal signals[HANDOFF_SIGNALS]);

/* In a dump: waits until all other threads are at the gate; opens the gate. */
void park_await_all(struct boot *boot);
void park_let_go(struct boot *boot);

#endif
