/* SPDX-License-Identifier: MIT
 *
 * Locks on files.
 */
#include <linux/fcntl.h>

#include "descriptors.h"

/* LOCK_SH, LOCK_EX, LOCK_NB */
enum { FLOCK_SHARED = 1, FLOCK_EXCLUSIVE = 2, FLOCK_NONBLOCK = 4 };

void restore_lock(struct fd_step *step)
{
	const struct plan_file *file = step->file;
	struct flock range = {
		.l_type = (short)file->lock.type,
		.l_start = (int64_t)file->lock.start,
		.l_len = (int64_t)file->lock.length,
	};
	int whole = file->lock.type == F_WRLCK ? FLOCK_EXCLUSIVE : FLOCK_SHARED;
	long result;

	if (file->lock.which == PLAN_LOCK_FLOCK)
		result = sys(__NR_flock, file->number, FLOCK_NONBLOCK | whole);
	else
		result = sys(__NR_fcntl, file->number,
			     file->lock.which == PLAN_LOCK_OFD ? F_OFD_SETLK : F_SETLK, &range);
	fd_must(step, "lock", result);
}
