/* SPDX-License-Identifier: MIT
 *
 * Other threads: parked for a dump, made again in it.
 */
#ifndef LIB_PARK_H
#define LIB_PARK_H

#include "state.h"

/* Reserves what parking needs, once; before anything is stopped. 0 or an errno. */
int park_reserve(void);

/* Describes the calling thread and, if `others`, parks all other threads; fills in what
 * the handoff says of threads. One that does not come in time is not HANDOFF_PARKED; the
 * writer names it. Takes no locks, and from here to park_release nothing may. */
void park_threads(struct handoff *handoff, bool others);

/* Lets the parked threads of the original go on. */
void park_release(void);

/* In the copy: the action that the parking signal had before, the program's, is the dump's. */
void park_in_copy(struct handoff_signal signals[HANDOFF_SIGNALS]);

/* In a dump: waits until each other thread is at the gate; lets them go. */
void park_await_all(struct boot *boot);
void park_let_go(struct boot *boot);

#endif
