/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * glibc's answers that are in files of their own; struct libc_backend says what they mean.
 */
#ifndef LIBC_GLIBC_H
#define LIBC_GLIBC_H

#include "libc/locks.h"

/* glibc_rseq.c */
bool glibc_find_rseq(struct capture *capture, struct libc_rseq *ret_rseq);
bool glibc_begins_or_ends(struct capture *capture, struct libc_rseq *rseq,
			  const struct arch_thread_place *place);

/* glibc_locks.c */
bool glibc_is_lock(const struct locks_window *window, size_t index, size_t thread_count,
		   struct lock *ret_lock);
enum lock_half_taken glibc_is_half_taken(const uint32_t *words,
					 const struct locks_context *context,
					 struct lock *lock);

/* glibc_exit_list.c */
bool glibc_trim_exit_list(struct capture *capture, const struct exit_list *list);

#endif
