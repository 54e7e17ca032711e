/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The word that the kernel clears when a thread ends, and the one that holds its TID, found by
 * the code in which libc introduces its first thread to the kernel. Needed where the kernel does
 * not report the former: in a core, and without CONFIG_CHECKPOINT_RESTORE.
 */
#ifndef LIBC_TID_CODE_H
#define LIBC_TID_CODE_H

#include "arch_code.h"
#include "capture/capture.h"

/* Finds the code that has set up a thread with that thread pointer and TID. All regions must be
 * in the image. False: there is none, or none that agrees with the thread. */
bool tid_code_find(struct capture *capture, uint64_t base, uint32_t tid,
		   struct arch_tid_code *ret);

/* The address of the word that is cleared when that thread ends. */
uint64_t tid_code_clear(const struct arch_tid_code *code, uint64_t base);

#endif
