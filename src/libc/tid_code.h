/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which word the kernel clears when a thread ends, and which holds its TID, where the kernel
 * does not report them: in a core, and without CONFIG_CHECKPOINT_RESTORE. libc's own code has
 * both places. All regions must be in the image.
 */
#ifndef LIBC_TID_CODE_H
#define LIBC_TID_CODE_H

#include "arch_code.h"
#include "capture/capture.h"

/* Finds the code that has set up the thread with that thread pointer and TID. False: there is
 * none that is known to be it. */
bool tid_code_find(struct capture *capture, uint64_t base, uint32_t tid,
		   struct arch_tid_code *ret);

/* The address of the word that is cleared when the thread with that thread pointer ends. */
uint64_t tid_code_clear(const struct arch_tid_code *code, uint64_t base);

#endif
