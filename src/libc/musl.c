/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * musl. Most of what a dump needs comes from what is common to all libcs: the TID word is found
 * by code (tid_code.c), environ by its symbol, and there is no area for restartable sequences.
 * The questions without an answer, and where one would come from:
 *
 *   is_lock, is_half_taken  the owner's TID is in _m_lock (src/internal/pthread_impl.h)
 *   thread_stack            ends at `stack` and has stack_size bytes (struct pthread, there)
 *   trim_exit_list          blocks of 32 functions, not mangled (src/exit/atexit.c)
 */
#include "libc/libc.h"

const struct libc_backend libc_musl = {
	.name = "musl",
	.robust_distance = -28,
	.canary_zero_byte = 1, /* src/env/__stack_chk_fail.c */
};
